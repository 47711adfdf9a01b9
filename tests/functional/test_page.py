"""The web page of `pixelater emulate`, in Chromium."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pixelater_cli.aws.session import connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.serve.dashboard_bucket import Dashboard
from pixelater_cli.results.serve import HappeningResult
from tests.browser import Tab, open_tab
from tests.functional.conftest import Pixelater
from tests.functional.running import SOURCE
from tests.functional.serving import Serving, serve
from tests.live.conftest import clean
from tests.page_checks import count_roles, find_unnamed, list_low_contrasts, list_stops
from tests.pictures import encode, make_scene

PHOTO = encode(make_scene((300, 200)), "JPEG")
READY = "document.getElementById('connection').textContent === 'connected'"
LONG_KEY = f"{'a-very-long-folder/' * 5}{'x' * 100}.jpg"


@pytest.fixture(scope="module")
def serving(
    make_cache: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    """One emulator for all tests here."""
    folder = tmp_path_factory.mktemp("serving")
    with serve(clean(make_cache("pixelater"), folder), folder) as served:
        yield served


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def tab(serving: Serving, chromium: str, tmp_path: Path) -> Iterator[Tab]:
    """The page of the emulator, without errors at the end."""
    with open_tab(chromium, tmp_path / "profile", serving.page) as opened:
        opened.wait_until(READY)
        yield opened
        assert opened.problems == []


def find_card(key: str) -> str:
    """Return a JavaScript expression for a photo's card."""
    return (
        "[...document.querySelectorAll('.photo')]"
        f".find(one => one.querySelector('h3').textContent === {json.dumps(key)})"
    )


def await_mosaics(tab: Tab, key: str, number: int = 5) -> str:
    """Wait until a photo's card has its mosaics; return an expression for the card."""
    card = find_card(key)
    tab.wait_until(f"{card}?.querySelectorAll('.tile').length === {number}")
    return card


def find_failure(key: str) -> str:
    """Return a JavaScript expression for a row of the failures."""
    return (
        "[...document.querySelectorAll('#failures li')]"
        f".find(one => one.querySelector('b').textContent === {json.dumps(key)})"
    )


def delete_messages(sqs: Any, url: str) -> None:
    """Delete all messages of a queue; PurgeQueue may be called once a minute."""
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_chosen_photo_is_shown_with_its_mosaics(serving: Serving, tab: Tab, photos: Path) -> None:
    (photos / "chosen + 1.jpg").write_bytes(PHOTO)
    tab.choose_files("#files", photos / "chosen + 1.jpg")
    card = await_mosaics(tab, "chosen + 1.jpg")
    names = tab.run(f"[...{card}.querySelectorAll('.tile span')].map(s => s.textContent)")
    state = tab.run(f"{card}.querySelector('.state').textContent")
    tab.wait_until(f"[...{card}.querySelectorAll('img')].every(i => i.naturalWidth === 300)")
    alternatives = tab.run(f"[...{card}.querySelectorAll('.stage img')].map(i => i.alt)")
    row = tab.run("[...document.querySelector('#events tr').cells].map(c => c.textContent)")
    asked = {url for url in tab.requests if not url.startswith(("blob:", serving.url))}
    assert asked == set()
    assert names == ["8x8", "16x16", "32x32", "48x48", "64x64"]
    assert alternatives == ["Photo chosen + 1.jpg", "Mosaic 16x16 of chosen + 1.jpg"]
    assert state.startswith("Done in ")
    assert row[1:4] == ["chosen + 1.jpg", "done", "1"]
    assert row[5].startswith("cold, +")
    assert tab.run("document.getElementById('cold').textContent").endswith(" ms")


RECORD_PICTURES = """
window.shown = [];
new MutationObserver(() => {
  for (const image of document.querySelectorAll('.stage img')) {
    const source = image.src.slice(0, 5);
    if (!window.shown.includes(source)) window.shown.push(source);
  }
}).observe(document.getElementById('photos'), {childList: true, subtree: true});
"""


