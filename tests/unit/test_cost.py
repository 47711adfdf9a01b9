"""Costs of photos, which are estimated from their headers."""

import struct
import zlib
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from pixelater import Style, TooLarge, pixelate
from pixelater.decode.cost import Cost, Header, estimate
from pixelater.decode.limits import MB, Limits, check_cost
from pixelater.grid import GRIDS
from tests.pictures import encode, make_noise

JPEG = Header("JPEG", "jpeg", "RGB", 4000, 3000, 4_000_000, scale=4)
PNG = Header("PNG", "zip", "RGB", 8000, 8000, 60_000_000)
GIF = Header("GIF", "gif", "P", 320, 240, 3_000_000, frames=600)
PHOTOS = {
    "12 MP JPEG": (JPEG, "JPEG"),
    "12 MP JPEG at full size": (replace(JPEG, scale=1), "JPEG"),
    "200 MP JPEG": (replace(JPEG, width=16320, height=12240, bytes=80_000_000, scale=8), "JPEG"),
    "48 MP progressive JPEG": (
        replace(JPEG, width=8064, height=6048, bytes=20_000_000, scans=10, scale=8),
        "JPEG",
    ),
    "64 MP PNG": (PNG, "PNG"),
    "12 MP PNG, 16 bits": (replace(PNG, width=4000, height=3000, mode="RGB", deep=True), "PNG"),
    "48 MP HEIC": (Header("HEIF", "HEIF", "RGB", 8064, 6048, 5_000_000), "PNG"),
    "48 MP AVIF": (Header("AVIF", "AVIF", "RGB", 8064, 6048, 4_000_000), "PNG"),
    "12 MP AVIF": (Header("AVIF", "AVIF", "RGB", 4032, 3024, 2_000_000), "AVIF"),
    "24 MP WebP": (Header("WEBP", "WEBP", "RGB", 6000, 4000, 5_000_000), "WEBP"),
    "64 MP TIFF": (Header("TIFF", "raw", "RGB", 8000, 8000, 192_000_000), "PNG"),
    "minute of GIF": (GIF, "GIF"),
    "minute of GIF, 480 x 270": (replace(GIF, width=480, height=270, bytes=27_000_000), "GIF"),
    "34 MP WebP": (Header("WEBP", "WEBP", "RGB", 7100, 4800, 1_000_000), "WEBP"),
    "64 MP QOI of few runs": (Header("QOI", "qoi", "RGBA", 8000, 8000, 1_032_281), "PNG"),
    "photo of a TGA": (Header("TGA", "tga_rle", "RGBA", 2000, 1500, 9_000_000), "TGA"),
}
UPLOADS = {
    "JPEG 2000 of 64 MP": (Header("JPEG2000", "jpeg2k", "RGB", 8000, 8000, 829), "max-memory"),
    "AVIF of 64 MP, 10 bits": (
        Header("AVIF", "AVIF", "RGB", 8000, 8000, 1037, extra_bytes=6 * 64e6),
        "max-memory",
    ),
    "GIF of 31 x 64 MP": (replace(GIF, width=8000, height=8000, frames=31), "max-memory"),
    "GIF of 2000 x 1 MP": (
        replace(GIF, width=1000, height=1000, frames=2000, bytes=48_575),
        "max-seconds",
    ),
    "WebP of 64 MP": (Header("WEBP", "WEBP", "RGB", 16383, 3900, 34), "max-memory"),
    "DDS of 64 MP, decoded in Python": (
        Header("DDS", "dds_rgb", "RGB", 5000, 5000, 75_000_000),
        "max-seconds",
    ),
    "unknown decoder": (Header("NEW", "new", "RGB", 5000, 5000, 100), "max-seconds"),
}


@pytest.mark.parametrize(("header", "written"), PHOTOS.values(), ids=PHOTOS.keys())
def test_ordinary_photo_is_within_the_limits(header: Header, written: str) -> None:
    check_cost(estimate(header, GRIDS, (written,)), Limits())


@pytest.mark.parametrize(("header", "option"), UPLOADS.values(), ids=UPLOADS.keys())
def test_costly_upload_is_refused(header: Header, option: str) -> None:
    with pytest.raises(TooLarge) as refused:
        check_cost(estimate(header, GRIDS, ("PNG",)), Limits())
    assert refused.value.option == option


@pytest.mark.parametrize(
    ("cost", "message", "needed"),
    [
        (
            Cost(601 * MB, 1, 1),
            "it would take 601 MB of memory, more than the limit of 600 MB",
            601,
        ),
        (Cost(1, 20.1, 1), "it would take 21 s of CPU time, more than the limit of 20 s", 21),
        (
            Cost(1, 1, 64 * MB + 1),
            "it would take 65 MB of mosaics, more than the limit of 64 MB",
            65,
        ),
    ],
)
def test_refusal_says_the_figure_and_the_limit(cost: Cost, message: str, needed: int) -> None:
    with pytest.raises(TooLarge) as refused:
        check_cost(cost, Limits())
    assert (str(refused.value), refused.value.needed) == (message, needed)
    raised = {refused.value.option.removeprefix("max-"): needed}
    check_cost(cost, replace(Limits(), **raised))


