"""examples/web in Chromium: a gallery behind placeholders, served by the emulator's S3."""

from __future__ import annotations

import io
import mimetypes
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from PIL import Image

from pixelater_cli.emulator.moto_adapter import server
from tests.browser import Tab, open_tab
from tests.functional.command import Environment, run_here
from tests.functional.conftest import ROOT
from tests.page_checks import find_unnamed
from tests.pictures import encode, make_scene

EXAMPLE = ROOT / "examples" / "web"
COLORS = {"red": (190, 40, 40), "green": (30, 150, 60), "blue": (40, 70, 190)}
SIZES = {"red": (1200, 800), "green": (800, 1200), "blue": (1000, 1000)}
MANY = 40

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().map((one) => one.value)))
  .observe({type: "layout-shift", buffered: true});
"""
LOADED = "[...document.images].every((one) => one.complete && one.naturalWidth > 0)"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHOWN = "document.images.length > 0"


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """The URL of the emulator's S3."""
    with server.serve() as url:
        yield url


@pytest.fixture
def site(emulator: str, clean_environment: Environment, tmp_path: Path) -> str:
    """Make the site as the guide says, upload it to a bucket, and return the URL of its folder."""
    photos = {
        f"{name} one.jpg": encode(Image.new("RGB", SIZES[name], color), "JPEG")
        for name, color in COLORS.items()
    }
    clear = Image.new("RGBA", (300, 300), (255, 200, 0, 255))
    clear.paste((0, 0, 0, 0), (0, 0, 150, 300))
    photos |= {"seal_1.png": encode(clear), "broken.jpg": b"not a photo"}
    return make_site(emulator, clean_environment, tmp_path / "site", photos)


def make_site(
    emulator: str, environment: Environment, folder: Path, photos: dict[str, bytes]
) -> str:
    shutil.copytree(EXAMPLE, folder)
    (folder / "photos").mkdir()
    for name, data in photos.items():
        (folder / "photos" / name).write_bytes(data)
    made = run_here(["preview", "photos", "--out", "previews.json"], folder, environment)
    assert (made.code, "Traceback" in made.err) == ("broken.jpg" in photos, False)
    written = run_here(["preview", "photos", "--as", "html"], folder, environment).out
    (folder / "photos.html").write_text((folder / "plain.html").read_text() + written)
    return upload(emulator, folder)


def upload(emulator: str, folder: Path) -> str:
    """Put a folder into a bucket that everyone may read, as `aws s3 sync --acl` does."""
    s3 = boto3.client(
        "s3",
        endpoint_url=emulator,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )
    s3.create_bucket(Bucket="site")
    for path in folder.rglob("*"):
        if path.is_file():
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            kind = {".js": "text/javascript"}.get(path.suffix, kind)
            key = path.relative_to(folder).as_posix()
            s3.put_object(
                Bucket="site",
                Key=key,
                Body=path.read_bytes(),
                ContentType=kind,
                ACL="public-read",
            )
    return f"{emulator}/site"


@pytest.fixture
def tab(chromium: str, tmp_path: Path) -> Iterator[Tab]:
    """An empty page that notes layout shifts from now on, without errors at the end."""
    with open_tab(chromium, tmp_path / "profile", "about:blank") as opened:
        opened.call("Page.addScriptToEvaluateOnNewDocument", source=SHIFTS)
        opened.resize(1100, 800)
        yield opened
        assert opened.problems == []


def take_screenshot(tab: Tab, folder: Path, name: str) -> Image.Image:
    path = folder / f"{name}.png"
    tab.save_screenshot(path)
    return Image.open(io.BytesIO(path.read_bytes())).convert("RGB")


def find_centers(tab: Tab) -> dict[str, tuple[int, int]]:
    """Return where the middle of each photo is, by its color."""
    boxes: dict[str, list[float]] = tab.run(
        "Object.fromEntries([...document.images].map((one) => [decodeURIComponent(one.src)"
        ".split('/').at(-1), one.getBoundingClientRect()]).map(([name, box]) => "
        "[name, [box.x + box.width / 2, box.y + box.height / 2]]))"
    )
    return {name.partition(" ")[0]: (int(x), int(y)) for name, (x, y) in boxes.items()}


def is_near(found: Any, wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) <= 12 for one, other in zip(found, wanted, strict=True))


