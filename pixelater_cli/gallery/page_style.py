"""Styles of the before/after page: a slider and two switches, without scripts.

With a mouse or a keyboard, a slider is a row of transparent radio buttons over the picture: the
edge follows the pointer, and stays where a button is checked. On touch screens it is a box that
scrolls sideways: its content is twice as wide, the pictures stay where they are (sticky), and the
left half of the content cuts the photo off (clip-path), so that the edge follows the finger.
"""

from __future__ import annotations

from collections.abc import Iterator

STOPS = 20
"""Steps of a slider."""

BASE = """
:root { color-scheme: light dark; --ink: #1d1d1f; --faint: #5c5c64; --ground: #fafafa;
  --line: #d0d0d6; --mark: #0b57d0; --on-mark: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececf0; --faint: #a6a6b0; --ground: #17171a;
  --line: #3c3c44; --mark: #a8c7fa; --on-mark: #062e6f; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--ground);
  font: 1rem/1.5 system-ui, sans-serif; }
header, main { max-width: 80rem; margin: 0 auto; padding: 1rem 1.5rem; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
h2 span, p { color: var(--faint); font-weight: normal; font-size: .9rem; }
p { margin: .25rem 0 0; }
nav { position: sticky; top: 0; z-index: 1; background: var(--ground);
  border-bottom: 1px solid var(--line); }
nav > div { max-width: 80rem; margin: 0 auto; padding: .5rem 1.5rem; display: flex;
  flex-wrap: wrap; gap: .5rem 2rem; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; display: flex; flex-wrap: wrap;
  align-items: center; gap: .25rem .4rem; }
legend { float: left; padding: 0; margin-right: .3rem; color: var(--faint); font-size: .9rem; }
nav label { position: relative; border: 1px solid var(--line); border-radius: 1rem; cursor: pointer;
  padding: .15rem .8rem; font-size: .9rem; }
nav label:has(:checked) { background: var(--mark); border-color: var(--mark);
  color: var(--on-mark); }
nav label:has(:focus-visible), .slider:has(:focus-visible), .slider:focus-visible {
  outline: 3px solid var(--mark); outline-offset: 2px; }
nav input { position: absolute; inset: 0; margin: 0; opacity: 0; cursor: pointer; }
section { padding: 1rem 0 1.5rem; }
section + section { border-top: 1px solid var(--line); }
.pair { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; align-items: flex-start; }
.slider { position: relative; overflow: hidden; border-radius: .4rem; --x: 50%; }
.track { position: relative; display: grid; }
.track > div { grid-area: 1 / 1; min-width: 0; }
.pin { position: relative; }
.pin > img, .pin > svg, .strip svg { display: block; width: 100%; height: auto; }
.pin > span { position: absolute; bottom: .5rem; padding: .05rem .6rem; border-radius: 1rem;
  background: #000b; color: #fff; font-size: .8rem; }
.before span { left: .5rem; }
.after span { right: .5rem; }
.after { visibility: hidden; }
image { image-rendering: pixelated; }
.before { z-index: 1; clip-path: inset(0 calc(100% - var(--x)) 0 0); }
.edge { position: absolute; z-index: 2; top: 0; bottom: 0; left: var(--x); width: 2px;
  margin-left: -1px; background: #fff; box-shadow: 0 0 2px #000a; pointer-events: none; }
.edge::after { content: "\\2039\\2009\\203a"; position: absolute; top: 50%; left: 50%;
  width: 2.25rem; height: 2.25rem; transform: translate(-50%, -50%); border-radius: 50%;
  background: #fff; color: #333; font: bold 1.4rem/1.9rem system-ui, sans-serif;
  text-align: center; box-shadow: 0 0 4px #000a; }
.stops { position: absolute; inset: 0; z-index: 3; display: flex; }
.stops input { appearance: none; flex: 1; margin: 0; opacity: 0; cursor: ew-resize; }
.strip { list-style: none; margin: 0; padding: 0; display: grid; flex: 1 1 12rem; gap: .75rem;
  grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); min-width: 0; max-width: 45rem; }
.strip label { display: block; cursor: pointer; font-size: .85rem; color: var(--faint);
  text-align: center; }
.strip svg { border-radius: .25rem; margin-bottom: .2rem; }
body:has(#only-before:checked) .before { clip-path: none; }
body:has(#only-after:checked) .before { visibility: hidden; }
body:has(.only:checked) :is(.edge, .stops) { display: none; }
@media (prefers-reduced-motion: no-preference) {
  .before { transition: clip-path .12s; } .edge { transition: left .12s; } }
@media (hover: none) and (pointer: coarse) {
  .slider { overflow-x: scroll; overscroll-behavior-x: contain; scrollbar-width: none;
    animation: center .5s; }
  .track { width: 200%; }
  .pin { position: sticky; left: 0; width: 50%; }
  .before { clip-path: inset(0 50% 0 0); transition: none; }
  .edge { left: 50%; scroll-snap-align: center; transition: none; }
  .stops { display: none; }
  body:has(.only:checked) .slider { overflow: hidden; } }
@keyframes center { from, to { scroll-snap-type: x mandatory; } }
@media (max-width: 40rem) { header, main { padding: 1rem; } nav > div { padding: .5rem 1rem; }
  nav label { padding: .15rem .5rem; font-size: .85rem; }
  legend { position: absolute; clip-path: inset(50%); }
  .strip { grid-template-columns: repeat(auto-fill, minmax(3.75rem, 1fr)); gap: .75rem .5rem; } }
@media print { nav, .edge { display: none; } }
""".strip()


def list_styles(grids: int) -> Iterator[str]:
    """Yield the styles of a page whose photos have so many mosaics at most."""
    yield BASE
    for number in range(1, grids + 1):
        chosen = f"body:has(#cells-{number}:checked)"
        yield f"{chosen} .after:nth-child({number}) {{ visibility: inherit; }}"
        yield (
            f"{chosen} label[for=cells-{number}] svg "
            "{ outline: 3px solid var(--mark); outline-offset: 1px; }"
        )
    for state in ("checked", "hover"):
        for stop in range(STOPS + 1):
            place = f".slider:has(.stops :nth-child({stop + 1}):{state})"
            yield f"{place} {{ --x: {100 * stop // STOPS}%; }}"
