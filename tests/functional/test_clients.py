"""Other programs at `pixelater emulate`: the AWS CLI, presigned URLs, and a browser at its page."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import dropwhile
from pathlib import Path
from typing import NoReturn
from urllib.request import Request, urlopen

import pytest

from pixelater import name_mosaic, pixelate
from tests.browser import Tab, find_chromium, open_tab
from tests.functional.conftest import Done
from tests.functional.running import DESTINATION, SOURCE
from tests.functional.serving import Serving, serve
from tests.live.conftest import clean
from tests.live.servers import Python, install
from tests.pictures import encode, make_noise, make_scene

AWSCLI = "awscli==1.45.64"
PHOTO = encode(make_scene((300, 200)), "JPEG")


@pytest.fixture(scope="module")
def serving(
    make_cache: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    """One emulator for all tests here."""
    folder = tmp_path_factory.mktemp("serving")
    environment = clean(make_cache("pixelater"), folder)
    with serve(environment, folder) as served:
        yield served


@pytest.fixture(scope="module")
def aws(make_cache: Callable[[str], Path], report_missing: Callable[[str], NoReturn]) -> Path:
    """The AWS CLI's Python, in a virtual environment that is kept for the next test run."""
    python = Python(sys.executable, sys.version_info.minor)
    try:
        programs = install(python, [AWSCLI], make_cache("awscli"))
    except subprocess.CalledProcessError:
        report_missing(f"{AWSCLI} cannot be installed")
    return programs / "python"


