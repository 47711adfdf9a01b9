"""The page of a run that hides regions: what is hidden and where, and what was not processed.

It has small copies of what was written, with outlines, and none of the photos: a face that was
hidden is not in it. Self-contained, and without scripts.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from pixelater.thumbnails import EncodedThumbnail, PhotoThumbnails
from pixelater_cli.gallery import markers
from pixelater_cli.gallery.html_page import MAX_PAGE_PHOTOS, POLICY

if TYPE_CHECKING:
    from pixelater_cli.results.run import PixelatedPhoto, PixelatedVideo, SavedRegion

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#595959, #b5b5b5); }
body { color: light-dark(#1d1d1f, #ececf0); background: light-dark(#fafafa, #17171a);
  font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; overflow-wrap: anywhere; }
section { border-top: 1px solid var(--line); margin-top: 1.5rem; }
svg { display: block; height: auto; max-height: 75vh; max-width: 100%; }
rect { fill: none; stroke: #fff; vector-effect: non-scaling-stroke; }
rect + rect { stroke: #d60; stroke-dasharray: 6 4; }
table { border-collapse: collapse; margin-top: .5rem; }
th, td { padding: .1rem 1rem .1rem 0; text-align: right; }
th:nth-child(2), td:nth-child(2) { text-align: left; }
li { overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
"""

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{mark}
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What is hidden</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>What is hidden</h1>
<p>{count}. Detectors miss faces and text: look for what is still sharp.</p>
</header>
<main>
{sections}
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Report:
    """What a run has done: photos, videos, and files that it did not take, each with the reason."""

    photos: Sequence[PixelatedPhoto]
    videos: Sequence[PixelatedVideo]
    left: Sequence[tuple[str, str]] = ()


def make_hidden_page(previews: Mapping[str, PhotoThumbnails], report: Report) -> str:
    """Return the page; `previews` are by the paths of the photos."""
    done = [photo for photo in report.photos if photo.mosaics and not photo.error]
    sections = [
        *map(_write_video, (video for video in report.videos if video.mosaics)),
        *(_write_photo(photo, previews.get(photo.photo)) for photo in done[:MAX_PAGE_PHOTOS]),
    ]
    if len(done) > MAX_PAGE_PHOTOS:
        sections.append(_write_list("Not shown", (each.photo for each in done[MAX_PAGE_PHOTOS:])))
    missing = list(_list_missing(report))
    if missing:
        sections.insert(0, _write_list("Not processed", missing))
    regions = sum(len(photo.regions) for photo in done)
    videos = sum(bool(video.hidden) for video in report.videos)
    count = f"{_count(regions, 'region')} in {_count(len(done), 'photo')}"
    return TEMPLATE.format(
        mark=markers.PAGE_META,
        policy=POLICY,
        style=STYLE,
        count=f"{count}, and {_count(videos, 'video')}" if videos else count,
        sections="\n".join(sections),
    )


def _count(number: int, kind: str) -> str:
    return f"{number} {kind}{'s' * (number != 1)}"


def _list_missing(report: Report) -> Iterator[str]:
    made: list[PixelatedPhoto | PixelatedVideo] = [*report.photos, *report.videos]
    for each in made:
        if each.error:
            yield f"{each.photo}: {each.error}"
        elif each.nothing:
            yield f"{each.photo}: no {each.nothing} found, so it was not written"
        elif not each.mosaics:
            yield f"{each.photo}: nothing was written"
    yield from (f"{path}: {reason}" for path, reason in report.left)


def _write_list(title: str, lines: Iterable[str]) -> str:
    items = "\n".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<section>\n<h2>{title}</h2>\n<ul>\n{items}\n</ul>\n</section>"


def _write_photo(photo: PixelatedPhoto, preview: PhotoThumbnails | None) -> str:
    title = escape(photo.photo)
    parts = [f"<h2>{title}</h2>"]
    if preview and preview.mosaics:
        parts.append(_draw(title, preview, preview.mosaics[0], photo.regions))
    if photo.regions:
        rows = [
            (str(number), region.kind, *_measure(region), f"{region.score:.2f}")
            for number, region in enumerate(photo.regions, 1)
        ]
        head = "", "kind", "left", "top", "width", "height", "score"
        parts.append(_write_table(title, head, rows))
    else:
        parts.append("<p>Nothing is hidden.</p>")
    return "\n".join(["<section>", *parts, "</section>"])


def _measure(region: SavedRegion) -> tuple[str, ...]:
    return tuple(map(str, (region.left, region.top, region.width, region.height)))


def _draw(
    title: str, preview: PhotoThumbnails, shown: EncodedThumbnail, regions: Iterable[SavedRegion]
) -> str:
    """Draw outlines over what was written: white, and dashes of another color over it."""
    outlines = "".join(
        f"<g><title>{number}: {region.kind}</title>"
        + "".join(
            f'<rect x="{region.left}" y="{region.top}" width="{region.width}"'
            f' height="{region.height}" stroke-width="{width}"/>'
            for width in (4, 2)
        )
        + "</g>"
        for number, region in enumerate(regions, 1)
    )
    data = f"data:{shown.media_type};base64,{b64encode(shown.data).decode()}"
    return (
        f'<svg viewBox="0 0 {preview.width} {preview.height}" width="{preview.width}"'
        f' role="img" aria-label="{title}, as it was written, with outlines">'
        f'<image width="{preview.width}" height="{preview.height}" href="{data}"/>'
        f"{outlines}</svg>"
    )


def _write_video(video: PixelatedVideo) -> str:
    title = f"<h2>{escape(video.video)}</h2>"
    if video.up_to_date:
        return f"<section>\n{title}\n<p>It is up to date.</p>\n</section>"
    rows = [
        ("", each.kind, f"{each.frames} of {video.frames}", str(each.most), f"{each.score:.2f}")
        for each in video.hidden
    ]
    table = _write_table(
        escape(video.video), ("", "kind", "frames", "most in one", "best score"), rows
    )
    return f"<section>\n{title}\n{table}\n</section>"


def _write_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; `title` is escaped."""
    titles = "".join(f'<th scope="col">{title}</th>' if title else "<td></td>" for title in head)
    lines = "\n".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    table = f'<table aria-label="Hidden in {title}">\n<tr>{titles}</tr>\n{lines}\n</table>'
    return f'<div class="wide">{table}</div>'