def test_placeholder_is_shown_until_the_mosaics_are_loaded(
    clean_environment: dict[str, str], chromium: str, tmp_path: Path
) -> None:
    with (
        serve(clean_environment, tmp_path, "--placeholders") as served,
        open_tab(chromium, tmp_path / "profile", served.page) as tab,
    ):
        tab.wait_until(READY)
        tab.run(RECORD_PICTURES)
        served.connect("s3").put_object(Bucket=SOURCE, Key="in/a b.jpg", Body=PHOTO)
        card = await_mosaics(tab, "in/a b.jpg")
        assert tab.run("window.shown") == ["data:", "blob:"]
        assert tab.run(f"{card}.querySelectorAll('.placeholder').length") == 0
        assert tab.problems == []


def test_dropped_photos_and_those_of_other_programs_are_shown(
    serving: Serving, tab: Tab, photos: Path
) -> None:
    (photos / "dropped.png").write_bytes(encode(make_scene()))
    (photos / "<b>text.jpg").write_bytes(b"no photo")
    tab.drop_files("#drop", *sorted(photos.iterdir()))
    serving.connect("s3").put_object(Bucket=SOURCE, Key="elsewhere/a.jpg", Body=PHOTO)
    for key in ("dropped.png", "elsewhere/a.jpg"):
        await_mosaics(tab, key)
    tab.wait_until(f"{find_card('<b>text.jpg')}?.querySelector('.state.failed') !== null")
    reason = tab.run(f"{find_card('<b>text.jpg')}.querySelector('.reason').textContent")
    assert reason.startswith("not_a_picture: a text file, not an image")


def test_mosaics_are_compared_and_chosen_by_keyboard(tab: Tab, photos: Path) -> None:
    (photos / "compared.jpg").write_bytes(PHOTO)
    tab.choose_files("#files", photos / "compared.jpg")
    card = await_mosaics(tab, "compared.jpg")
    clip = f"getComputedStyle({card}.querySelector('.after')).clipPath"
    tab.wait_until(f"{clip} === 'inset(0px 0px 0px 50%)'")
    tab.run(f"{card}.querySelector('.slider').focus()")
    for _ in range(3):
        tab.press("ArrowRight")
    assert tab.run(clip) == "inset(0px 0px 0px 53%)"
    assert tab.run("document.activeElement.getAttribute('aria-valuetext')") == "53% photo"
    tab.press("Tab")
    tab.press("ArrowRight")
    label = tab.run(f"{card}.querySelector('.slider').getAttribute('aria-label')")
    assert label == "Compare photo and mosaic 32x32 of compared.jpg"
    shown = f"{card}.querySelector('.after').src === {card}.querySelectorAll('.tile img')[2].src"
    assert tab.run(shown)
    download = tab.run(f"[...{card}.querySelectorAll('a')].map(a => a.download)")
    assert download == ["compared.jpg", "pixelated-32x32-compared.jpg"]


def test_enter_in_the_file_input_opens_the_dialog(tab: Tab) -> None:
    """A page may open it only for a person's deed."""
    tab.call("Page.setInterceptFileChooserDialog", enabled=True)
    tab.press("Tab")
    assert tab.run("document.activeElement.id") == "files"
    outline = tab.run("getComputedStyle(document.getElementById('drop')).outlineStyle")
    tab.press("Enter")
    tab.wait_until("new Promise(done => setTimeout(() => done(true), 500))")
    assert (outline, tab.opened_choosers) == ("solid", 1)


def test_failures_are_the_queue_and_can_be_retried(serving: Serving, tab: Tab) -> None:
    s3, sqs = serving.connect("s3"), serving.connect("sqs")
    url = sqs.get_queue_url(QueueName="pixelater-failures")["QueueUrl"]
    delete_messages(sqs, url)
    s3.put_object(Bucket=SOURCE, Key="retried.jpg", Body=b"no photo")
    row = find_failure("retried.jpg")
    tab.wait_until(f"Boolean({row})")
    assert tab.run("document.getElementById('failed').textContent") == "1"
    first = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    assert first["Attributes"] == {"ApproximateNumberOfMessages": "1"}  # In sight of others.
    tab.run(f"(window.before = {row}).querySelector('button').click()")
    tab.wait_until(f"{row} && {row} !== window.before")  # The function has recorded it anew.
    newest = "document.querySelector('#events .note').textContent"
    tab.wait_until(f"{newest}.startsWith('retried: not_a_picture: ')")
    s3.put_object(Bucket=SOURCE, Key="retried.jpg", Body=PHOTO)
    await_mosaics(tab, "retried.jpg")
    tab.run(f"{row}.querySelector('button').focus()")
    tab.press("Enter")
    tab.wait_until("document.getElementById('failures-section').hidden")
    tab.wait_until(f"{newest} === 'retried'")
    assert tab.run("document.activeElement.id") == "status"
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_failures_that_another_client_deletes_disappear(serving: Serving, tab: Tab) -> None:
    sqs = serving.connect("sqs")
    url = sqs.get_queue_url(QueueName="pixelater-failures")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="no record")
    unknown = find_failure("A message that names no photo")
    tab.wait_until(f"Boolean({unknown})")
    tab.run(f"{unknown}.querySelector('button').click()")
    error = f"{unknown}.querySelector('.failed').textContent"
    tab.wait_until(f"{error}.startsWith('Failed again: unrecognized message')")
    delete_messages(sqs, url)
    tab.wait_until(f"!{unknown}")


