"""Owns `python -m benchmarks.previews`: placeholders, against those of npm's packages.

python -m benchmarks.previews [PHOTO...] [--runs 5] [--write] [--sheet FILE.png] [--vectors]

Needs the extra "look", node and npm. The pictures are those of `benchmarks.look`, the example photo,
a drawn one, and photos that are named. Each placeholder is enlarged smoothly to 256 pixels and
compared with the photo: the structural similarity of lightness (SSIM), and the mean distance in
OKLab (x 100) of both, blurred by 6 pixels (dE). Transparent photos are compared on white.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from base64 import b64decode
from importlib import util
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageOps
from scipy.ndimage import gaussian_filter
from skimage.metrics import structural_similarity

from benchmarks import photos
from benchmarks.look import PICTURES, to_oklab
from benchmarks.measure import run, take_median
from benchmarks.preview_peers import install, make_hashes, make_placeholders
from benchmarks.report import describe_machine, write_section
from pixelater import make_preview
from pixelater.placeholder.blurhash import encode_blurhash
from pixelater.placeholder.data_uri import choose_picture
from pixelater.placeholder.preview import CELLS
from pixelater.placeholder.thumbhash import MAX_SIDE, encode_thumbhash
from tests.placeholder_pictures import VECTORS, draw_pictures

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "previews.md"
BUDGETS = (100, 150, 200, 300, 400, 1000)
SAME_BUDGET = ("Next-style 8 px JPEG", "plaiceholder 10", "lqip-modern")
SHOWN = 256
BLUR = 6
BUNDLE = 4
BUNDLED = (2, 6, 12, 24)
"""Megapixels of the photographs that are bundled."""

BICUBIC = Image.Resampling.BICUBIC

Scores = dict[str, list[tuple[float, float, float]]]
"""For each method and picture: characters, SSIM and dE."""

Shown = dict[str, Image.Image]
"""A photo and its placeholders, all enlarged."""


def main() -> None:
    """Measure placeholders and CPU, and show tables and losses."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.previews")
    parser.add_argument("photos", nargs="*", type=Path, help="more photos to measure on")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each; default 5")
    parser.add_argument("--write", action="store_true", help=f"write docs/explanation/{PAGE.name}")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of placeholders")
    parser.add_argument("--vectors", action="store_true", help=f"write {VECTORS.name}, no more")
    options = parser.parse_args()
    folder = install()
    if options.vectors:
        vectors = make_hashes(folder, draw_pictures())
        VECTORS.write_text("[\n" + ",\n".join(f"  {json.dumps(v)}" for v in vectors) + "\n]\n")
        return
    with tempfile.TemporaryDirectory() as scratch:
        paths = [*list_pictures(Path(scratch)), *(path.resolve() for path in options.photos)]
        scores, sheet = compare(paths, make_placeholders(folder, paths))
        photographs = [photos.write(Path(scratch), size, "jpg") for size in BUNDLED]
        paragraphs = [
            f"{len(paths)} pictures, means:",
            format_table(scores),
            *judge(scores),
            describe_hashes(folder, paths),
            describe_search(paths, options.runs),
            f"Size, color, ThumbHash, BlurHash and data URI of {BUNDLE} photos, whole processes, "
            "node with sharp, plaiceholder, thumbhash and blurhash:",
            "\n".join(
                compare_bundles(folder, f"of {of} megapixels", bundled, options.runs)
                for of, bundled in (("2, 6, 12 and 24", photographs), (".2 to .3", paths[:BUNDLE]))
            ),
        ]
    sys.stdout.write("\n\n".join(paragraphs) + "\n")
    if options.sheet:
        draw_sheet(sheet).save(options.sheet)
    if options.write:
        write_section("measured", [f"Machine: {describe_machine()}.", *paragraphs], PAGE)


def list_pictures(scratch: Path) -> list[Path]:
    """Return the paths of the pictures that every machine has."""
    paths = []
    for package, path in PICTURES:
        spec = util.find_spec(package)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"{package} is not installed: pip install 'pixelater[look]'")
        paths.append(Path(spec.origin).parent / path)
    return [*paths, ROOT / "examples" / "photo.jpg", photos.write(scratch, 2, "jpg")]


def compare(paths: list[Path], peers: dict[str, dict[str, Any]]) -> tuple[Scores, dict[str, Shown]]:
    """Compare all placeholders with their photos; return scores, and what a sheet shows."""
    scores: Scores = {}
    sheet: dict[str, Shown] = {}
    for path in paths:
        uris = {
            name: (found["characters"], found["uri"]) for name, found in peers[str(path)].items()
        }
        for budget in BUDGETS:
            uri = make_preview(path, budget).data_uri
            uris[f"pixelater, {budget}"] = len(uri), uri
        for name in SAME_BUDGET:
            uri = make_preview(path, uris[name][0]).data_uri
            uris[f"pixelater, as many as {name}"] = len(uri), uri
        photo = load_photo(path)
        sheet[path.name] = {"photo": photo}
        for name, (characters, uri) in uris.items():
            shown = enlarge(uri, photo.size)
            scores.setdefault(name, []).append((characters, *score(photo, shown)))
            sheet[path.name][f"{name}: {characters}"] = shown
    return scores, sheet


def load_photo(path: Path) -> Image.Image:
    """Read a photo as it is shown, 256 pixels on the longer side."""
    with Image.open(path) as image:
        photo = ImageOps.exif_transpose(image).convert("RGBA")
    photo.thumbnail((SHOWN, SHOWN), Image.Resampling.BOX)
    return lay_on_white(photo)


