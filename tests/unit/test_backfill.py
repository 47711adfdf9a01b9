"""Backfill: what lacks mosaics is found exactly, in constant memory, and sent at a bounded rate."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from pixelater import GRIDS, Mosaic, name_mosaic
from pixelater.outputs import DocumentOutput, Output
from pixelater_cli.aws.operations.backfill import (
    Finding,
    Tally,
    check_photos,
    join_prefixes,
    make_event,
    make_job_request,
    make_job_role,
    pace,
    send_lacking,
)
from pixelater_cli.aws.operations.mosaics import (
    S3Object,
    find_missing,
    find_mosaic,
    find_refusal,
    is_source_key,
    names_source,
)
from pixelater_cli.aws.operations.object_index import ObjectIndex, Page
from pixelater_cli.aws.stack import Stack
from pixelater_function.events import read_event
from pixelater_function.mosaic_metadata import IN_CLEAR, MetadataKey, describe_upload
from tests.functional.conftest import ROOT

STACK = Stack("123456789012", "eu-central-1")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OUTPUTS = (Output(8), Output(16))
ALL = "missing: 8, 16, 32, 48, 64"


def make_name(key: str, format: str = "JPEG", grid: int = 8) -> str:
    return name_mosaic(key, Mosaic(grid, 0, 0, 0, 0, format, "", b""))


def make_entries(keys: Iterable[str], seconds: int = 0, etag: str = "") -> dict[str, S3Object]:
    return {key: S3Object(key, NOON + timedelta(seconds=seconds), etag) for key in keys}


def list_pages(entries: dict[str, S3Object], size: int, asked: list[str]) -> Callable[[str], Page]:
    """Give a listing, a page at a time, as S3 does; `asked` learns of every page."""
    keys = sorted(entries)

    def fetch(after: str) -> Page:
        asked.append(after)
        rest = [key for key in keys if key > after]
        page = rest[:size]
        last = page[-1] if len(rest) > size else None
        return Page(after, {key: entries[key] for key in page}, last)

    return fetch


@pytest.mark.parametrize(
    ("stack", "key", "taken"),
    [
        (Stack("1", "r"), "a.jpg", True),
        (Stack("1", "r"), "folder/", False),
        (Stack("1", "r", prefix="in/", suffix=".jpg"), "in/a.jpg", True),
        (Stack("1", "r", prefix="in/"), "out/a.jpg", False),
        (Stack("1", "r", suffix=".jpg"), "a.png", False),
    ],
)
def test_only_what_the_trigger_takes_is_a_photo(stack: Stack, key: str, taken: bool) -> None:
    assert is_source_key(stack, key) == taken


@pytest.mark.parametrize(
    ("others", "found"), [([], True), (["a.png"], False), (["a.psd", "b.png"], True)]
)
def test_a_mosaic_of_another_suffix_is_not_taken_from_the_photo_of_that_name(
    others: list[str], found: bool
) -> None:
    """A PNG that is called a.jpg has the mosaics that are a.png's, if there is an a.png."""
    photo = S3Object("a.jpg", NOON)
    mosaics = make_entries([make_name("a.jpg", "PNG")])
    siblings = make_entries(others)
    assert (find_mosaic(photo, Output(8), mosaics.get, siblings.get) is not None) == found


@pytest.mark.parametrize(
    ("etag", "seconds", "metadata", "lack"),
    [
        ("e", 1, {}, ""),
        ("e", 0, {}, ""),
        ("e", -1, {}, "older: 8, 16"),
        ("e", 0, {"pixelater-etag": "e"}, ""),
        ("e", 0, {"pixelater-etag": "f"}, "older: 8, 16"),
        ("e", -1, {"pixelater-etag": "e"}, ""),
        ("e-2", 1, {}, ""),
        ("e-2", 1, {"pixelater-etag": "e"}, "older: 8, 16"),
        ("e-2", 1, {"pixelater-etag": "e-2"}, ""),
    ],
)
def test_times_decide_or_else_the_etag_in_the_mosaics_metadata(
    etag: str, seconds: int, metadata: dict[str, str], lack: str
) -> None:
    mosaics = make_entries([make_name("a.jpg", grid=grid) for grid in (8, 16)], seconds)
    photo = S3Object("a.jpg", NOON, etag)
    assert (
        find_missing(photo, OUTPUTS, mosaics.get, lambda _key: None, lambda _key: metadata) == lack
    )


