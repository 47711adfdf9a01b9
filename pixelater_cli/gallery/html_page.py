"""The before/after page: a self-contained HTML file without scripts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from pixelater.thumbnails import EncodedThumbnail, PhotoThumbnails
from pixelater_cli.gallery import markers

MAX_PAGE_PHOTOS = 200
"""Browsers are slow with larger pages; each photo takes about 100 kB."""


STYLE = """
:root { color-scheme: light dark; --ink: #1d1d1f; --faint: #62626a; --ground: #fafafa;
  --line: #d0d0d6; --mark: #0b57d0; --on-mark: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececf0; --faint: #a0a0aa; --ground: #17171a;
  --line: #3c3c44; --mark: #a8c7fa; --on-mark: #062e6f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 90rem; color: var(--ink);
  background: var(--ground); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 span, p, figcaption { color: var(--faint); font-weight: normal; font-size: .9rem; }
p { margin: .25rem 0 0; }
section { margin-top: 1.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
fieldset { position: relative; border: 0; margin: 0; padding: 0; display: grid; gap: .75rem 1.25rem;
  grid-template-columns: 1fr 1fr; }
legend { padding: 0; width: 100%; }
.choices { grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: baseline;
  gap: .25rem .5rem; color: var(--faint); font-size: .9rem; }
label { border: 1px solid var(--line); border-radius: 1rem; padding: .1rem .8rem; cursor: pointer;
  color: var(--ink); }
input { position: absolute; opacity: 0; }
figure { margin: 0; }
img { display: block; height: auto; object-fit: fill; }
.after img { image-rendering: pixelated; }
@media (max-width: 40rem) { body { padding: 1rem; } fieldset { grid-template-columns: 1fr; } }
""".strip()

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{mark}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}
{choices}
</style>
</head>
<body>
<h1>Before and after</h1>
<p>{note}</p>
{sections}
</body>
</html>
"""


def make_page(titles: Sequence[str], previews: Sequence[PhotoThumbnails], more: int = 0) -> str:
    """Return the page of photos and their mosaics, with the number of photos left out."""
    shown = list(zip(titles, previews, strict=True))[:MAX_PAGE_PHOTOS]
    more += len(previews) - len(shown)
    note = "This page contains small copies of the photos: do not publish it without consent."
    return TEMPLATE.format(
        mark=markers.PAGE_META,
        title=escape(f"{titles[0]}, before and after") if len(titles) == 1 else "Mosaics",
        style=STYLE,
        choices="\n".join(_style_choices(max(len(preview.mosaics) for preview in previews))),
        note=note + (f" {more} more are not shown." if more else ""),
        sections="\n".join(
            _write_section(escape(title), preview, place)
            for place, (title, preview) in enumerate(shown)
        ),
    )


def _style_choices(most: int) -> Iterator[str]:
    """Yield styles that show the selected mosaic. A page without styles shows all."""
    for number in range(1, most + 1):
        chosen = f"input:nth-of-type({number})"
        yield (
            f"{chosen}:not(:checked) ~ .after > :nth-child({number}) {{ display: none; }}\n"
            f"{chosen}:checked ~ .choices :nth-child({number + 1}) {{ background: var(--mark);"
            " border-color: var(--mark); color: var(--on-mark); }\n"
            f"{chosen}:focus-visible ~ .choices :nth-child({number + 1})"
            " { outline: 3px solid var(--mark); outline-offset: 2px; }"
        )


def _write_section(title: str, preview: PhotoThumbnails, place: int) -> str:
    """Return a photo's section; `title` is escaped. Styles need the radio buttons first."""
    first = min(1, len(preview.mosaics) - 1)
    inputs = _join(
        f'<input type="radio" name="g{place}" id="g{place}-{n}"{" checked" * (n == first)}>'
        for n in range(len(preview.mosaics))
    )
    labels = _join(
        f'<label for="g{place}-{n}">{mosaic.grid} x {mosaic.grid}</label>'
        for n, mosaic in enumerate(preview.mosaics)
    )
    after = _join(
        f"<figure>{_write_image(preview, mosaic, f'{title} in {size} cells')}\n"
        f"<figcaption>after, {size}</figcaption></figure>"
        for mosaic in preview.mosaics
        for size in [f"{mosaic.grid} x {mosaic.grid}"]
    )
    return f"""<section>
<fieldset>
<legend><h2>{title} <span>{preview.width} x {preview.height}</span></h2></legend>
{inputs}
<div class="choices"><span>Cells</span>
{labels}
</div>
<figure>{_write_image(preview, preview.photo, f"{title}, original")}
<figcaption>before</figcaption></figure>
<div class="after">
{after}
</div>
</fieldset>
</section>"""


def _write_image(preview: PhotoThumbnails, copy: EncodedThumbnail, words: str) -> str:
    """Return an image element with the photo's aspect ratio, no higher than the window."""
    data = b64encode(copy.data).decode()
    shape = f"{preview.width} / {preview.height}"
    return (
        f'<img src="data:{copy.media_type};base64,{data}" alt="{words}"'
        f' style="aspect-ratio: {shape}; width: min(100%, 80vh * {shape})">'
    )


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines)
