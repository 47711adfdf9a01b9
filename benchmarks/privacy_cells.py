"""Red team of `benchmarks.privacy`: a recognizer, and faces in cells."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.privacy_peers import Peers, describe_faces, find_ours, find_theirs
from benchmarks.privacy_pictures import list_people, load
from benchmarks.privacy_scores import Box, Found, count_same, rank_first
from pixelater import Region, pixelate_regions
from pixelater.regions.hiding import Hiding

CELLS = (24, 16, 12, 8, 7, 6, 5, 4)
DEFAULT = 6
PHASES = 10
"""Grids that a face is hidden with: the first is that of the box as it is found, the others are
moved by up to half a cell each way."""

SAME = 0.6
"""Distance below which face_recognition takes two faces for the same person's."""

MOSAIC = 20
"""Pixels of deface's blocks."""

AROUND = 0.5
"""Share of what is hidden that is kept on each side of it, for the recognizer."""


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
    moved = sum(each["grids"] > 1 for each in given)
    sharp, *hidden, solid, mosaic = described.swapaxes(0, 1)
    ways = {"sharp": [sharp]}
    for number, cells in enumerate(CELLS):
        ways[f"{cells} cells"] = hidden[number * PHASES : (number + 1) * PHASES]
    ways |= {"`--solid`": [solid], "deface's mosaic": [mosaic]}
    lines = [_format_row(title, probes, sharp, names) for title, probes in ways.items()]
    chance = np.mean([(names.count(name) - 1) / (len(names) - 1) for name in names])
    smaller = sum(not one.boxes for one in ours)
    counted = [count_same(probes, sharp, names, SAME) for probes in ways[f"{DEFAULT} cells"]]
    same, another = np.mean([each.pairs for each in counted], axis=0)
    known = np.array([each.faces for each in counted])
    return [
        f"{len(names)} pictures of {len(people)} people; by chance, {chance:.0%} are named rightly. "
        f"In {smaller} of them no face was found, and the whole picture was hidden.",
        "\n".join(
            [
                "| hidden by | named rightly, from sharp photos | same person | another person | "
                "same photo | named rightly, from photos hidden alike |",
                "|---|---|---|---|---|---|",
                *lines,
            ]
        ),
        f"Each number of cells was laid in {PHASES} ways: from the box as it is found, and moved by up "
        f"to half a cell; figures are means. The grid of a box that is larger than its picture does not move: "
        f"at {DEFAULT} cells, those of {moved} faces do. At {DEFAULT} cells, {known.sum()} of {known.size} "
        f"mosaics, of {known.any(axis=0).sum()} of the {len(names)} faces, are nearer than {SAME} to "
        f"a sharp photo of the same person. Of pairs of a mosaic and a sharp photo, {same:.2%} of those "
        f"of the same person are that near, and {another:.2%} of those of two persons.",
    ], int(known[0].sum())


def _format_row(
    title: str, phases: Sequence[np.ndarray], sharp: np.ndarray, names: Sequence[str]
) -> str:
    rows = []
    for probes in phases:
        alike, *_ = rank_first(probes, probes, names, SAME)
        own = float((np.linalg.norm(probes - sharp, axis=1) < SAME).mean())
        rows.append((*rank_first(probes, sharp, names, SAME), own, alike))
    return f"| {title} | " + " | ".join(f"{share:.1%}" for share in np.mean(rows, axis=0)) + " |"


def _prepare(path: Path, ours: Found, theirs: Found, stem: Path) -> dict[str, Any]:
    """Write a picture as it is hidden in each way."""
    image = load(path)
    whole = (0.0, 0.0, float(image.width), float(image.height))
    area = _take_largest(Found(ours.areas, ()), whole)
    around = pad_box(area, AROUND, image.size)
    face, area, blocks = (
        _move(box, -around[0], -around[1])
        for box in (_take_largest(ours, whole), area, _take_largest(Found(theirs.areas, ()), whole))
    )
    image = image.crop(around)
    sharp = stem.with_suffix(".png")
    image.save(sharp)
    files, grids = [str(sharp)], set()
    side = min(area[2] - area[0], area[3] - area[1])
    for cells in (*CELLS, None):
        hiding = Hiding(1, (0, 0, 0)) if cells is None else Hiding(cells)
        moves = draw_moves(side / cells) if cells else [(0.0, 0.0)]
        for number, (across, down) in enumerate(moves):
            left, top, right, lower = (round(edge) for edge in _move(area, across, down))
            region = Region(left, top, right - left, lower - top)
            target = stem.with_name(f"{stem.name}-{cells}-{number}.png")
            data = pixelate_regions(sharp.read_bytes(), [region], hiding).data
            target.write_bytes(data)
            files.append(str(target))
            if cells == DEFAULT:
                grids.add(data)
    target = stem.with_name(f"{stem.name}-deface.png")
    _lay_blocks(image, blocks).save(target)
    return {"sharp": str(sharp), "face": face, "files": [*files, str(target)], "grids": len(grids)}


def draw_moves(cell: float) -> list[tuple[float, float]]:
    """Return how far grids are moved, right and down, in pixels: the first is not moved.

    >>> draw_moves(0) == [(0, 0)] * PHASES
    True
    """
    generator = np.random.default_rng(0)
    moves = generator.uniform(-cell / 2, cell / 2, (PHASES - 1, 2)).tolist()
    return [(0.0, 0.0), *((across, down) for across, down in moves)]


def pad_box(box: Box, share: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Grow a box by a share of its sides, inside a picture.

    >>> pad_box((10, 10, 30, 50), 0.5, (100, 60))
    (0, 0, 40, 60)
    """
    across, down = (box[2] - box[0]) * share, (box[3] - box[1]) * share
    return (
        round(max(0, box[0] - across)),
        round(max(0, box[1] - down)),
        round(min(size[0], box[2] + across)),
        round(min(size[1], box[3] + down)),
    )


def _move(box: Box, across: float, down: float) -> Box:
    return box[0] + across, box[1] + down, box[2] + across, box[3] + down


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