@pytest.mark.parametrize(
    ("others", "age", "lack"),
    [
        ([], None, "missing: preview"),
        ([], 1, ""),
        ([], -1, "older: preview"),
        (["a.jpg.preview.json"], 1, ""),  # The source bucket has a file of this name.
    ],
)
def test_photo_without_current_document_is_found(
    others: list[str], age: int | None, lack: str
) -> None:
    outputs = (Output(8), DocumentOutput("preview"))
    entries = make_entries([make_name("a.jpg")], 1)
    if age is not None:
        entries |= make_entries(["a.jpg.preview.json"], age)
    siblings = make_entries(others)
    photo = S3Object("a.jpg", NOON)
    assert find_missing(photo, outputs, entries.get, siblings.get, lambda _key: {}) == lack
    former = find_missing(
        photo, outputs[:1], entries.get, siblings.get, lambda _key: {}, outputs[1:]
    )
    assert former == ("" if age is None else lack)


KEY = MetadataKey("ab" * 32)
OTHER = MetadataKey("cd" * 32)


@pytest.mark.parametrize(
    ("upload", "locked", "lack"),
    [
        (("a.jpg", "e-2"), KEY, ""),
        (("a.jpg", "f-2"), KEY, "older: 8, 16"),
        (("a.png", "e-2"), KEY, "older: 8, 16"),
        (("a.jpg", "e-2"), OTHER, "older: 8, 16"),
        (("a.jpg", "e-2"), IN_CLEAR, ""),
    ],
)
def test_keyed_metadata_decide_with_their_secret(
    upload: tuple[str, str], locked: MetadataKey, lack: str
) -> None:
    mosaics = make_entries([make_name("a.jpg", grid=grid) for grid in (8, 16)], 1)
    metadata = locked.lock(describe_upload(*upload, "v1", "2026"))
    photo, no_siblings = S3Object("a.jpg", NOON, "e-2"), dict[str, S3Object]().get
    found = find_missing(
        photo, OUTPUTS, mosaics.get, no_siblings, lambda _key: metadata, (), metadata_key=KEY
    )
    assert found == lack


@pytest.mark.parametrize(
    ("version_id", "etag", "is_named"),
    [("v1", "other", True), ("v2", "e", False), ("", "e", True), ("", "other", False)],
)
def test_keyed_metadata_name_an_upload(version_id: str, etag: str, is_named: bool) -> None:
    metadata = KEY.lock(describe_upload("a.jpg", "e", "v1", "2026"))
    assert names_source(metadata, etag, version_id, key="a.jpg", metadata_key=KEY) is is_named
    assert names_source(metadata, etag, version_id, key="a.jpg", metadata_key=OTHER) is False


def test_photos_whose_mosaics_have_a_secret_are_taken_over() -> None:
    photos = make_entries(["a.jpg", "b.jpg", "c.jpg"])
    mosaics = make_entries([make_name(key, grid=16) for key in ("a.jpg", "b.jpg")], 1)
    metadata = {
        name: key.lock(describe_upload("x", "e", "", ""))
        for name, key in zip(mosaics, (KEY, OTHER), strict=True)
    }
    findings = check_photos(
        STACK,
        photos.values(),
        mosaics.get,
        photos.get,
        metadata.__getitem__,
        False,
        KEY.fingerprint,
    )
    lack = f"secret {KEY.fingerprint}: 16"
    assert [finding.lack for finding in findings] == [lack, "", ""]
    event = make_event(STACK, photos["a.jpg"], KEY.fingerprint)
    (message,) = read_event(event).messages
    assert [photo.take_over for photo in message.photos] == [KEY.fingerprint]