def test_what_is_at_a_limit_is_accepted() -> None:
    check_cost(Cost(600 * MB, 20.0, 64 * MB), Limits())


@pytest.mark.parametrize(
    ("changes", "dearer"),
    [
        ({"width": 8000}, ("memory_bytes", "cpu_seconds", "written_bytes")),
        ({"bytes": 30_000_000}, ("memory_bytes", "cpu_seconds")),
        ({"scans": 20}, ("memory_bytes", "cpu_seconds")),
        ({"scale": 1}, ("memory_bytes", "cpu_seconds")),
        ({"mode": "CMYK", "scale": 1}, ("memory_bytes", "cpu_seconds", "written_bytes")),
    ],
)
def test_more_of_a_header_costs_more(changes: dict[str, int], dearer: tuple[str, ...]) -> None:
    before = estimate(JPEG, GRIDS, ("JPEG",))
    after = estimate(replace(JPEG, **changes), GRIDS, ("JPEG",))  # type: ignore[arg-type]
    assert all(getattr(after, name) > getattr(before, name) for name in dearer)


def test_frames_and_grids_multiply_the_work() -> None:
    still = replace(GIF, frames=1, bytes=0)
    once, often = (estimate(replace(still, frames=n), GRIDS, ("GIF",)) for n in (100, 200))
    assert often.written_bytes == pytest.approx(2 * once.written_bytes, abs=1)
    assert often.cpu_seconds == pytest.approx(2 * once.cpu_seconds, rel=0.1)
    one, two = (estimate(GIF, grids, ("GIF",)) for grids in ((8,), (8, 8)))
    assert two.written_bytes == pytest.approx(2 * one.written_bytes, abs=1)


@pytest.mark.parametrize(
    ("memory", "limits"),
    [
        (128, Limits(seconds=17, memory=64)),
        (256, Limits(memory=156)),
        (512, Limits(memory=412)),
        (700, Limits(memory=600)),
        (1024, Limits()),
        (3008, Limits(memory=2584)),
    ],
)
def test_limits_follow_the_memory_of_a_function(memory: int, limits: Limits) -> None:
    assert Limits.for_function(memory) == limits


@pytest.mark.parametrize(
    ("format", "size", "written"),
    [
        ("BMP", (2000, 2000), "BMP"),
        ("BMP", (2000, 2001), "PNG"),
        ("PPM", (2000, 2001), "PNG"),
        ("TGA", (1500, 2000), "TGA"),
        ("TGA", (1500, 2001), "PNG"),
    ],
)
def test_formats_that_do_not_compress_become_png_above_a_size(
    format: str, size: tuple[int, int], written: str
) -> None:
    (mosaic,) = pixelate(encode(Image.new("RGB", size), format), (8,))
    assert mosaic.format == written


@pytest.mark.parametrize("limit", ["max_seconds", "max_memory", "max_written"])
def test_each_limit_is_checked_before_decoding(limit: str) -> None:
    header = struct.pack(">IIBBBBB", 8000, 8000, 16, 2, 0, 0, 0)
    chunk = (
        struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    )
    photo = b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT"
    limits = {"max_seconds": 99, "max_memory": 9999, "max_written": 99, limit: 1}
    with pytest.raises(TooLarge) as refused:
        pixelate(photo, (8,) * 100, **limits)  # type: ignore[arg-type]
    assert refused.value.option == limit.replace("_", "-")


def test_animation_as_still_counts_one_frame() -> None:
    frames = [make_noise("RGB", (600, 400), seed) for seed in range(8)]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(TooLarge):
        pixelate(buffer.getvalue(), max_written=1)
    assert pixelate(buffer.getvalue(), (8,), Style("jpeg"), max_written=1)[0].format == "JPEG"


def test_mosaics_are_counted_as_they_are_written() -> None:
    photo = encode(make_noise("RGB", (1500, 1500)), "JPEG")
    sizes = [len(made.data) for made in pixelate(photo, (300,) * 9, Style(quality=100))]
    assert sum(sizes) > 2 * MB
    with pytest.raises(TooLarge, match="of mosaics") as refused:
        pixelate(photo, (300,) * 9, Style(quality=100), max_written=sum(sizes) // MB)
    assert refused.value.needed == -(-sum(sizes) // MB)


@pytest.mark.parametrize(("size", "kilobytes"), [((480, 270), 98), ((800, 600), 224)])
def test_gif_is_estimated_near_its_size(size: tuple[int, int], kilobytes: int) -> None:
    """The examples' photo takes 98 and 224 kB at all grids."""
    header = replace(GIF, width=size[0], height=size[1], frames=1)
    written = estimate(header, GRIDS, ("GIF",)).written_bytes
    assert written == pytest.approx(1000 * kilobytes, rel=0.1)


def test_crisp_cells_of_cmyk_are_counted_with_their_conversion() -> None:
    header = Header("TIFF", "libtiff", "CMYK", 4000, 3000, 1000)
    mean, crisp = (
        estimate(header, (8,), ("PNG",), Style(kernel=kernel)) for kernel in ("mean", "crisp")
    )
    assert crisp.memory_bytes - mean.memory_bytes > 3.9 * header.pixels
    assert crisp.cpu_seconds > mean.cpu_seconds + 0.7
