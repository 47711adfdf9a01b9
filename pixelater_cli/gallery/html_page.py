"""The before/after page: a self-contained HTML file without scripts.

Each photo has a slider between itself and a mosaic, and a strip of all its mosaics; switches at the
top choose the number of cells, and before, after or both, for all photos (`page_style`).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from pixelater.thumbnails import EncodedThumbnail, PhotoThumbnails
from pixelater_cli.gallery import markers, page_style

MAX_PAGE_PHOTOS = 200
"""Browsers are slow with larger pages; each photo takes about 100 kB."""

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""No request, and no script (https://www.w3.org/TR/CSP3/)."""

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{mark}
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<header>
<h1>Before and after</h1>
<p>{note}</p>
</header>
<nav aria-label="For all photos"><div>
{switches}
</div></nav>
<main>
{sections}
</main>
</body>
</html>
"""


def make_page(titles: Sequence[str], previews: Sequence[PhotoThumbnails], more: int = 0) -> str:
    """Return the page of photos and their mosaics, with the number of photos left out."""
    shown = list(zip(titles, previews, strict=True))[:MAX_PAGE_PHOTOS]
    more += len(previews) - len(shown)
    note = "This page contains small copies of the photos: do not publish it without consent."
    names = _name_mosaics([preview for _, preview in shown])
    return TEMPLATE.format(
        mark=markers.PAGE_META,
        policy=POLICY,
        title=escape(f"{titles[0]}, before and after") if len(titles) == 1 else "Mosaics",
        style="\n".join(page_style.list_styles(len(names))),
        note=note + (f" {more} more are not shown." if more else ""),
        switches="\n".join(_write_switches(names)),
        sections="\n".join(
            _write_section(escape(title), preview, place)
            for place, (title, preview) in enumerate(shown)
        ),
    )


def _name_mosaics(previews: Sequence[PhotoThumbnails]) -> list[str]:
    """Name the mosaics for the switch: by their cells, or by their grid where photos differ."""
    longest = max(previews, key=lambda preview: len(preview.mosaics)).mosaics
    return [
        mosaic.title
        if {each.mosaics[place].title for each in previews if len(each.mosaics) > place}
        == {mosaic.title}
        else f"{mosaic.grid} cells"
        for place, mosaic in enumerate(longest)
    ]


def _write_switches(names: Sequence[str]) -> Iterator[str]:
    """Yield the switches for all photos; their labels in the strips are others."""
    chosen = min(1, len(names) - 1)
    inputs = [
        f'<label><input type="radio" name="cells" id="cells-{place}" aria-label="{name}"'
        f"{' checked' * (place == chosen + 1)}>{name}</label>"
        for place, name in enumerate(names, 1)
    ]
    yield _write_fieldset("Cells", inputs)
    kinds = {"before": ' class="only"', "both": " checked", "after": ' class="only"'}
    inputs = [
        f'<label><input type="radio" name="show" id="only-{kind}"{state}>{kind}</label>'
        for kind, state in kinds.items()
    ]
    yield _write_fieldset("Show", inputs)


def _write_fieldset(legend: str, inputs: Iterable[str]) -> str:
    return f"<fieldset><legend>{legend}</legend>\n{_join(inputs)}\n</fieldset>"


def _write_section(title: str, preview: PhotoThumbnails, place: int) -> str:
    """Return a photo's section; `title` is escaped."""
    after = _join(
        f'<div class="after"><div class="pin">'
        f"{_write_mosaic(preview, mosaic, f'p{place}-{number}', title)}"
        f"<span>after, {mosaic.title}</span></div></div>"
        for number, mosaic in enumerate(preview.mosaics, 1)
    )
    stops = _join(
        f'<input type="radio" name="stop-{place}" aria-label="{percent} %"'
        f"{' checked' * (percent == 50)}>"
        for percent in range(0, 101, 100 // page_style.STOPS)
    )
    strip = _join(
        f'<li><label for="cells-{number}"><svg viewBox="0 0 {preview.width} {preview.height}"'
        f' aria-hidden="true"><use href="#p{place}-{number}"/></svg>{mosaic.title}</label></li>'
        for number, mosaic in enumerate(preview.mosaics, 1)
    )
    shape = f"{preview.width} / {preview.height}"
    return f"""<section>
<h2>{title} <span>{preview.width} x {preview.height}</span></h2>
<div class="pair">
<div class="slider" style="width: min(100%, 45rem, 75vh * {shape})">
<div class="track">
{after}
<div class="before"><div class="pin">\
<img src="{_format_data(preview.photo)}" alt="{title}, original" style="aspect-ratio: {shape}">\
<span>before</span></div></div>
<div class="edge"></div>
</div>
<div class="stops" role="radiogroup" aria-label="Part of {title} before">
{stops}
</div>
</div>
<ul class="strip">
{strip}
</ul>
</div>
</section>"""


def _write_mosaic(
    preview: PhotoThumbnails, mosaic: EncodedThumbnail, identity: str, title: str
) -> str:
    """Return a picture of a mosaic in the photo's shape, which a strip uses a second time.

    What would be outside the photo, of cells that are what remains of one, is cut off.
    """
    width, height = preview.width * mosaic.cover[0], preview.height * mosaic.cover[1]
    size = f'width="{width:g}" height="{height:g}"'
    return (
        f'<svg viewBox="0 0 {preview.width} {preview.height}" role="img"'
        f' aria-label="{title} in {mosaic.title} cells"><image id="{identity}" {size}'
        f' preserveAspectRatio="none" href="{_format_data(mosaic)}"/></svg>'
    )


def _format_data(copy: EncodedThumbnail) -> str:
    return f"data:{copy.media_type};base64,{b64encode(copy.data).decode()}"


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines)
