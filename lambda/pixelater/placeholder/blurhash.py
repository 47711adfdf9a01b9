"""BlurHash: a string of 28 characters, for 4 x 3 waves, that a client turns into a blurred picture.

The format is that of https://github.com/woltapp/blurhash/blob/master/Algorithm.md; the encoder of
npm's `blurhash` 2 (MIT) is followed step by step, in the order of its sums, so that strings are
equal to its own. Transparency is not in the format: the colors of transparent pixels count.
"""

from __future__ import annotations

from itertools import chain, repeat
from math import floor

from PIL import Image

from pixelater.arguments import check_integer
from pixelater.placeholder.waves import add_up, find_cosines, multiply, tabulate

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"

Light = tuple[float, float, float]
"""Red, green and blue light, from 0 to 1."""


def encode_blurhash(image: Image.Image, across: int = 4, down: int = 3) -> str:
    """Return the BlurHash of an image, of 1 to 9 waves across and down. Raises ValueError.

    >>> encode_blurhash(Image.new("RGB", (2, 2), "white"))
    'L~TSUA~qfQ~q~q~qfQ~qfQfQfQfQ'
    """
    check_integer("across", across, 1, 9)
    check_integer("down", down, 1, 9)
    mean, *factors = _transform(image, across, down)
    text = _write(across - 1 + (down - 1) * 9, 1)
    largest = 1.0
    if factors:
        code = max(0, min(82, floor(max(map(max, factors)) * 166 - 0.5)))
        largest = (code + 1) / 166
        text += _write(code, 1)
    else:
        text += _write(0, 1)
    red, green, blue = map(_to_level, mean)
    text += _write((red << 16) + (green << 8) + blue, 4)
    return text + "".join(_write(_quantize(factor, largest), 2) for factor in factors)


def _transform(image: Image.Image, across: int, down: int) -> list[Light]:
    """Return the factors of all waves, row by row."""
    width, height = image.size
    # Column by column, as the reference adds: the columns of an image are the rows of its turn.
    turned = image.convert("RGB").transpose(Image.Transpose.TRANSPOSE)
    table = tabulate(_to_light)
    bands = [[table[level] for level in band.tobytes()] for band in turned.split()]
    factors: list[Light] = []
    for y in range(down):
        for x in range(across):
            columns = find_cosines(width, x, middle=False)
            rows = find_cosines(height, y, middle=False) * width
            scale = 2 if x or y else 1
            each = chain.from_iterable(repeat(scale * cosine, height) for cosine in columns)
            wave = multiply(each, rows)
            share = 1 / (width * height)
            red, green, blue = (add_up(multiply(wave, band)) * share for band in bands)
            factors.append((red, green, blue))
    return factors


def _to_light(level: int) -> float:
    """Convert a level of sRGB to light."""
    value = level / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _to_level(light: float) -> int:
    """Convert light to a level of sRGB."""
    value = max(0.0, min(1.0, light))
    if value <= 0.0031308:
        return int(value * 12.92 * 255 + 0.5)
    return int((1.055 * value**0.4166666666666667 - 0.055) * 255 + 0.5)


def _quantize(factor: Light, largest: float) -> int:
    code = 0
    for value in factor:
        share = value / largest
        root = abs(share) ** 0.5
        code = code * 19 + max(0, min(18, floor((-root if share < 0 else root) * 9 + 9.5)))
    return code


def _write(number: int, length: int) -> str:
    """Write a number in base 83, the most significant digit first."""
    return "".join(DIGITS[number // 83**place % 83] for place in reversed(range(length)))
