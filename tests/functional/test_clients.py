"""Other programs at `pixelater emulate`: the AWS CLI and presigned URLs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from urllib.request import Request, urlopen

import pytest

from pixelater import name_mosaic, pixelate
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