@pytest.mark.parametrize(
    ("key", "others", "owner", "locked", "refusal"),
    [
        ("a.jpg", [], "a.jpg", KEY, ""),
        ("a.jpg", [], "a.jpg", OTHER, f"secret {OTHER.fingerprint}"),
        ("a.jpg", [], "a.jpg", IN_CLEAR, ""),
        ("scan.psd", ["scan.png"], "scan.png", KEY, "another photo"),
        ("scan.psd", ["scan.png"], "scan.png", IN_CLEAR, "another photo"),
        ("scan.jpg", ["scan.png"], "scan.png", KEY, ""),  # Its mosaics are JPEGs.
    ],
)
def test_photo_whose_names_are_taken_is_known_before_it_is_sent(
    key: str, others: list[str], owner: str, locked: MetadataKey, refusal: str
) -> None:
    mosaic = make_name(owner, "JPEG" if owner.endswith(".jpg") else "PNG")
    metadata = {mosaic: locked.lock(describe_upload(owner, "e", "", ""))}
    found = find_refusal(
        S3Object(key, NOON),
        OUTPUTS,
        make_entries([mosaic]).get,
        make_entries([key, *others]).get,
        metadata.__getitem__,
        KEY,
    )
    assert found == refusal


def test_metadata_are_asked_for_only_where_times_do_not_tell() -> None:
    mosaics = make_entries([make_name("a.jpg")], 1)

    def refuse(key: str) -> dict[str, str]:
        raise AssertionError(key)

    assert (
        find_missing(S3Object("a.jpg", NOON), OUTPUTS[:1], mosaics.get, mosaics.get, refuse) == ""
    )


KEYS = st.text("ab./-é😀", min_size=1, max_size=6)


@given(
    keys=st.lists(KEYS, unique=True),
    asked=st.lists(KEYS),
    size=st.integers(1, 4),
    pages=st.integers(1, 3),
)
def test_a_window_finds_what_the_listing_holds(
    keys: list[str], asked: list[str], size: int, pages: int
) -> None:
    entries = make_entries(keys)
    window = ObjectIndex(list_pages(entries, size, []), pages)
    assert [window.find(key) for key in asked] == [entries.get(key) for key in asked]


@given(
    photos=st.lists(
        st.tuples(KEYS, st.sampled_from([".jpg", ".png", ".psd", ""])).map("".join), unique=True
    ),
    drawn=st.data(),
)
def test_exactly_the_photos_that_lack_something_are_found(
    photos: list[str], drawn: st.DataObject
) -> None:
    """Held against looking at everything at once: pages of three keys, of which four are kept."""
    stack = Stack("1", "r", grids=(8, 16))
    source = make_entries(photos)
    made = {
        make_name(key, drawn.draw(st.sampled_from(["JPEG", "PNG"])), grid)
        for key in photos
        for grid in (8, 16)
        if drawn.draw(st.booleans())
    }
    mosaics = make_entries(made)
    windows = [ObjectIndex(list_pages(entries, 3, []), 4) for entries in (mosaics, source)]
    listed = [source[key] for key in sorted(photos)]
    found = check_photos(stack, listed, windows[0].find, windows[1].find, lambda _key: {})
    expected = [
        Finding(photo, find_missing(photo, OUTPUTS, mosaics.get, source.get, lambda _key: {}))
        for photo in listed
        if not photo.key.endswith("/")
    ]
    assert list(found) == expected


