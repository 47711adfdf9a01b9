"""ThumbHash: 25 bytes that a client turns into a blurred picture, with its shape and transparency.

The format is that of https://evanw.github.io/thumbhash/; its encoder in JavaScript (thumbhash.js,
MIT) is followed step by step, in the order of its sums, so that hashes are equal to those of npm's
`thumbhash`. Where all factors of a channel are noise of the sums, as in a picture of one color,
they depend on the last bit of a cosine; the scale, which is then 0, hides them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

from PIL import Image

from pixelater.placeholder.waves import Values, add_up, find_cosines, multiply, round_half_up

MAX_SIDE = 100
"""Larger images are refused by the reference: they would not look different."""


def encode_thumbhash(image: Image.Image) -> bytes:
    """Return the ThumbHash of an image of at most 100 x 100 pixels. Raises ValueError.

    >>> encode_thumbhash(Image.new("RGB", (1, 1), "white")).hex()
    '3f087e070008f708888788708f7088f80888000000000000'
    """
    width, height = image.size
    if max(width, height) > MAX_SIDE:
        raise ValueError(f"{width} x {height} pixels are more than {MAX_SIDE} on a side")
    *colors, alphas = _list_channels(image)
    weights = [alpha / 255 for alpha in alphas]
    has_alpha = add_up(weights) < width * height
    red, green, blue = _compose(colors, weights)
    lightness = [(r + g + b) / 3 for r, g, b in zip(red, green, blue, strict=True)]
    yellow_blue = [(r + g) / 2 - b for r, g, b in zip(red, green, blue, strict=True)]
    red_green = [r - g for r, g in zip(red, green, strict=True)]

    limit = 5 if has_alpha else 7
    across = max(1, round_half_up(limit * width / max(width, height)))
    down = max(1, round_half_up(limit * height / max(width, height)))
    l_mean, l_factors, l_scale = _transform(lightness, width, max(3, across), max(3, down))
    p_mean, p_factors, p_scale = _transform(yellow_blue, width, 3, 3)
    q_mean, q_factors, q_scale = _transform(red_green, width, 3, 3)
    landscape = width > height
    head = (
        round_half_up(63 * l_mean)
        | round_half_up(31.5 + 31.5 * p_mean) << 6
        | round_half_up(31.5 + 31.5 * q_mean) << 12
        | round_half_up(31 * l_scale) << 18
        | has_alpha << 23
    )
    tail = (
        (down if landscape else across)
        | round_half_up(63 * p_scale) << 3
        | round_half_up(63 * q_scale) << 9
        | landscape << 15
    )
    written = head.to_bytes(3, "little") + tail.to_bytes(2, "little")
    factors = [*l_factors, *p_factors, *q_factors]
    if has_alpha:
        a_mean, a_factors, a_scale = _transform(weights, width, 5, 5)
        written += bytes([round_half_up(15 * a_mean) | round_half_up(15 * a_scale) << 4])
        factors += a_factors
    codes = [round_half_up(15 * factor) for factor in factors]
    codes += [0] * (len(codes) % 2)
    pairs = zip(codes[::2], codes[1::2], strict=True)
    return written + bytes(low | high << 4 for low, high in pairs)


def _list_channels(image: Image.Image) -> Iterator[bytes]:
    for band in image.convert("RGBA").split():
        yield band.tobytes()


def _compose(colors: list[bytes], weights: Values) -> list[list[float]]:
    """Lay each color, from 0 to 1, over its mean, weighted by alpha."""
    total = add_up(weights)
    # The reference divides alpha by 255 before it multiplies it by a color.
    shares = [weight / 255 for weight in weights]
    composed = []
    for levels in colors:
        seen = multiply(shares, levels)
        mean = add_up(seen) / total if total else 0.0
        composed.append([mean * (1 - weight) + v for weight, v in zip(weights, seen, strict=True)])
    return composed


def _transform(
    channel: Values, width: int, across: int, down: int
) -> tuple[float, list[float], float]:
    """Return the mean of a channel, its waves' factors from 0 to 1, and their scale."""
    height = len(channel) // width
    rows = [
        [*chain.from_iterable(repeat(v, width) for v in find_cosines(height, wave, middle=True))]
        for wave in range(down)
    ]
    waved = [
        multiply(channel, find_cosines(width, wave, middle=True) * height) for wave in range(across)
    ]
    found = [
        add_up(multiply(waved[x], rows[y])) / len(channel)
        for y in range(down)
        for x in range(across)
        if x * down < across * (down - y)
    ]
    mean, *factors = found
    scale = max(map(abs, factors))
    if scale:
        factors = [0.5 + 0.5 / scale * factor for factor in factors]
    return mean, factors, scale
