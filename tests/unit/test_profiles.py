"""Of color profiles only what parses goes out, and only what says how colors look."""

from __future__ import annotations

import random
import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageCms

from pixelater.decode.profiles import MAX_BYTES, clean_profile
from tests.pictures import make_cmyk_profile, make_noise, make_rgb_profile

SECRET = b"GPS 48.8583 Alice"
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
CURVE = struct.pack(">4s4xHHi", b"para", 0, 0, 144179)
"""A parametric curve: a gamma of 2.2."""

Tags = dict[str, bytes]


def read_tags(profile: bytes) -> Tags:
    entries = struct.iter_unpack(
        ">4sII", profile[132 : 132 + 12 * int.from_bytes(profile[128:132])]
    )
    return {name.decode(): profile[start : start + length] for name, start, length in entries}


def write_profile(tags: Tags, header: bytes = SRGB[:128], gap: bytes = b"") -> bytes:
    """Lay out a profile with elements one by one, each followed by padding and a gap."""
    table, body = struct.pack(">I", len(tags)), b""
    first = 132 + 12 * len(tags)
    for name, element in tags.items():
        table += struct.pack(">4sII", name.encode(), first + len(body), len(element))
        body += element + bytes(-len(element) % 4) + gap
    profile = header + table + body
    return struct.pack(">I", len(profile)) + profile[4:]


def change_header(place: int, value: bytes, profile: bytes = SRGB) -> bytes:
    return profile[:place] + value + profile[place + len(value) :]


def make_lut(kind: bytes, inputs: int = 3, outputs: int = 3) -> bytes:
    """Make a lut8Type or lut16Type, of two points (ICC.1:2022, sections 10.10 and 10.11)."""
    rng = random.Random(1)
    matrix = struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    head = struct.pack(">4s4x4B", kind, inputs, outputs, 2, 0) + matrix
    corners = 2**inputs * outputs
    if kind == b"mft1":
        ramps = bytes(range(256)) * inputs, bytes(range(256)) * outputs
        return head + ramps[0] + rng.randbytes(corners) + ramps[1]
    ramp = struct.pack(">2H", 0, 65535)
    return (
        head
        + struct.pack(">2H", 2, 2)
        + ramp * inputs
        + rng.randbytes(2 * corners)
        + ramp * outputs
    )


def make_pipeline(kind: bytes, inputs: int = 3, gap: bytes = bytes(20)) -> bytes:
    """Make a lutAToBType or lutBToAType of all stages (ICC.1:2022, 10.12 and 10.13), with gaps."""
    outer = CURVE * inputs
    points = bytes([2] * inputs).ljust(16, b"\0") + b"\1\0\0\0"
    table = points + random.Random(2).randbytes(2**inputs * 3)
    parts = [CURVE * 3, bytes(48), CURVE * 3, table + bytes(-len(table) % 4), outer]
    places, body = [], b""
    for part in parts:
        body += gap
        places.append(32 + len(body))
        body += part
    sizes = (inputs, 3) if kind == b"mAB " else (3, inputs)
    return struct.pack(">4s4xBBH5I", kind, *sizes, 0, *places) + body


def describe(text: bytes) -> bytes:
    """Make a textDescriptionType (ICC.1:2001-04, 6.5.17) with one text in all its places."""
    wide = text.decode().encode("utf-16-be")
    short = text[:66] + b"\0"
    return (
        struct.pack(">4s4xI", b"desc", len(text) + 1)
        + text
        + b"\0"
        + struct.pack(">II", 0, len(text))
        + wide
        + struct.pack(">HB", 0, len(short))
        + short.ljust(67, b"\0")
    )


def localize(*texts: str) -> bytes:
    """Make a multiLocalizedUnicodeType (ICC.1:2022, 10.15)."""
    head, body = struct.pack(">4s4xII", b"mluc", len(texts), 12), b""
    for number, text in enumerate(texts):
        encoded = text.encode("utf-16-be")
        language = (b"enUS", b"deDE")[number]
        head += struct.pack(">4sII", language, len(encoded), 16 + 12 * len(texts) + len(body))
        body += encoded
    return head + body