def enlarge(uri: str, size: tuple[int, int]) -> Image.Image:
    """Show the picture of a data URI as a browser does."""
    with Image.open(BytesIO(b64decode(uri.partition(",")[2]))) as image:
        return lay_on_white(image.convert("RGBA").resize(size, BICUBIC))


def lay_on_white(image: Image.Image) -> Image.Image:
    """Lay an RGBA image on a white page."""
    page = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(page, image).convert("RGB")


def score(photo: Image.Image, shown: Image.Image) -> tuple[float, float]:
    """Return SSIM and dE."""
    one, other = (_convert(image, 0)[..., 0] for image in (photo, shown))
    similarity = structural_similarity(one, other, data_range=1)
    blurred = _convert(photo, BLUR) - _convert(shown, BLUR)
    return float(similarity), 100 * float(np.linalg.norm(blurred, axis=-1).mean())


def _convert(image: Image.Image, blur: float) -> Any:
    """Return OKLab of an image that is blurred in linear light."""
    levels = np.asarray(image, np.float64) / 255
    light = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return to_oklab(gaussian_filter(light, (blur, blur, 0)) if blur else light)


def format_table(scores: Scores) -> str:
    """Return a table in Markdown."""
    lines = ["| method | characters | SSIM | dE |", "|---|---|---|---|"]
    for name, found in scores.items():
        characters, similarity, distance = np.mean(found, axis=0)
        lines.append(f"| {name} | {characters:.0f} | {similarity:.3f} | {distance:.2f} |")
    return "\n".join(lines)


def judge(scores: Scores) -> list[str]:
    """Count the pictures on which a peer is better within the same number of characters."""
    lines = []
    for name in SAME_BUDGET:
        pairs = [*zip(scores[name], scores[f"pixelater, as many as {name}"], strict=True)]
        less_alike = sum(theirs[1] > ours[1] for theirs, ours in pairs)
        further = sum(theirs[2] < ours[2] for theirs, ours in pairs)
        lines.append(
            f"- {name}: a better SSIM on {less_alike} of {len(pairs)} pictures, a better dE on {further}"
        )
    return ["Losses, with as many characters:", "\n".join(lines)]


def describe_hashes(folder: Path, paths: list[Path]) -> str:
    """Compare hashes of the same pixels with those of npm's packages."""
    pictures = []
    for path in paths:
        with Image.open(path) as image:
            small = ImageOps.exif_transpose(image).convert("RGBA")
        for side in (32, MAX_SIDE):
            reduced = small.copy()
            reduced.thumbnail((side, side))
            pictures.append((path.name, reduced))
    pictures += draw_pictures()
    found = make_hashes(folder, pictures)
    pairs = [*zip(found, (picture for _, picture in pictures), strict=True)]
    thumb = sum(vector["thumbhash"] == encode_thumbhash(image).hex() for vector, image in pairs)
    blur = sum(vector["blurhash"] == encode_blurhash(image) for vector, image in pairs)
    return (
        f"Hashes of the same pixels, photographs and drawn pictures: {thumb} of {len(pairs)} "
        f"ThumbHashes and {blur} of {len(pairs)} BlurHashes are equal to those of npm."
    )


def describe_search(paths: list[Path], runs: int) -> str:
    """Measure the CPU time of the search for a data URI, without decoding."""
    costs = []
    for path in paths:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image)
            cells = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        size = cells.size
        cells.thumbnail((CELLS, CELLS), Image.Resampling.BOX)
        least = 1000.0
        for _ in range(runs):
            started = time.process_time()
            choose_picture(cells, size, 400)
            least = min(least, 1000 * (time.process_time() - started))
        costs.append(least)
    return (
        f"CPU time of the search within 400 characters, without decoding: {np.mean(costs):.0f} ms in "
        f"the mean, {max(costs):.0f} ms at most."
    )


def compare_bundles(folder: Path, name: str, paths: list[Path], runs: int) -> str:
    """Compare the CPU time of whole processes that make everything of some photos."""
    names = [str(path) for path in paths]
    commands = {
        "pixelater": [
            *(sys.executable, "-m", "pixelater_cli", "preview", *names),
            *("--force", "--json", "--jobs", "1"),
        ],
        "node": ["node", str(folder / "bundle.mjs"), *names],
    }
    costs = {name: take_median([run(c) for _ in range(runs)]) for name, c in commands.items()}
    ours, theirs = costs["pixelater"].cpu, costs["node"].cpu
    return (
        f"- {name}: pixelater {ours:.2f} s of CPU time, node {theirs:.2f} s, "
        f"{theirs / ours:.1f} times as much"
    )


def draw_sheet(pictures: dict[str, Shown]) -> Image.Image:
    """Draw a contact sheet: a row for each photo."""
    width, height = SHOWN + 8, SHOWN + 24
    columns = max(map(len, pictures.values()))
    sheet = Image.new("RGB", (columns * width, len(pictures) * height), "white")
    draw = ImageDraw.Draw(sheet)
    for row, shown in enumerate(pictures.values()):
        for column, (name, image) in enumerate(shown.items()):
            draw.text((column * width + 4, row * height + 4), name, fill="black")
            sheet.paste(image, (column * width + 4, row * height + 20))
    return sheet


if __name__ == "__main__":
    main()