@pytest.mark.parametrize(
    ("photos", "most"),
    [
        ([f"{number:06}.jpg" for number in range(3000)], 5 * 3 + 2),
        ([f"user-{number:06}/photo.jpg" for number in range(3000)], 5 * 3 + 2),
        (
            [f"{m:02}/{day:02}/{n}.jpg" for m in range(9) for day in range(9) for n in range(30)]
            + [f"{m:02}/{n:03}.jpg" for m in range(9) for n in range(100)],
            100,
        ),
    ],
    ids=["one folder", "a folder for each", "folders in folders"],
)  # fmt: skip
def test_every_page_is_read_about_once_whatever_the_folders(photos: list[str], most: int) -> None:
    """Five mosaics a photo: 3000 photos have 15 pages of a thousand."""
    mosaics = make_entries([make_name(key, grid=grid) for key in photos for grid in GRIDS])
    asked: list[str] = []
    window = ObjectIndex(list_pages(mosaics, 1000, asked))
    source = make_entries(sorted(photos))
    found = check_photos(STACK, source.values(), window.find, source.get, lambda _key: {})
    assert [one for one in found if one.lack] == []
    assert len(asked) <= most


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells a process's peak")
def test_a_hundred_thousand_keys_stay_under_a_hundred_megabytes() -> None:
    """In a process of its own, whose peak is measured: a listing is made as it is read."""
    script = """
import re
from pathlib import Path
from datetime import UTC, datetime
from pixelater_cli.aws.operations.backfill import Tally, check_photos, send_lacking
from pixelater_cli.aws.operations.object_index import list_objects, open_index
from pixelater_cli.aws.stack import Stack
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NUMBER = 100_000

def read_peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

class FakeS3:
    '''Lists photos photos/000000.jpg ...; every hundredth has no mosaics.'''
    def list_objects_v2(self, Bucket, ExpectedBucketOwner, Prefix, StartAfter=""):
        if Bucket == "pixelater-source-bucket":
            first = int(StartAfter[7:13]) + 1 if StartAfter else 0
            keys = [f"photos/{n:06}.jpg" for n in range(first, min(first + 1000, NUMBER))]
            return self.answer(keys, first + 1000 < NUMBER)
        keys, more = [], True
        grids = [g for g in ("16x16", "32x32", "48x48", "64x64", "8x8")]
        for grid in grids:
            begin = f"photos/pixelated-{grid}-"
            if StartAfter.startswith(begin):
                digits = StartAfter[len(begin):].partition(".")[0]
                first = int(digits or 0)
            elif StartAfter > begin:
                continue
            else:
                first = 0
            for number in range(first, NUMBER):
                key = f"{begin}{number:06}.jpg"
                if number % 100 and key > StartAfter:
                    if len(keys) == 1000:
                        return self.answer(keys, True)
                    keys.append(key)
        return self.answer(keys, False)
    def answer(self, keys, more):
        self.calls += 1
        contents = [{"Key": k, "LastModified": NOON, "ETag": '"e"', "Size": 1} for k in keys]
        return {"Contents": contents, "IsTruncated": more}
    calls = 0

stack, s3, tally = Stack("123456789012", "us-east-1"), FakeS3(), Tally()
photos = list_objects(s3, stack.source_bucket, stack.account)
mosaics = open_index(s3, stack.destination_bucket, stack.account)
siblings = open_index(s3, stack.source_bucket, stack.account)
found = check_photos(stack, photos, mosaics.find, siblings.find, lambda key: {})
sent = []
before = read_peak()
for one in send_lacking(found, lambda photo: sent.append(1), lambda: None, tally):
    assert one.lack == "missing: 8, 16, 32, 48, 64", one
peaks = before // 1024, read_peak() // 1024
print(tally.checked, tally.lacking, len(sent), tally.last_key, s3.calls, *peaks)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'lambda'}"},
    )
    looked_at, lacking, sent, last, calls, before, peak = done.stdout.split()
    assert (looked_at, lacking, sent, last) == ("100000", "1000", "1000", "photos/099999.jpg")
    assert int(peak) < 100, done.stdout
    assert int(peak) - int(before) < 30, done.stdout
    assert int(calls) < 1000, done.stdout


def test_photos_are_sent_no_faster_than_said_and_lost_time_is_not_made_up() -> None:
    clock = [100.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        clock[0] += seconds

    wait = pace(4, sleep, lambda: clock[0])
    for pause in (0.0, 0.0, 0.1, 5.0, 0.0):
        clock[0] += pause
        wait()
    assert slept == [0.25, 0.15, 0.25]


def test_interrupted_it_knows_the_last_key_that_was_done() -> None:
    findings = [
        Finding(S3Object(key, NOON), lack) for key, lack in (("a", ""), ("b", ALL), ("c", ALL))
    ]
    sent: list[str] = []

    def send(photo: S3Object) -> None:
        if photo.key == "c":
            raise KeyboardInterrupt
        sent.append(photo.key)

    tally = Tally()
    with pytest.raises(KeyboardInterrupt):
        list(send_lacking(findings, send, lambda: None, tally))
    assert (sent, tally) == (["b"], Tally(2, 1, "b"))


@pytest.mark.parametrize(
    ("prefix", "narrowed"), [("", "in/"), ("in/2024", "in/2024"), ("i", "in/"), ("out/", None)]
)
def test_a_prefix_narrows_that_of_the_stack(prefix: str, narrowed: str | None) -> None:
    assert join_prefixes(Stack("1", "r", prefix="in/"), prefix) == narrowed


def test_the_event_is_as_s3_would_send_it_of_whatever_version_is_newest() -> None:
    (record,) = make_event(STACK, S3Object("my photo+1/é.jpg", NOON, "e", 9))["Records"]
    assert record["s3"]["object"] == {"key": "my+photo%2B1/%C3%A9.jpg", "size": 9, "eTag": "e"}
    assert (record["eventSource"], record["eventName"]) == ("aws:s3", "ObjectCreated:Put")
    assert record["s3"]["bucket"]["name"] == "pixelater-source-bucket"


def validate(service: str, operation: str, request: dict[str, Any]) -> str:
    """Check a request against botocore's model of the service, patterns and enums too."""
    model = botocore.session.Session().get_service_model(service).operation_model(operation)
    return str(ParamValidator().validate(request, model.input_shape).generate_report())