TAGS = read_tags(SRGB)
VERSION_2 = change_header(8, b"\2\x40\0\0", SRGB[:128])
LAB = change_header(20, b"Lab ", SRGB[:128])
SECRET_TEXT = SECRET.decode()
WHITE = {"wtpt": TAGS["wtpt"]}
SECRETIVE: dict[str, bytes] = {
    "behind its end": SRGB + SECRET,
    "between elements": write_profile(TAGS, gap=SECRET + bytes(-len(SECRET) % 4)),
    "behind an element": write_profile(TAGS | {"wtpt": TAGS["wtpt"] + SECRET}),
    "in a private tag": write_profile(TAGS | {"Alic": b"text\0\0\0\0" + SECRET}),
    "in a tag about the device": write_profile(TAGS | {"dmnd": localize(SECRET_TEXT)}),
    "in its name": write_profile(TAGS | {"desc": localize(SECRET_TEXT)}),
    "in its second name": write_profile(TAGS | {"desc": localize("sRGB", SECRET_TEXT)}),
    "behind its name": write_profile(TAGS | {"desc": localize("sRGB") + SECRET}),
    "in its copyright": write_profile(TAGS | {"cprt": localize(f"CC0 {SECRET_TEXT}")}),
    "in its old name": write_profile(TAGS | {"desc": describe(SECRET)}, VERSION_2),
    "in its old copyright": write_profile(TAGS | {"cprt": b"text\0\0\0\0" + SECRET}, VERSION_2),
    "in the device": change_header(48, SECRET[:8]),
    "in its date": change_header(24, SECRET[:12]),
    "in attributes": change_header(56, SECRET[:8]),
    "in its illuminant": change_header(68, SECRET[:12]),
    "in its ID": change_header(84, SECRET[:16]),
    "in what is reserved": change_header(100, SECRET),
    "in padding of a table": write_profile(
        WHITE | {"A2B0": make_pipeline(b"mAB ", gap=SECRET + bytes(-len(SECRET) % 4))}, LAB
    ),
}


@pytest.mark.parametrize(
    "profile",
    [SRGB, make_rgb_profile(rXYZ=(0.5151, 0.2412, -0.0011)), make_cmyk_profile()],
    ids=["sRGB", "RGB", "CMYK"],
)
def test_valid_profile_is_unchanged(profile: bytes) -> None:
    assert clean_profile(profile) == profile


@pytest.mark.parametrize("profile", SECRETIVE.values(), ids=SECRETIVE)
def test_profile_loses_private_data_and_keeps_colors(profile: bytes) -> None:
    cleaned = clean_profile(profile)
    assert not any(SECRET[start : start + 6] in cleaned for start in range(len(SECRET) - 5))
    assert SECRET_TEXT[:3].encode("utf-16-be") not in cleaned
    assert show(cleaned) == show(profile)
    assert clean_profile(cleaned) == cleaned


def test_bytes_after_declared_length_are_cut() -> None:
    assert clean_profile(SRGB + SECRET) == SRGB


def test_unknown_names_become_neutral() -> None:
    tags = TAGS | {"desc": localize("Alice's screen"), "cprt": localize("Copyright 2024 Alice")}
    cleaned = read_tags(clean_profile(write_profile(tags)))
    assert cleaned["desc"] == localize("Color profile")
    assert cleaned["cprt"] == localize("Copyright of its creator")


def test_well_known_names_are_kept() -> None:
    tags = TAGS | {
        "desc": localize("Display P3"),
        "cprt": localize("Copyright Apple Inc., 2022"),
    }
    assert clean_profile(write_profile(tags)) == write_profile(tags)


def test_names_of_version_2_keep_their_type() -> None:
    tags = TAGS | {"desc": describe(b"sRGB"), "cprt": b"text\0\0\0\0Public Domain\0"}
    cleaned = read_tags(clean_profile(write_profile(tags, VERSION_2)))
    assert cleaned["desc"] == b"desc\0\0\0\0\0\0\0\5sRGB\0" + bytes(78)
    assert cleaned["cprt"] == tags["cprt"]


@pytest.mark.parametrize("kind", [b"mft1", b"mft2", b"mAB "])
@pytest.mark.parametrize(("space", "channels"), [("GRAY", 1), ("RGB ", 3), ("CMYK", 4)])
def test_profiles_of_tables_keep_their_colors(kind: bytes, space: str, channels: int) -> None:
    make = make_pipeline if kind == b"mAB " else make_lut
    header = change_header(16, space.encode(), LAB)
    profile = write_profile(WHITE | {"A2B0": make(kind, channels)}, header)
    cleaned = clean_profile(profile)
    assert show(cleaned) == show(profile)


@pytest.mark.parametrize("kind", [b"mft1", b"mft2", b"mBA "])
def test_tables_to_the_device_are_kept(kind: bytes) -> None:
    element = make_pipeline(kind) if kind == b"mBA " else make_lut(kind)
    cleaned = clean_profile(write_profile(TAGS | {"B2A0": element}))
    assert read_tags(cleaned)["B2A0"] == element


