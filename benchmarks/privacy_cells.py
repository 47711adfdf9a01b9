"""Red team of `benchmarks.privacy`: a recognizer, and faces in cells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.privacy_peers import Peers, describe_faces, find_ours, find_theirs
from benchmarks.privacy_pictures import list_people, load
from benchmarks.privacy_scores import Box, Found, rank_first
from pixelater import Region, pixelate_regions
from pixelater.regions.hiding import Hiding

CELLS = (24, 16, 12, 10, 8, 6, 4)
DEFAULT = 6
SAME = 0.6
"""Distance below which face_recognition takes two faces for the same person's."""

MOSAIC = 20
"""Pixels of deface's blocks."""


def measure_cells(peers: Peers, folder: Path) -> tuple[list[str], int]:
    """Return paragraphs, and how many faces were taken for the same person at the default."""
    people = list_people(folder)
    names = [name for name, paths in people.items() for _ in paths]
    paths = [path for files in people.values() for path in files]
    ours, theirs = find_ours(paths)[0], find_theirs(peers, "onnxrt", paths)[0]
    with tempfile.TemporaryDirectory() as scratch:
        given = [
            _prepare(path, one, other, Path(scratch, str(number)))
            for number, (path, one, other) in enumerate(zip(paths, ours, theirs, strict=True))
        ]
        described = describe_faces(peers, given)
    titles = ["sharp", *(f"{cells} cells" for cells in CELLS), "`--solid`", "deface's mosaic"]
    sharp, lines, same_at_default = described[:, 0], [], 0
    for number, title in enumerate(titles):
        probes = described[:, number]
        right, same, other = rank_first(probes, sharp, names, SAME)
        alike, *_ = rank_first(probes, probes, names, SAME)
        own = float((np.linalg.norm(probes - sharp, axis=1) < SAME).mean())
        lines.append(
            f"| {title} | {right:.0%} | {same:.0%} | {other:.0%} | {own:.0%} | {alike:.0%} |"
        )
        if title == f"{DEFAULT} cells":
            same_at_default = round(same * len(names))
    chance = np.mean([(names.count(name) - 1) / (len(names) - 1) for name in names])
    smaller = sum(not one.boxes for one in ours)
    return [
        f"{len(names)} pictures of {len(people)} people; by chance, {chance:.0%} are named rightly. "
        f"In {smaller} of them no face was found, and the whole picture was hidden.",
        "\n".join(
            [
                "| hidden by | named rightly, from sharp photos | same person | another person | same photo | "
                "named rightly, from photos hidden alike |",
                "|---|---|---|---|---|---|",
                *lines,
            ]
        ),
    ], same_at_default


def _prepare(path: Path, ours: Found, theirs: Found, stem: Path) -> dict[str, Any]:
    """Write a picture as it is hidden in each way."""
    image = load(path)
    sharp = stem.with_suffix(".png")
    image.save(sharp)
    whole = (0.0, 0.0, float(image.width), float(image.height))
    face, area = _take_largest(ours, whole), _take_largest(Found(ours.areas, ()), whole)
    left, top, right, lower = (round(edge) for edge in area)
    region = Region(left, top, right - left, lower - top)
    files = [str(sharp)]
    for cells in (*CELLS, None):
        hiding = Hiding(1, (0, 0, 0)) if cells is None else Hiding(cells)
        target = stem.with_name(f"{stem.name}-{cells}.png")
        target.write_bytes(pixelate_regions(sharp.read_bytes(), [region], hiding).data)
        files.append(str(target))
    target = stem.with_name(f"{stem.name}-deface.png")
    _lay_blocks(image, _take_largest(Found(theirs.areas, ()), whole)).save(target)
    return {"sharp": str(sharp), "face": face, "files": [*files, str(target)]}


def _take_largest(found: Found, whole: Box) -> Box:
    return max(found.boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]), default=whole)


def _lay_blocks(image: Image.Image, area: Box) -> Image.Image:
    """Make blocks as deface does: each of the color of its first pixel."""
    pixels = np.array(image)
    left, top = (max(0, round(edge)) for edge in area[:2])
    right, lower = min(image.width, round(area[2])), min(image.height, round(area[3]))
    for y in range(top, lower, MOSAIC):
        for x in range(left, right, MOSAIC):
            pixels[y : min(y + MOSAIC, lower), x : min(x + MOSAIC, right)] = pixels[y, x]
    return Image.fromarray(pixels)
