"""Options of sprites, and what sprites are estimated to cost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelater import Style, pixelate
from pixelater.decode.cost import Header, estimate
from pixelater.layout import find_layouts
from tests.pictures import encode
from tests.unit.test_sprite import ALPHAS, SIDES, make_sprite


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"trim": True}, "trim: works on cells, so the size must be native, or one such as x8"),
        ({"pot": True}, "pot: works on cells, so the size must be native, or one such as x8"),
        (
            {"outline": True},
            "outline: works on cells, so the size must be native, or one such as x8",
        ),
        ({"alpha_threshold": 1.5}, "alpha_threshold: 1.5 is not from 0 to 1"),
        (
            {"alpha_threshold": 0.5, "format": "jpeg"},
            "format: jpeg cannot hold sharp transparency; choose png, webp or auto",
        ),
        ({"outline_color": (0, 0, 256)}, "outline_color: 256 is not from 0 to 255"),
    ],
)
def test_wrong_options_name_the_remedy(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Style(**fields)


@pytest.mark.parametrize("fields", [{"trim": 1}, {"pot": "yes"}, {"outline_color": "red"}])
def test_fields_of_another_type_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=next(iter(fields))):
        Style(**fields)


@settings(max_examples=50)
@given(width=SIDES, height=SIDES, outline=st.booleans(), pot=st.booleans(), alphas=ALPHAS)
def test_sprite_is_no_larger_than_its_layout(
    width: int, height: int, outline: bool, pot: bool, alphas: list[int]
) -> None:
    """Costs are estimated from the layout."""
    style = Style(size="x3", cells="square", outline=outline, pot=pot, trim=True)
    (layout,) = find_layouts((width, height), [64], style)
    (made,) = pixelate(encode(make_sprite(width, height, alphas)), [64], style)
    assert made.width <= layout.size[0]
    assert made.height <= layout.size[1]
    assert made.columns * made.rows <= layout.written


def test_padding_is_in_the_estimate() -> None:
    header = Header("PNG", "zip", "RGBA", 520, 520, transparent=True)
    plain = estimate(header, [520], ["PNG"], Style(size="native", cells="square"))
    padded = estimate(header, [520], ["PNG"], Style(size="native", cells="square", pot=True))
    assert padded.written_bytes > 3.8 * plain.written_bytes
    assert padded.cpu_seconds > plain.cpu_seconds
