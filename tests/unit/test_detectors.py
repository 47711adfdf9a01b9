"""Detectors: their boxes, and their models. What they find is tested with weights elsewhere."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from pixelater_detectors.boxes import Detection, keep_best, overlap, scale, turn_back
from pixelater_detectors.detect import pad
from pixelater_detectors.models import MODELS, ModelMissing, check
from pixelater_detectors.onnx_shapes import fix_weights, free_shapes
from pixelater_detectors.sessions import find_size


def make_box(left: float, top: float, right: float, lower: float, score: float = 1.0) -> Detection:
    return Detection("face", left, top, right, lower, score)


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ((0, 0, 10, 10), (0, 0, 10, 10), 1.0),
        ((0, 0, 10, 10), (10, 0, 20, 10), 0.0),
        ((0, 0, 10, 10), (5, 0, 15, 10), 1 / 3),
        ((0, 0, 10, 10), (2, 2, 4, 4), 0.04),
    ],
)
def test_overlap_is_a_share_of_the_union(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int], share: float
) -> None:
    assert overlap(make_box(*one), make_box(*other)) == pytest.approx(share)


def test_the_best_of_overlapping_boxes_is_kept() -> None:
    best, worse, other = (
        make_box(0, 0, 10, 10, 0.9),
        make_box(1, 1, 11, 11, 0.8),
        make_box(30, 30, 40, 40, 0.1),
    )
    assert keep_best([other, worse, best], 0.3) == [best, other]


@pytest.mark.parametrize("turns", range(4))
def test_boxes_of_turned_pictures_are_turned_back(turns: int) -> None:
    """A white rectangle is where Pillow turns it to."""
    image = Image.new("L", (50, 30))
    image.paste(255, (5, 10, 20, 18))
    turned = image.rotate(90 * turns, expand=True)
    found = turned.getbbox()
    assert found
    back = turn_back(make_box(*found), turns, image.size)
    assert (back.left, back.top, back.right, back.lower) == (5, 10, 20, 18)


@pytest.mark.parametrize(
    ("turns", "points"),
    [
        (0, ((5, 10), (7, 20))),
        (1, ((40, 5), (30, 7))),
        (2, ((45, 20), (43, 10))),
        (3, ((10, 25), (20, 23))),
    ],
)
def test_points_of_turned_pictures_are_turned_back(
    turns: int, points: tuple[tuple[float, float], ...]
) -> None:
    box = Detection("face", 5, 10, 7, 20, 1.0, ((5, 10), (7, 20)))
    back = turn_back(box, turns, (50, 30))
    assert back.points == points
    corners = {(back.left, back.top), (back.right, back.lower)}
    assert {x for x, _ in points} == {x for x, _ in corners}
    assert {y for _, y in points} == {y for _, y in corners}


def test_faces_are_grown_by_their_size_and_text_by_its_height() -> None:
    assert pad(make_box(10, 20, 30, 60)) == (4, 8, 36, 72)
    assert pad(Detection("text", 10, 20, 110, 40, 1)) == (0, 10, 120, 50)


@pytest.mark.parametrize(
    ("size", "longer", "chosen"),
    [
        ((4000, 3000), 960, (960, 736)),
        ((400, 300), 960, (800, 608)),
        ((10, 10), 960, (32, 32)),
        ((4000, 10), 320, (320, 32)),
    ],
)
def test_sizes_are_multiples_of_32(
    size: tuple[int, int], longer: int, chosen: tuple[int, int]
) -> None:
    assert find_size(size, longer, 2.0) == chosen


@pytest.mark.parametrize("kind", MODELS)
def test_models_are_known_by_their_digest(kind: str) -> None:
    with pytest.raises(ModelMissing) as caught:
        check(MODELS[kind], b"something else")
    assert caught.value.kind == kind
    assert len(MODELS[kind].sha256) == len(sha256().hexdigest())
    assert Path(MODELS[kind].file_name).suffix == ".onnx"


def write(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def make_model(dimensions: list[bytes]) -> bytes:
    """Write a graph with one input: a version, a name, and a tensor of these dimensions."""
    shape = b"".join(write(1, dimension) for dimension in dimensions)
    tensor = b"\x08\x01" + write(2, shape)
    return b"\x08\x07" + write(
        7, write(2, b"graph") + write(11, write(1, b"x") + write(2, write(1, tensor)))
    )


def test_pictures_rows_and_columns_of_models_get_free() -> None:
    fixed = make_model([b"\x08\x01", b"\x08\x03", b"\x08\x20", b"\x08\x20"])
    free = [write(2, b"size1"), b"\x08\x03", write(2, b"size2"), write(2, b"size3")]
    assert free_shapes(fixed) == make_model(free)


def test_weights_of_models_are_not_inputs() -> None:
    inputs = [write(11, write(1, name)) for name in (b"x", b"weight")]
    weight = write(5, write(8, b"weight"))
    model = write(7, inputs[0] + weight + inputs[1])
    assert fix_weights(model) == write(7, inputs[0] + weight)


def test_connected_parts_of_a_mask_are_found() -> None:
    numpy = pytest.importorskip("numpy")
    from pixelater_detectors.text import find_parts

    rows = ["##....", "..#..#", "......", "#.#...", "###..."]
    mask = numpy.array([[cell == "#" for cell in row] for row in rows])
    values = numpy.where(mask, 0.5, 0.0)
    found = {
        (int(p.left), int(p.top), int(p.right), int(p.lower), p.score)
        for p in find_parts(mask, values)
    }
    assert found == {(0, 0, 3, 2, 0.5), (5, 1, 6, 2, 0.5), (0, 3, 3, 5, 0.5)}


def test_boxes_are_scaled_with_their_points() -> None:
    box = Detection("face", 1.0, 2.0, 3.0, 4.0, 0.5, ((2.0, 3.0),))
    larger = Detection("face", 2.0, 6.0, 6.0, 12.0, 0.5, ((4.0, 9.0),))
    assert scale(box, (10, 10), (20, 30)) == larger