@pytest.mark.real_package
def test_other_stacks_are_shown_and_smoke_tests_are_not(
    serving: Serving, tab: Tab, pixelater: Pixelater
) -> None:
    environment = {"AWS_ENDPOINT_URL": serving.url, "PIXELATER_SMOKE_TEST": "1"}
    deployed = pixelater("deploy", "--stack", "other", "--grids", "4,12", **environment)
    assert deployed.code == 0
    serving.connect("s3").put_object(Bucket="other-source-bucket", Key="b.jpg", Body=PHOTO)
    card = await_mosaics(tab, "b.jpg", 2)
    serving.connect("s3").put_object(Bucket="other-source-bucket", Key="c.jpg", Body=b"no")
    tab.wait_until(f"Boolean({find_failure('c.jpg')})")
    assert tab.run(f"{card}.querySelector('.bucket').textContent") == "other-source-bucket"
    names = tab.run(f"[...{card}.querySelectorAll('.tile span')].map(s => s.textContent)")
    assert names == ["4x4", "12x12"]
    assert "pixelater-other" not in tab.run("document.body.textContent")
    assert "smoke-test" not in tab.run("document.body.textContent")
    assert "other-failures" in tab.run(f"{find_failure('c.jpg')}.textContent")


def test_photo_that_was_deleted_is_not_shown(
    serving: Serving, chromium: str, tmp_path: Path
) -> None:
    s3 = serving.connect("s3")
    for key in ("deleted.jpg", "kept.jpg"):
        s3.put_object(Bucket=SOURCE, Key=key, Body=PHOTO)
        serving.read_until(key, "done")
    s3.delete_object(Bucket=SOURCE, Key="deleted.jpg")
    with open_tab(chromium, tmp_path / "profile", serving.page) as tab:
        await_mosaics(tab, "kept.jpg")
        tab.wait_until(f"!{find_card('deleted.jpg')}")
        rows = tab.run("[...document.querySelectorAll('#events .key')].map(c => c.textContent)")
    assert "deleted.jpg" in rows


@pytest.mark.real_package
def test_photos_of_a_stack_that_was_destroyed_are_not_shown(
    make_cache: Callable[[str], Path], chromium: str, tmp_path: Path, pixelater: Pixelater
) -> None:
    """In an emulator of its own: a request for a bucket that is gone is an error in the console."""
    with serve(clean(make_cache("pixelater"), tmp_path), tmp_path) as serving:
        environment = {"AWS_ENDPOINT_URL": serving.url}
        assert pixelater("deploy", "--stack", "gone", **environment).code == 0
        s3 = serving.connect("s3")
        for bucket, key in (("gone-source-bucket", "gone.jpg"), (SOURCE, "stays.jpg")):
            s3.put_object(Bucket=bucket, Key=key, Body=PHOTO)
            serving.read_until(key, "done")
        destroyed = pixelater("destroy", "--stack", "gone", "--purge", "--yes", **environment)
        assert destroyed.code == 0
        with open_tab(chromium, tmp_path / "profile", serving.page) as tab:
            await_mosaics(tab, "stays.jpg")
            tab.wait_until(f"!{find_card('gone.jpg')}")
            rows = tab.run("[...document.querySelectorAll('#events .key')].map(c => c.textContent)")
    assert "gone.jpg" in rows


