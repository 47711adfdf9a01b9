"""Owns how each peer puts cells into the colors of a palette, and colors of its own.

didder's library is Go (https://github.com/makew0rld/dither, version 2.4.0): GO_PROGRAM, which
`python -m benchmarks.look --print-go` prints, is built apart from this project and given by --didder.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PIL import Image

from pixelater.palette.apply import apply_palette
from pixelater.palette.extract import extract_palette
from pixelater.palette.palette import Palette

GO_PROGRAM = """package main

import (
	"encoding/hex"
	"image/color"
	"image/png"
	"os"
	"strconv"
	"strings"

	"github.com/makeworld-the-better-one/dither/v2"
)

// Arguments: source, target, colors, "floyd" or "bayer", strength.
func main() {
	var palette []color.Color
	for _, word := range strings.Fields(os.Args[3]) {
		rgb, _ := hex.DecodeString(word)
		palette = append(palette, color.RGBA{rgb[0], rgb[1], rgb[2], 255})
	}
	source, _ := os.Open(os.Args[1])
	cells, err := png.Decode(source)
	if err != nil {
		panic(err)
	}
	ditherer := dither.NewDitherer(palette)
	strength, _ := strconv.ParseFloat(os.Args[5], 32)
	if os.Args[4] == "bayer" {
		ditherer.Mapper = dither.Bayer(4, 4, float32(strength))
	} else {
		ditherer.Matrix = dither.ErrorDiffusionStrength(dither.FloydSteinberg, float32(strength))
		ditherer.Serpentine = true
	}
	target, _ := os.Create(os.Args[2])
	png.Encode(target, ditherer.Dither(cells))
	target.Close()
}
"""

Dither = Callable[[Image.Image, Palette], Image.Image]
"""Cells (RGB) and a palette in, cells of its colors out."""

Reduce = Callable[[Image.Image, int], Image.Image]
"""Cells (RGB) in, cells of as many colors of their own out."""


def find_dithers(didder: Path | None) -> dict[str, Dither]:
    """List pixelater's dithers, and those of the peers that are installed here."""
    found: dict[str, Dither] = {
        f"pixelater {name}": partial(apply_palette, dither=name, tone="keep")
        for name in ("floyd", "atkinson", "bayer4", "bayer8", "blue", "none")
    }
    found["Pillow Floyd-Steinberg"] = _dither_with_pillow
    if shutil.which("convert"):
        found["ImageMagick Floyd-Steinberg"] = _dither_with_magick
    if didder:
        found["didder Floyd-Steinberg"] = partial(_dither_with_didder, didder, "floyd", 1.0)
        found["didder Floyd-Steinberg .75"] = partial(_dither_with_didder, didder, "floyd", 0.75)
        found["didder Bayer 4 .64"] = partial(_dither_with_didder, didder, "bayer", 0.64)
    return found


def find_reducers(didder: Path | None) -> dict[str, Reduce]:
    """List what finds colors and dithers with them: pixelater, and the peers installed here."""
    found: dict[str, Reduce] = {
        f"pixelater {name}": partial(_reduce_with_pixelater, name) for name in ("floyd", "bayer4")
    }
    found["Pillow, median cut and k-means"] = _reduce_with_pillow
    if importlib.util.find_spec("imagequant"):
        found["imagequant"] = _reduce_with_imagequant
    if shutil.which("convert"):
        found["ImageMagick"] = _reduce_with_magick
    if didder:
        found["didder, with Pillow's colors"] = partial(_reduce_with_didder, didder)
    return found


def _dither_with_pillow(cells: Image.Image, palette: Palette) -> Image.Image:
    holder = Image.new("P", (1, 1))
    holder.putpalette(palette.data)
    return cells.quantize(palette=holder, dither=Image.Dither.FLOYDSTEINBERG)


def _dither_with_magick(cells: Image.Image, palette: Palette) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        colors = Image.frombytes("RGB", (len(palette.colors), 1), palette.data)
        colors.save(f"{folder}/colors.png")
        return _magick(folder, cells, "-dither", "FloydSteinberg", "-remap", f"{folder}/colors.png")


def _dither_with_didder(
    program: Path, kernel: str, strength: float, cells: Image.Image, palette: Palette
) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/source.png", f"{folder}/target.png"
        cells.save(source)
        colors = " ".join(bytes(color).hex() for color in palette.colors)
        command = [str(program), source, target, colors, kernel, str(strength)]
        subprocess.run(command, check=True, capture_output=True)
        return Image.open(target).convert("RGB")


def _reduce_with_pixelater(dither: str, cells: Image.Image, count: int) -> Image.Image:
    return apply_palette(cells, extract_palette(cells, count), dither, tone="keep")


def _reduce_with_pillow(cells: Image.Image, count: int) -> Image.Image:
    return _dither_with_pillow(cells, _find_pillow_palette(cells, count))


def _find_pillow_palette(cells: Image.Image, count: int) -> Palette:
    quantized = cells.quantize(count, Image.Quantize.MEDIANCUT, kmeans=8)
    values = (quantized.getpalette() or [])[: 3 * count]
    return Palette("own", tuple(zip(values[::3], values[1::3], values[2::3], strict=True)))


def _reduce_with_imagequant(cells: Image.Image, count: int) -> Image.Image:
    import imagequant

    found: Image.Image = imagequant.quantize_pil_image(
        cells.convert("RGBA"), dithering_level=1.0, max_colors=count
    )
    return found


def _reduce_with_magick(cells: Image.Image, count: int) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        return _magick(folder, cells, "-dither", "FloydSteinberg", "-colors", str(count))


def _reduce_with_didder(program: Path, cells: Image.Image, count: int) -> Image.Image:
    return _dither_with_didder(program, "floyd", 1.0, cells, _find_pillow_palette(cells, count))


def _magick(folder: str, cells: Image.Image, *arguments: str) -> Image.Image:
    source, target = f"{folder}/source.png", f"{folder}/target.png"
    cells.save(source)
    command = ["convert", source, *arguments, target]
    subprocess.run(command, check=True, capture_output=True)
    return Image.open(target).convert("RGB")