def test_placeholders_are_painted_before_photos_and_nothing_moves(
    tab: Tab, site: str, tmp_path: Path
) -> None:
    tab.hold("*/photos/*")
    tab.open(f"{site}/index.html")
    tab.wait_until("document.images.length === 4")
    tab.wait_until("performance.getEntriesByType('paint').length > 0")
    assert tab.run("[...document.images].every((one) => one.naturalWidth === 0)")
    before = take_screenshot(tab, tmp_path, "held")
    centers = find_centers(tab)
    near = {name: is_near(before.getpixel(centers[name]), COLORS[name]) for name in COLORS}
    assert near == dict.fromkeys(COLORS, True)
    assert {url.rpartition("/")[2] for url in tab.held.values()} == {
        *("red%20one.jpg", "green%20one.jpg", "blue%20one.jpg", "seal_1.png")
    }
    tab.release()
    tab.wait_until(LOADED)
    after = take_screenshot(tab, tmp_path, "loaded")
    assert find_centers(tab) == centers
    near = {name: is_near(after.getpixel(centers[name]), COLORS[name]) for name in COLORS}
    assert near == dict.fromkeys(COLORS, True)
    assert tab.run("shifts") == []
    assert tab.run("document.querySelector('#status').textContent") == "4 photos"


def test_placeholder_of_a_transparent_photo_is_removed(tab: Tab, site: str) -> None:
    tab.open(f"{site}/index.html")
    tab.wait_until(f"{SHOWN} && {LOADED}")
    backgrounds = tab.run(
        "Object.fromEntries([...document.images].map((one) => [one.alt, "
        "getComputedStyle(one).backgroundImage.slice(0, 9)]))"
    )
    held = 'url("data'
    assert backgrounds == {
        **{f"{name} one": held for name in COLORS},
        "seal 1": "none",
    }


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 1100])
def test_gallery_fits_any_width(
    tab: Tab, site: str, tmp_path: Path, width: int, dark: bool
) -> None:
    tab.show_dark(dark)
    tab.resize(width, 900)
    tab.open(f"{site}/index.html")
    tab.wait_until(f"{SHOWN} && {LOADED}")
    assert tab.run(OVERFLOW) == 0
    shapes = tab.run("[...document.images].map((one) => one.clientWidth / one.clientHeight)")
    natural = tab.run("[...document.images].map((one) => one.width / one.height)")
    assert shapes == pytest.approx(natural, rel=0.02)
    ground = take_screenshot(tab, tmp_path, "page").getpixel((2, 2))
    assert ground == ((23, 23, 26) if dark else (250, 250, 250))
    assert find_unnamed(tab) == []
    assert tab.run("shifts") == []


def test_photos_below_the_window_are_loaded_when_they_are_near(
    tab: Tab, emulator: str, clean_environment: Environment, tmp_path: Path
) -> None:
    scene = encode(make_scene((900, 600)), "JPEG")
    photos = {f"{number:02}.jpg": scene for number in range(MANY)}
    url = make_site(emulator, clean_environment, tmp_path / "site", photos)
    tab.resize(320, 500)
    tab.open(f"{url}/index.html")
    tab.wait_until("document.images.length === 40 && document.images[0].naturalWidth > 0")
    asked = [url for url in tab.requests if url.endswith(".jpg")]
    assert 0 < len(asked) < MANY
    tab.run("scrollTo(0, document.body.scrollHeight)")
    tab.wait_until("document.images[39].naturalWidth > 0")
    assert tab.run("shifts") == []


def test_plain_page_needs_no_script(tab: Tab, site: str) -> None:
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    tab.call("Page.navigate", url=f"{site}/index.html")
    tab.wait_until("document.querySelector('noscript a') !== null")
    target = tab.run("document.querySelector('noscript a').href")
    assert target == f"{site}/photos.html"
    tab.call("Page.navigate", url=target)
    tab.wait_until(f"document.images.length === 4 && {LOADED}")
    assert tab.run(OVERFLOW) == 0
    sizes = tab.run("[...document.images].map((one) => [one.getAttribute('width'), one.alt])")
    assert sizes == [["1000", ""], ["800", ""], ["1200", ""], ["300", ""]]


def test_missing_previews_are_reported_on_the_page(tab: Tab, site: str) -> None:
    tab.call("Network.setBlockedURLs", urls=["*/previews.json"])
    tab.open(f"{site}/index.html")
    tab.wait_until("document.querySelector('#status').textContent.startsWith('The photos cannot')")
    tab.problems.clear()  # Chromium reports the request.
