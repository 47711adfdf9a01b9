"""backfill on a deployed stack, in the emulator and on moto."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pixelater import pixelate
from pixelater.style import Style
from pixelater_cli.aws.deploy.deployment import deploy
from pixelater_cli.aws.package import builder
from tests.functional.command import Snapshot
from tests.functional.conftest import Environment, Pixelater, start
from tests.functional.running import (
    DESTINATION,
    GRIDS,
    PHOTO,
    SOURCE,
    WORKING,
    Running,
)
from tests.pictures import encode, make_noise, make_scene


def test_backfill_completes_what_is_missing_and_then_does_nothing(running: Running) -> None:
    keys = ["a.jpg", "trips/b c.jpg", "trips/d.jpg"]
    for key in keys:
        running.s3.put_object(Bucket=SOURCE, Key=key, Body=PHOTO)
    running.settle()
    whole = running.list_mosaics()
    assert len(whole) == 15
    running.s3.delete_object(Bucket=DESTINATION, Key="trips/pixelated-16x16-b c.jpg")
    for grid in GRIDS:
        running.s3.delete_object(Bucket=DESTINATION, Key=f"pixelated-{grid}x{grid}-a.jpg")
    dry = running.pixelater("backfill", "--plan")
    assert running.pixelater("backfill", "--dry-run").code == dry.code
    assert (dry.code, dry.out.splitlines()) == (
        3,
        [
            "a.jpg  missing: 8, 16, 32, 48, 64",
            "trips/b c.jpg  missing: 16",
            f"3 photos in {SOURCE}: 2 would be sent.",
        ],
    )
    assert len(running.list_mosaics()) == 9
    first = json.loads(running.pixelater("backfill", "--json").out)
    assert (first["looked_at"], first["lacking"], first["sent"]) == (3, 2, True)
    running.settle()
    assert running.list_mosaics() == whole
    with running.emulator.functions.watch() as reports:
        second = running.pixelater("backfill")
        running.settle()
    assert second.out.startswith(f"3 photos in {SOURCE}: all have up-to-date mosaics (")
    assert reports.empty()


def test_backfill_redoes_what_is_older_than_its_photo(running: Running) -> None:
    running.s3.put_object(Bucket=SOURCE, Key="a.jpg", Body=PHOTO)
    running.settle()
    notifications = running.s3.get_bucket_notification_configuration(Bucket=SOURCE)
    running.s3.put_bucket_notification_configuration(Bucket=SOURCE, NotificationConfiguration={})
    time.sleep(1.1)  # S3 lists times in whole seconds, and moto keeps no more.
    newer = encode(make_noise("RGB", (300, 200)), "JPEG")
    running.s3.put_object(Bucket=SOURCE, Key="a.jpg", Body=newer)
    assert notifications["LambdaFunctionConfigurations"]
    dry = running.pixelater("backfill", "--dry-run")
    assert dry.out.splitlines()[0] == "a.jpg  older: 8, 16, 32, 48, 64"
    assert running.pixelater("backfill").code == 0
    running.settle()
    data = running.s3.get_object(Bucket=DESTINATION, Key="pixelated-8x8-a.jpg")["Body"].read()
    assert data == pixelate(newer)[0].data


def test_backfill_of_all_makes_mosaics_of_a_new_look(running: Running) -> None:
    """The names of the mosaics are the same, so no photo lacks any."""
    style = Style("png", palette="gameboy")
    running.s3.put_object(Bucket=SOURCE, Key="a.png", Body=encode(make_scene((30, 20)), "PNG"))
    running.settle()
    changed = replace(running.stack, style=style)
    deploy(running.account, changed, builder.gather_for_emulator(), time.sleep)
    assert running.pixelater("backfill", "--plan").code == 0
    planned = running.pixelater("backfill", "--all", "--plan")
    assert (planned.code, planned.out.splitlines()[0]) == (3, "a.png  --all")
    assert running.pixelater("backfill", "--all").code == 0
    running.settle()
    data = running.s3.get_object(Bucket=DESTINATION, Key="pixelated-8x8-a.png")["Body"].read()
    made = pixelate(encode(make_scene((30, 20)), "PNG"), style=style)
    assert data == made[0].data


def test_backfill_goes_on_after_a_key_and_within_a_prefix(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any]
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    for key in ("a.jpg", "in/b.jpg", "in/c.jpg", "in/d.jpg"):
        connect("s3").put_object(Bucket=SOURCE, Key=key, Body=b"x")
    done = pixelater(
        *["backfill", "--dry-run", "--endpoint-url", moto],
        *["--prefix", "in/", "--start-after", "in/b.jpg"],
    )
    assert [line.split()[0] for line in done.out.splitlines()] == ["in/c.jpg", "in/d.jpg", "2"]


def test_interrupted_backfill_says_how_to_go_on(
    running: Running, clean_environment: Environment, tmp_path: Path
) -> None:
    running.run_code(WORKING)
    for key in ("a.jpg", "b.jpg", "c.jpg"):
        running.s3.put_object(Bucket=SOURCE, Key=key, Body=b"x")
    running.settle()
    arguments = ["backfill", "--rate", "0.1", "--endpoint-url", running.emulator.endpoint_url]
    with (
        running.emulator.functions.watch() as reports,
        start(arguments, tmp_path, clean_environment) as process,
    ):
        reports.get(timeout=60)
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 143
    url = running.emulator.endpoint_url
    command = f"pixelater backfill --endpoint-url {url} --start-after a.jpg"
    assert err.splitlines()[0] == f"Stopped. To continue: {command}"


def test_a_batch_job_is_shown_with_the_role_it_needs_and_not_made_in_an_emulator(
    pixelater: Pixelater, moto: str, snapshot: Snapshot
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    at = ["--endpoint-url", moto, "--via", "s3-batch"]
    planned = pixelater("backfill", *at, "--dry-run", "--json")
    shown = json.loads(planned.out)
    assert planned.code == 3
    assert shown["job_id"] is None
    assert shown["request"]["Operation"]["LambdaInvoke"]["FunctionArn"].endswith(":live")
    assert set(shown["role"]) == {"trust", "permissions"}
    refused = pixelater("backfill", *at)
    assert (refused.code, refused.err.replace(moto, "URL")) == (2, snapshot)
    role = "arn:aws:iam::123456789012:role/backfill"
    emulated = pixelater("backfill", *at, "--role", role)
    assert (emulated.code, emulated.err) == (1, snapshot)


@pytest.mark.parametrize(
    "arguments", [["backfill"], ["backfill", "--via", "s3-batch", "--plan"], ["push", "photo.jpg"]]
)
def test_stack_that_was_never_deployed_is_reported(
    pixelater: Pixelater, moto: str, photo: Path, arguments: list[str]
) -> None:
    assert photo.exists()
    done = pixelater(*arguments, "--stack", "holiday", "--endpoint-url", moto)
    assert (done.code, done.out, " ".join(done.err.split())) == (
        1,
        "",
        "error: the stack holiday is not deployed in us-east-1 Deploy it: pixelater deploy "
        f"--endpoint-url {moto} --stack holiday",
    )


def test_backfill_that_fails_at_once_names_no_key_to_continue_from(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any]
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    connect("s3").delete_bucket(Bucket=SOURCE)
    done = pixelater("backfill", "--endpoint-url", moto)
    assert (done.code, done.err.splitlines()[0]) == (
        1,
        "error: could not create missing mosaics: ListObjectsV2 answered NoSuchBucket: The "
        "specified bucket does not exist",
    )


def test_backfill_warns_of_a_wildcard(pixelater: Pixelater, moto: str) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    done = pixelater("backfill", "--prefix", "a*", "--endpoint-url", moto)
    warning = "warning: --prefix: S3 takes the * literally, not as a wildcard\n"
    assert (done.code, done.err) == (0, warning)
