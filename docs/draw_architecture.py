"""Draws docs/architecture.svg: the data's way from a photo to its mosaics, by file and by S3 event.

python docs/draw_architecture.py
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "architecture.svg"
WIDTH, HEIGHT = 1060, 668
COLOURS = {"code": ("#eef2ff", "#4f5fb0"), "data": ("#fff7e0", "#b08a2e")}

ENGINE, CLI = "lambda/pixelater/", "pixelater_cli/"


@dataclass(frozen=True)
class Box:
    """A box with a title and lines below it; `modules` are the files that it stands for."""

    x: int
    y: int
    width: int
    title: str
    lines: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    height: int = 78

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


PHOTO = Box(30, 66, 150, "photos", ("files, folders, stdin",))
BATCH = Box(
    220,
    66,
    250,
    "files, memory, batch",
    ("finds photos, leaves alone what is", "up to date; a process for each CPU"),
    (CLI + "files.py", CLI + "memory.py", CLI + "batch.py"),
)
SAVING = Box(
    560,
    66,
    250,
    "names, saving",
    ("over no photo, over no other mosaic;", "whole files or none"),
    (CLI + "names.py", CLI + "saving.py"),
)
FILES = Box(860, 66, 170, "mosaics", ("a file for each grid",))

OPEN = Box(
    220,
    234,
    170,
    "picture, modes",
    ("is it one, how large,", "which way up; decodes"),
    (ENGINE + "picture.py", ENGINE + "modes.py"),
)
AVERAGE = Box(
    430,
    234,
    170,
    "means, blocks",
    ("the cells of all grids", "in one pass"),
    (ENGINE + "means.py", ENGINE + "blocks.py"),
)
ENCODE = Box(
    640,
    234,
    170,
    "encoding",
    ("jpeg, png, webp: cost", "follows cells, not pixels"),
    (ENGINE + "encoding.py", ENGINE + "jpeg.py", ENGINE + "png.py", ENGINE + "webp.py"),
)

SOURCE = Box(30, 412, 150, "source bucket", ("photos land here",))
HANDLER = Box(
    220,
    412,
    250,
    "handler, events, storage",
    ("which photos an event tells of;", "reads each as it is now"),
    (ENGINE + "handler.py", ENGINE + "events.py", ENGINE + "storage.py"),
)
DELIVERY = Box(
    560,
    412,
    250,
    "delivery, storage",
    ("puts mosaics, on condition that", "nobody was there since"),
    (ENGINE + "delivery.py", ENGINE + "storage.py"),
)
DESTINATION = Box(860, 412, 170, "destination bucket", ("mosaics appear here",))
DEPLOY = Box(
    220,
    560,
    250,
    "aws: stack, plan, account",
    ("deploy: what is wanted and found gives", "the steps; archive makes the zip"),
    (CLI + "aws/stack.py", CLI + "aws/plan.py", CLI + "aws/account.py", CLI + "aws/archive.py"),
)
RECORD = Box(
    560,
    560,
    250,
    "failures, journal",
    ("failures that last, with the reason;", "a line of log for each photo"),
    (ENGINE + "failures.py", ENGINE + "journal.py"),
)
FAILURES = Box(860, 560, 170, "failure queue, log", ("what became of it",))

CODE = (BATCH, SAVING, OPEN, AVERAGE, ENCODE, HANDLER, DELIVERY, DEPLOY, RECORD)
DATA = (PHOTO, FILES, SOURCE, DESTINATION, FAILURES)
IN, OUT = 305, 725
"""Where the engine is entered and left."""


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(draw())


def draw() -> str:
    """Draw everything, on a ground of its own, so that dark pages do not matter."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="Helvetica, Arial, sans-serif">',
        "<title>From a photo to its mosaics: by file, and by S3 event</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#444"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="12" fill="#ffffff"/>',
        '<rect x="200" y="206" width="630" height="134" rx="10" fill="#dfe6fb" stroke="#4f5fb0"/>',
        *_title(36, "pixelater run"),
        *_title(252, "the engine", "lambda/pixelater:", "bytes in, bytes out"),
        *_title(376, "the pipeline", "in AWS, or pixelater emulate"),
        *(_box(box, "code") for box in CODE),
        *(_box(box, "data") for box in DATA),
        _across(PHOTO, BATCH),
        _line(IN, BATCH.bottom, IN, OPEN.y),
        _across(OPEN, AVERAGE),
        _across(AVERAGE, ENCODE),
        _line(OUT, ENCODE.y, OUT, SAVING.bottom),
        _across(SAVING, FILES),
        _across(SOURCE, HANDLER, "event"),
        _line(IN, HANDLER.y, IN, OPEN.bottom),
        _line(OUT, ENCODE.bottom, OUT, DELIVERY.y),
        _across(DELIVERY, DESTINATION),
        _line(HANDLER.right, 470, 515, 470, 515, 599, RECORD.x, 599),
        _across(RECORD, FAILURES),
        _line(345, DEPLOY.y, 345, HANDLER.bottom),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _box(box: Box, kind: str) -> str:
    fill, edge = COLOURS[kind]
    middle = box.x + box.width // 2
    rounded = 20 if kind == "data" else 5
    top = box.y + box.height // 2 - 8 * len(box.lines) + 5
    texts = [
        f'<text x="{middle}" y="{top}" font-size="14" font-weight="bold" fill="#222" '
        f'text-anchor="middle">{escape(box.title)}</text>'
    ]
    texts += [
        f'<text x="{middle}" y="{top + 19 + 16 * number}" font-size="12" fill="#333" '
        f'text-anchor="middle">{escape(line)}</text>'
        for number, line in enumerate(box.lines)
    ]
    return (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" '
        f'rx="{rounded}" fill="{fill}" stroke="{edge}" stroke-width="1.5"/>' + "".join(texts)
    )


def _title(y: int, title: str, *lines: str) -> Iterator[str]:
    yield f'<text x="30" y="{y}" font-size="15" font-weight="bold" fill="#222">{title}</text>'
    for number, line in enumerate(lines, 1):
        yield f'<text x="30" y="{y + 18 * number}" font-size="12" fill="#333">{line}</text>'


def _line(*points: int) -> str:
    path = " ".join(f"{x},{y}" for x, y in zip(points[::2], points[1::2], strict=True))
    return (
        f'<polyline points="{path}" fill="none" stroke="#444" stroke-width="1.8" '
        'marker-end="url(#tip)"/>'
    )


def _across(left: Box, right: Box, text: str = "") -> str:
    y = left.y + left.height // 2
    middle = (left.right + right.x) // 2
    label = f'<text x="{middle}" y="{y - 7}" font-size="12" fill="#333" text-anchor="middle">'
    return _line(left.right, y, right.x, y) + (f"{label}{text}</text>" if text else "")


if __name__ == "__main__":
    main()