def run_aws(python: Path, serving: Serving, *arguments: str | Path) -> Done:
    """Run the AWS CLI with the variables that the emulator says to set, and no others."""
    done = subprocess.run(
        [python, "-m", "awscli", *arguments],
        env={"HOME": "/nonexistent", **serving.first["variables"]},
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def expect(serving: Serving, key: str, data: bytes) -> None:
    """See that the photo became the mosaics that the engine makes of it."""
    serving.read_until(key, "done")
    s3 = serving.connect("s3")
    for made in pixelate(data):
        answer = s3.get_object(Bucket=DESTINATION, Key=name_mosaic(key, made))
        assert answer["Body"].read() == made.data


@pytest.mark.slow
def test_a_photo_copied_by_the_aws_cli_becomes_five_mosaics(
    serving: Serving, aws: Path, tmp_path: Path
) -> None:
    photo = tmp_path / "copied photo.jpg"
    photo.write_bytes(PHOTO)
    done = run_aws(aws, serving, "s3", "cp", photo, f"s3://{SOURCE}/")
    assert (done.code, done.err) == (0, "")
    expect(serving, "copied photo.jpg", PHOTO)
    listed = run_aws(aws, serving, "s3", "ls", f"s3://{DESTINATION}/")
    assert listed.out.count("-copied photo.jpg\n") == 5


@pytest.mark.slow
def test_a_large_photo_that_the_aws_cli_sends_in_parts_runs_once(
    serving: Serving, aws: Path, tmp_path: Path
) -> None:
    data = encode(make_noise("RGB", (1900, 1600)), "BMP")
    assert len(data) > 9_000_000
    (tmp_path / "large.bmp").write_bytes(data)
    assert run_aws(aws, serving, "s3", "cp", tmp_path / "large.bmp", f"s3://{SOURCE}/").code == 0
    assert [one["result"] for one in serving.read_until("large.bmp", "done")] == ["done"]
    assert serving.is_quiet()


@pytest.mark.parametrize("key", ["presigned.jpg", "viele Fotos/50% + ü.jpg"])
def test_a_photo_put_by_a_presigned_url_becomes_five_mosaics(serving: Serving, key: str) -> None:
    s3 = serving.connect("s3")
    url = s3.generate_presigned_url("put_object", {"Bucket": SOURCE, "Key": key}, ExpiresIn=60)
    request = Request(url, PHOTO, {"Content-Type": "image/jpeg"}, method="PUT")  # noqa: S310
    with urlopen(request, timeout=60) as answer:  # noqa: S310 (http)
        assert answer.status == 200
    expect(serving, key, PHOTO)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def chromium(report_missing: Callable[[str], NoReturn]) -> str:
    found = find_chromium()
    if found is None:
        report_missing("Chromium is not on the PATH")
    return found


def test_a_photo_chosen_on_the_page_appears_with_its_mosaics(
    serving: Serving, chromium: str, photos: Path, tmp_path: Path
) -> None:
    photo = photos / "chosen + 1.jpg"
    photo.write_bytes(PHOTO)
    with open_tab(chromium, tmp_path / "profile", serving.page) as tab:
        tab.wait_until("document.getElementById('way').textContent.includes('→')")
        tab.choose_files("#files", photo)
        expect(serving, photo.name, PHOTO)
        card = find_card(photo.name)
        tab.wait_until(f"{card}.querySelectorAll('figure').length === 6")
        captions = tab.run(f"[...{card}.querySelectorAll('figcaption b')].map(b => b.textContent)")
        state = tab.run(f"{card}.querySelector('.state').textContent")
        tab.wait_until(f"[...{card}.querySelectorAll('img')].every(i => i.naturalWidth === 300)")
        row = tab.run("[...document.querySelector('#events tr').cells].map(c => c.textContent)")
        asked = {url for url in tab.requests if not url.startswith(("blob:", serving.url))}
        assert (tab.problems, asked) == ([], set())
    assert captions == ["photo", "8x8", "16x16", "32x32", "48x48", "64x64"]
    assert state.startswith("done in ")
    assert row[1:4] == ["chosen + 1.jpg", "done", "1"]


def test_photos_dropped_on_the_page_appear_and_so_do_failures_and_other_programs_photos(
    serving: Serving, chromium: str, photos: Path, tmp_path: Path
) -> None:
    (photos / "dropped.png").write_bytes(encode(make_scene()))
    (photos / "<b>text.jpg").write_bytes(b"no photo")
    with open_tab(chromium, tmp_path / "profile", serving.page, dark=True) as tab:
        tab.wait_until("document.getElementById('way').textContent.includes('→')")
        tab.drop_files("#drop", *sorted(photos.iterdir()))
        serving.connect("s3").put_object(Bucket=SOURCE, Key="elsewhere/a.jpg", Body=PHOTO)
        for key in ("dropped.png", "elsewhere/a.jpg"):
            tab.wait_until(f"{find_card(key)}?.querySelectorAll('figure').length === 6")
        tab.wait_until(f"{find_card('<b>text.jpg')}?.querySelector('.state.failed') !== null")
        failures = tab.run("document.getElementById('failures').textContent")
        dark = tab.run("getComputedStyle(document.body).backgroundColor")
        tab.save_screenshot(tmp_path / "page.png")
        assert tab.problems == []
    serving.read_until("<b>text.jpg", "failed")
    assert failures.startswith("<b>text.jpg not_a_picture: not a recognized image format")
    assert dark == "rgb(23, 20, 18)"
    assert (tmp_path / "page.png").stat().st_size > 10_000


def test_the_page_can_be_used_by_keyboard(serving: Serving, chromium: str, tmp_path: Path) -> None:
    """Enter in the field opens the dialog, which a page may do only for a person's deed."""
    with open_tab(chromium, tmp_path / "profile", serving.page) as tab:
        tab.wait_until("document.getElementById('way').textContent.includes('→')")
        tab.call("Page.setInterceptFileChooserDialog", enabled=True)
        tab.press("Tab")
        assert tab.run("document.activeElement.id") == "files"
        outline = tab.run("getComputedStyle(document.getElementById('drop')).outlineStyle")
        tab.press("Enter")
        tab.wait_until("new Promise(done => setTimeout(() => done(true), 500))")
        assert (outline, tab.opened_choosers) == ("solid", 1)
        reached = (move_on(tab) for _ in range(MAX_LINKS))
        assert next(dropwhile("picture".__eq__, reached)) == "scroll"


MAX_LINKS = 200
"""The photos of the other tests are on the page, too, with six links each."""


def move_on(tab: Tab) -> str:
    """Move the focus on by Tab; return the focused element's id, or that it is a picture's link."""
    tab.press("Tab")
    active = "document.activeElement"
    return str(tab.run(f"{active}.matches('figure a') ? 'picture' : {active}.id"))


def find_card(key: str) -> str:
    """Give a JavaScript expression for a photo's entry on the page."""
    return (
        "[...document.querySelectorAll('.photo')]"
        f".find(one => one.querySelector('h3').textContent === {json.dumps(key)})"
    )
