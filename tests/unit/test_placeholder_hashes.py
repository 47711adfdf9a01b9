"""ThumbHash and BlurHash, compared with those of npm's packages."""

from __future__ import annotations

import pytest
from PIL import Image

from pixelater.placeholder.blurhash import encode_blurhash
from pixelater.placeholder.cosine import find_cosine
from pixelater.placeholder.thumbhash import encode_thumbhash
from tests.placeholder_pictures import draw_pictures, load_vectors

VECTORS = load_vectors()
PICTURES = dict(draw_pictures())


def test_vectors_are_of_the_drawn_pictures() -> None:
    assert VECTORS.keys() == PICTURES.keys()


@pytest.mark.parametrize("name", VECTORS)
def test_thumbhash_equals_that_of_npm(name: str) -> None:
    assert encode_thumbhash(PICTURES[name]).hex() == VECTORS[name]["thumbhash"]


@pytest.mark.parametrize("name", VECTORS)
def test_blurhash_equals_that_of_npm(name: str) -> None:
    assert encode_blurhash(PICTURES[name]) == VECTORS[name]["blurhash"]


@pytest.mark.parametrize("name", [name for name in VECTORS if "blurhash_9x9" in VECTORS[name]])
def test_blurhash_of_most_waves_equals_that_of_npm(name: str) -> None:
    assert encode_blurhash(PICTURES[name], 9, 9) == VECTORS[name]["blurhash_9x9"]


@pytest.mark.parametrize(
    ("angle", "cosine"),
    [
        (0.0, 1.0),
        (1e-9, 1.0),
        (0.25, 0.9689124217106447),
        (0.7, 0.7648421872844885),
        (0.79, 0.7038453156522361),
        (1.5707963267948966, 6.123233995736766e-17),
        (3.141592653589793, -1.0),
        (4.71238898038469, -1.8369701987210297e-16),
        (6.283185307179586, 1.0),
        (21.98, -0.9999378552799733),
    ],
)
def test_cosine_equals_that_of_javascript(angle: float, cosine: float) -> None:
    assert find_cosine(angle) == cosine


def test_thumbhash_of_a_large_image_is_refused() -> None:
    with pytest.raises(ValueError, match="101 x 1 pixels are more than 100 on a side"):
        encode_thumbhash(Image.new("RGB", (101, 1)))


@pytest.mark.parametrize(("across", "down"), [(0, 3), (10, 3), (4, 0), (4, 10)])
def test_blurhash_of_waves_out_of_range_is_refused(across: int, down: int) -> None:
    with pytest.raises(ValueError, match="is not from 1 to 9"):
        encode_blurhash(Image.new("RGB", (1, 1)), across, down)