def test_gray_profile_is_kept() -> None:
    header = change_header(16, b"GRAY", SRGB[:128])
    profile = write_profile(WHITE | {"kTRC": CURVE}, header)
    assert clean_profile(profile) == profile


def test_elements_that_tags_share_stay_shared() -> None:
    assert len({place for _, place in list_places(clean_profile(SRGB))}) == len(TAGS) - 2


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param("text", id="another type"),
        pytest.param(b"", id="empty"),
        pytest.param(SECRET * 99, id="text"),
        pytest.param(bytes(36) + b"acsp" + SECRET * 99, id="text with a signature"),
        pytest.param(SRGB[:-1], id="cut off"),
        pytest.param(SRGB[:100], id="cut off in its header"),
        pytest.param(change_header(0, bytes(4)), id="no size"),
        pytest.param(change_header(0, struct.pack(">I", 131), SRGB[:140]), id="no table"),
        pytest.param(change_header(8, b"\5"), id="version 5"),
        pytest.param(change_header(12, b"link"), id="device link"),
        pytest.param(change_header(16, b"Lab "), id="another space"),
        pytest.param(change_header(20, b"RGB "), id="no connection space"),
        pytest.param(change_header(36, b"ACSP"), id="no signature"),
        pytest.param(change_header(128, struct.pack(">I", 99)), id="long table"),
        pytest.param(change_header(128, b"\xff" * 4), id="endless table"),
        pytest.param(change_header(136, struct.pack(">I", 128)), id="element in the table"),
        pytest.param(change_header(140, struct.pack(">I", 999)), id="element beyond the end"),
        pytest.param(change_header(140, struct.pack(">I", 99)), id="elements overlap"),
        pytest.param(change_header(144, b"desc"), id="tag twice"),
        pytest.param(change_header(16, b"CMYK"), id="no table for inks"),
        pytest.param(change_header(16, b"GRAY"), id="no curve for gray"),
        pytest.param(write_profile({"A2B0": make_lut(b"mft1", 4)}), id="other channels"),
        pytest.param(write_profile({"A2B0": make_lut(b"mft2")[:-1]}), id="short table"),
        pytest.param(write_profile({"A2B0": make_pipeline(b"mBA ")}), id="table the other way"),
        pytest.param(write_profile({"A2B0": make_pipeline(b"mAB ")[:-1]}), id="short stages"),
        pytest.param(
            write_profile({"A2B0": make_pipeline(b"mAB ").replace(b"para", b"text")}),
            id="stages without curves",
        ),
        pytest.param(write_profile(TAGS | {"rXYZ": TAGS["rXYZ"][:-1]}), id="short color"),
        pytest.param(write_profile(TAGS | {"rXYZ": CURVE}), id="curve for a color"),
        pytest.param(write_profile(TAGS | {"rTRC": CURVE[:9]}), id="short curve"),
        pytest.param(write_profile(TAGS | {"rTRC": b"curv" + bytes(6)}), id="curve without size"),
        pytest.param(
            write_profile(TAGS | {"rTRC": b"para\0\0\0\0\0\5" + bytes(30)}), id="function 5"
        ),
        pytest.param(write_profile(TAGS, gap=bytes(MAX_BYTES // 10)), id="too large"),
        pytest.param(write_profile({t: e for t, e in TAGS.items() if t != "gTRC"}), id="no green"),
    ],
)
def test_invalid_profile_is_dropped(profile: object) -> None:
    assert clean_profile(profile) == b""


MUTABLE = [SRGB, make_cmyk_profile(), *SECRETIVE.values()]


@given(st.sampled_from(MUTABLE), st.lists(st.tuples(st.integers(0, 600), st.binary(min_size=1))))
def test_any_bytes_give_nothing_or_a_valid_profile(
    profile: bytes, changes: list[tuple[int, bytes]]
) -> None:
    for place, value in changes:
        profile = change_header(place, value, profile)
    cleaned = clean_profile(profile)
    assert clean_profile(cleaned) == cleaned
    assert len(cleaned) <= len(profile) + 200


def list_places(profile: bytes) -> list[tuple[bytes, int]]:
    table = profile[132 : 132 + 12 * int.from_bytes(profile[128:132])]
    return [(name, place) for name, place, _ in struct.iter_unpack(">4sII", table)]


def show(profile: bytes) -> bytes:
    """Show noise through a profile, in sRGB."""
    mode = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}[profile[16:20]]
    own = ImageCms.ImageCmsProfile(BytesIO(profile))
    srgb = ImageCms.ImageCmsProfile(BytesIO(SRGB))
    noise = make_noise(mode, (32, 32))
    return ImageCms.buildTransform(own, srgb, mode, "RGB").apply(noise).tobytes()