def check_strings(shape: Any, value: Any, seen: Counter[str]) -> None:
    """Check what botocore leaves to the server: enums and patterns of strings."""
    if shape.type_name == "structure":
        for name, one in value.items():
            check_strings(shape.members[name], one, seen)
    elif shape.type_name == "list":
        for one in value:
            check_strings(shape.member, one, seen)
    elif shape.type_name == "string":
        seen[shape.name] += 1
        assert not shape.enum or value in shape.enum
        pattern = str(shape.metadata.get("pattern", ".*"))
        # Tags' pattern is of Java's classes of characters, which Python does not know.
        assert "\\p{" in pattern or re.fullmatch(pattern, value), (shape.name, value)


@pytest.mark.parametrize(
    ("stack", "prefix"),
    [
        (STACK, ""),
        (Stack("123456789012", "eu-central-1", prefix="in/", suffix=".jpg"), "in/2024"),
        (Stack("123456789012", "cn-north-1", "aws-cn", regional_names=True), ""),
    ],
)
def test_a_job_is_what_s3_batch_operations_takes(stack: Stack, prefix: str) -> None:
    role = f"arn:{stack.partition}:iam::123456789012:role/backfill"
    request = make_job_request(stack, role, prefix, "t" * 32)
    assert validate("s3control", "CreateJob", request) == ""
    model = botocore.session.Session().get_service_model("s3control")
    seen: Counter[str] = Counter()
    check_strings(model.operation_model("CreateJob").input_shape, request, seen)
    assert {"FunctionArnString", "S3BucketArnString", "IAMRoleArn", "JobReportFormat"} <= set(seen)


def test_a_job_lists_only_what_the_stack_takes() -> None:
    stack = Stack("123456789012", "eu-central-1", prefix="in/", suffix=".jpg")
    generator = make_job_request(stack, "role", "in/2024", "t")["ManifestGenerator"]
    assert generator["S3JobManifestGenerator"]["Filter"] == {
        "KeyNameConstraint": {"MatchAnyPrefix": ["in/2024"], "MatchAnySuffix": [".jpg"]}
    }
    whole = make_job_request(STACK, "role", "", "t")["ManifestGenerator"]["S3JobManifestGenerator"]
    assert "Filter" not in whole


def test_the_jobs_role_may_list_invoke_and_report_and_no_more() -> None:
    statements = make_job_role(STACK)["permissions"]["Statement"]
    allowed = {action: one["Resource"] for one in statements for action in one["Action"]}
    folder = "arn:aws:s3:::pixelater-code-bucket/backfill/*"
    assert allowed == {
        "lambda:InvokeFunction": STACK.alias_arn,
        "s3:PutInventoryConfiguration": "arn:aws:s3:::pixelater-source-bucket",
        "s3:GetObject": folder,
        "s3:GetObjectVersion": folder,
        "s3:PutObject": folder,
    }