def test_upload_that_s3_refuses_shows_the_reason(tab: Tab, photos: Path) -> None:
    """The page's own requests are answered here: S3 refuses next to no file."""
    error = "<Error><Code>EntityTooLarge</Code><Message>Your upload is too large</Message></Error>"
    tab.run(
        "const send = window.fetch; window.fetch = (url, options) => options.method === 'PUT'"
        f" ? Promise.resolve(new Response({json.dumps(error)}, {{status: 400}}))"
        " : send(url, options); 1"
    )
    (photos / "refused.jpg").write_bytes(PHOTO)
    tab.choose_files("#files", photos / "refused.jpg")
    reason = f"{find_card('refused.jpg')}?.querySelector('.reason')?.textContent"
    tab.wait_until(f"{reason} === 'EntityTooLarge: Your upload is too large'")
    assert tab.run("document.getElementById('status').textContent") == "1 file not uploaded."


def test_dropped_folder_is_refused(tab: Tab, photos: Path) -> None:
    tab.drop_files("#drop", photos)
    reason = f"{find_card('photos')}?.querySelector('.reason')?.textContent"
    tab.wait_until(f"{reason} === 'The browser cannot read it. Is it a folder?'")
    tab.problems.clear()  # Chromium reports what it could not read, too.


def test_page_is_accessible_in_both_schemes_and_on_phones(serving: Serving, tab: Tab) -> None:
    s3 = serving.connect("s3")
    for key, body in (("axe.jpg", PHOTO), (LONG_KEY, PHOTO), (f"no-{LONG_KEY}", b"no")):
        s3.put_object(Bucket=SOURCE, Key=key, Body=body)
    await_mosaics(tab, "axe.jpg")
    await_mosaics(tab, LONG_KEY)
    tab.wait_until(f"Boolean({find_failure('no-' + LONG_KEY)})")
    tab.run("document.querySelector('#weather-section').hidden = false")
    assert find_unnamed(tab) == []
    assert count_roles(tab, "slider") >= 2
    for dark in (False, True):
        tab.show_dark(dark)
        tab.wait_until("document.getAnimations().length === 0")
        assert list_low_contrasts(tab) == []
    for width, height in ((1280, 800), (375, 812)):
        tab.resize(width, height)
        stops = list_stops(tab)
        assert stops == sorted(stops)
        assert len(stops) > 10
        assert tab.run("document.documentElement.scrollWidth") <= width
    calm = {"name": "prefers-reduced-motion", "value": "reduce"}
    tab.call("Emulation.setEmulatedMedia", features=[calm])
    names = "[...document.querySelectorAll('*')].map(one => getComputedStyle(one).animationName)"
    assert tab.run(f"[...new Set({names})]") == ["none"]
    heights = tab.run("[...document.querySelectorAll('#events tr')].map(row => row.offsetHeight)")
    assert max(heights) < 300  # A key of 200 characters, and a reason.
    assert count_roles(tab, "row") == len(heights) + 1  # Rows are rows for screen readers, too.


def test_weather_is_counted_by_kind(moto: str, chromium: str, tmp_path: Path) -> None:
    """The dashboard runs by itself; also shown is what to do on a page without photos."""
    dashboard = make_dashboard(moto)
    dashboard.publish()
    try:
        with open_tab(chromium, tmp_path / "profile", dashboard.url) as tab:
            tab.wait_until(READY)
            hidden = tab.run("document.getElementById('weather-section').hidden")
            commands = tab.run("document.getElementById('commands').textContent")
            dashboard.add(
                HappeningResult(float(number), "", "weather", note=f"{kind}: a.jpg: late")
                for number, kind in enumerate(("slow", "order", "slow"))
            )
            tab.wait_until("!document.getElementById('weather-section').hidden")
            counts = tab.run("[...document.querySelectorAll('#weather b')].map(b => b.textContent)")
            incidents = tab.run("document.querySelector('#incidents li').textContent")
            assert (tab.problems, find_unnamed(tab)) == ([], [])
    finally:
        dashboard.remove()
    assert hidden
    assert commands == f"export AWS_ENDPOINT_URL={moto}\npixelater push photo.jpg --wait"
    assert counts == ["1", "order", "2", "slow"]
    assert incidents.endswith("slow: a.jpg: late")


def make_dashboard(moto: str) -> Dashboard:
    account = connect(None, "us-east-1", moto, time.sleep)
    return Dashboard(account, Stack(account.number, account.region), {"ACL": "public-read"})
