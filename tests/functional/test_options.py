"""Every option of every command, on a command line: none can be forgotten, none is only decoration.

What each does in every case is tested where its command is. Here each is given once, as people give
it, and its trace is looked for in what comes of it.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.main import get_command

from pixelater_cli.app import app
from pixelater_cli.cli.lazy_group import COMMAND_NAMES, load_command
from pixelater_cli.emulator.moto_adapter import server
from tests.functional import option_lines as lines
from tests.functional.command import Snapshot
from tests.functional.conftest import SECONDS, Done, Pixelater, start
from tests.functional.serving import serve


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A moto server for all of this file, with two buckets and a key of somebody's."""
    with server.serve() as url:
        for bucket in ("theirs", "ours"):
            connect(url, "s3").create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
            )
        kms = connect(url, "kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/photos", TargetKeyId=key)
        yield url


def connect(url: str, service: str) -> Any:
    return boto3.client(
        service,
        "eu-west-1",
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture
def at(pixelater: Pixelater, url: str, tmp_path: Path) -> Callable[[list[str]], Done]:
    """Run a command line at the moto server, with a profile called work."""
    profile = tmp_path / "config"
    profile.write_text("[profile work]\naws_access_key_id = a\naws_secret_access_key = b\n")

    def run(line: list[str]) -> Done:
        return pixelater(*line, "--endpoint-url", url, AWS_CONFIG_FILE=str(profile))

    return run


def list_options(command: Any) -> set[str]:
    """List the options of a command, the short forms and those that say no, too."""
    options = (one for one in command.params if one.param_type_name == "option" and not one.hidden)
    return {flag for one in options for flag in (*one.opts, *one.secondary_opts)}


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_every_option_is_on_a_command_line_here(name: str) -> None:
    used = {word for line in lines.LINES if line[0] == name for word in line}
    if name not in ("run", "package", "palette", "presets", "models"):
        used.add("--endpoint-url")  # The fixture's.
    short = {flag for flag in list_options(load_command(name)) if not flag.startswith("--")}
    assert list_options(load_command(name)) - used - short == set()


def test_every_short_form_is_one_of_these() -> None:
    """Each stands beside its long form in one definition, so the long form tells enough."""
    found = {
        (flag, max(one.opts, key=len))
        for name in COMMAND_NAMES
        for one in load_command(name).params
        for flag in one.opts
        if one.param_type_name == "option" and not flag.startswith("--")
    }
    assert found == {
        ("-f", "--follow"),
        ("-k", "--colors"),
        ("-o", "--out"),
        ("-q", "--quiet"),
        ("-v", "--verbose"),
        ("-y", "--yes"),
    }


def test_the_programs_own_options(pixelater: Pixelater, tmp_path: Path) -> None:
    used = {
        "--version",
        "-V",
        "--config",
        "--trust-config",
        "--show-completion",
        "--install-completion",
    }
    assert list_options(get_command(app)) == used
    assert pixelater("--version").out.startswith("pixelater 0.")
    (tmp_path / "mine.toml").write_text("memory = 64")
    assert "mine.toml: memory: must be" in pixelater("--config", "mine.toml", "deploy").err
    shell = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    assert "_PIXELATER_COMPLETE" in pixelater("--show-completion", "bash", **shell).out
    installed = pixelater("--install-completion", "bash", HOME=str(tmp_path), **shell)
    assert installed.code == 0
    assert (tmp_path / ".bashrc").exists()


def test_preview(pixelater: Pixelater, photo: Path, tmp_path: Path) -> None:
    done = pixelater(*lines.PREVIEW)
    made = json.loads(done.out)
    assert (made["budget"], made["out"], done.code) == (150, "previews.json", 0)
    assert len(json.loads((tmp_path / "previews.json").read_text())["photos"][0]["data_uri"]) <= 150
    assert pixelater(*lines.AS_HTML).out.startswith('<img src="photo.jpg" width=')


def test_run(pixelater: Pixelater, photo: Path, tmp_path: Path) -> None:
    done = pixelater(*lines.RUN)
    (made,) = json.loads(done.out)["photos"]
    assert [one["path"] for one in made["mosaics"]] == ["made/photo-8.png"]
    assert (tmp_path / "made" / "photo-8.png").read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "sheet.png").exists() and (tmp_path / "page.html").exists()
    assert "wrote made/photo-8.png" in done.err
    assert "8 x 8" in pixelater(*lines.SHOW).out
    assert pixelater(*lines.RUN_CELLS).code == 0
    assert (tmp_path / "pixelated" / "pixelated-8px-photo.jpg").exists()


def test_regions(pixelater: Pixelater, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "regions.json").write_text('["5%,5%,10%,10%"]')
    assert pixelater(*lines.REGIONS).code == 0
    assert (tmp_path / "pixelated" / "pixelated-regions-photo.jpg").exists()


@pytest.mark.parametrize("line", [lines.FOUND, lines.CHECKED])
def test_detectors(pixelater: Pixelater, photo: Path, line: list[str]) -> None:
    done = pixelater(*line)
    assert (done.code, "pixelater" in done.err) == (1, True)  # What is missing, and how to get it.


def test_models(pixelater: Pixelater) -> None:
    (model,) = json.loads(pixelater(*lines.MODELS).out)["models"]
    assert (model["kind"], model["license"]) == ("faces", "MIT")  # Other tests may install it.


def test_presets(pixelater: Pixelater) -> None:
    (shown,) = json.loads(pixelater(*lines.PRESETS).out)["presets"]
    assert shown["options"]["size"] == "native"


@pytest.mark.parametrize("look", [lines.DOCUMENTED, lines.CELLS])
def test_emulate_makes_the_bytes_of_run(pixelater: Pixelater, photo: Path, look: list[str]) -> None:
    done = pixelater("emulate", "photo.jpg", *look, "--json")
    (emulated,) = json.loads(done.out)["photos"]
    assert (done.code, emulated["identical"]) == (0, True)


def test_emulate(pixelater: Pixelater, photo: Path, snapshot: Snapshot) -> None:
    done = pixelater(*lines.EMULATE)
    (emulated,) = json.loads(done.out)["photos"]
    assert (done.code, emulated["identical"]) == (0, True)
    assert "s3 PutObject pixelater-source-bucket/photo.jpg: 200" in done.err
    refused = pixelater(*lines.SERVE_BACKEND)
    assert (refused.code, refused.err) == (2, snapshot)
    assert pixelater(*lines.SERVE_AWS[:-1]).code == 2
    assert "no AWS region" in pixelater(*lines.SERVE_AWS).err
    assert pixelater("emulate", "photo.jpg", "--stack", "other").code == 2


def test_emulate_serving(clean_environment: dict[str, str], tmp_path: Path) -> None:
    with serve(clean_environment, tmp_path, *lines.SERVE) as serving:
        assert serving.url.startswith("http://127.0.0.1:")
    assert (tmp_path / "kept").is_dir()


def test_emulate_elsewhere(
    at: object, url: str, tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    config = {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    with start([*lines.SERVE_THERE, url], tmp_path, clean_environment | config) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SECONDS)
    assert (process.returncode, first["source_bucket"]) == (0, "there-source-bucket")
    assert first["variables"]["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_deploy_and_all_that_looks_at_what_it_made(
    at: Callable[[list[str]], Done],
    url: str,
    photo: Path,
    tmp_path: Path,
    clean_environment: dict[str, str],
) -> None:
    done = at(lines.DEPLOY)
    deployed = json.loads(done.out)
    assert (deployed["source_bucket"], deployed["destination_bucket"]) == ("theirs", "ours")
    assert "lambda CreateFunction opt-function: 201" in done.err
    function = connect(url, "lambda").get_function(FunctionName="opt-function")
    found = function["Configuration"]
    assert (found["MemorySize"], found["Runtime"], found["Architectures"]) == (
        512,
        "python3.13",
        ["x86_64"],
    )
    assert function["Concurrency"]["ReservedConcurrentExecutions"] == 2
    (group,) = connect(url, "logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/opt")[
        "logGroups"
    ]
    assert (group["logGroupName"], group["retentionInDays"]) == ("/aws/lambda/opt-function", 7)
    (trigger,) = connect(url, "s3").get_bucket_notification_configuration(Bucket="theirs")[
        "LambdaFunctionConfigurations"
    ]
    rules = {one["Name"].lower(): one["Value"] for one in trigger["Filter"]["Key"]["FilterRules"]}
    assert rules == {"prefix": "in/", "suffix": ".jpg"}
    assert any(event.startswith("s3:ObjectRemoved") for event in trigger["Events"])
    variables = found["Environment"]["Variables"].values()
    assert {"ours", "8,16", "1000000"} <= set(variables)

    planned = at(lines.DEPLOY_PLAN)
    assert (planned.code, "prefix in/ -> nothing" in " ".join(planned.out.split())) == (3, True)
    assert "arn:aws:s3:::opt-source-bucket" in at(lines.POLICY).out
    pushed = json.loads(at(lines.PUSH).out)["photos"][0]
    assert (pushed["key"], pushed["error"] != "") == ("in/photo.jpg", True)  # moto runs nothing.
    status = at(lines.STATUS)
    assert (status.code, json.loads(status.out)["function_version"]) == (0, "1")
    assert "sqs GetQueueAttributes" in status.err
    assert (at(lines.LOGS).code, at(lines.LOGS).out) == (0, "")
    config = {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    follow = [*lines.FOLLOW, "--endpoint-url", url, "-v"]
    with start(follow, tmp_path, clean_environment | config) as process:
        assert process.stderr is not None
        while "FilterLogEvents" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert json.loads(at(lines.FAILURES).out)["failures"] == []
    assert at(lines.DROP).out == "0 failures deleted.\n"
    lacking = json.loads(at(lines.BACKFILL).out)
    assert (lacking["sent"], lacking["lacking"], lacking["last_key"]) == (False, 1, "in/photo.jpg")
    assert lines.ROLE in at(lines.JOB).out
    index = at(lines.FROM_STACK)
    assert (index.code, "s3://ours" in json.loads(index.out)["error"]["message"]) == (1, True)
    refreshed = json.loads(at(lines.REFRESH).out)
    assert (refreshed["renewed"], refreshed["in_clear"]) == (False, 0)
    assert json.loads(at(lines.TAKE_OVER).out)["lacking"] == 0
    refused = json.loads(at(lines.ROLLBACK).out)["error"]
    assert "has no version 9" in refused["message"]
    assert refused["hint"] == "Version 1 is the only one."
    assert at(lines.DESTROY_PLAN).code == 3
    removed = json.loads(at(lines.DESTROY).out)
    assert (removed["applied"], removed["kept"]) == (True, ["bucket theirs", "bucket ours"])


@pytest.mark.real_package
def test_package(pixelater: Pixelater, tmp_path: Path) -> None:
    done = pixelater(*lines.PACKAGE)
    built = json.loads(done.out)
    assert (built["runtime"], built["architecture"]) == ("python3.13", "x86_64")
    assert built["bytes"] == (tmp_path / "function.zip").stat().st_size
    assert "wrote function.zip" in done.err
    assert pixelater(*lines.PACKAGE).code == 0
    (tmp_path / "function.zip").write_bytes(b"another's")
    refused = pixelater(*lines.PACKAGE)
    assert (refused.code, json.loads(refused.out)["error"]["message"]) == (
        1,
        "function.zip already exists and is not a package of pixelater",
    )
    assert (tmp_path / "function.zip").read_bytes() == b"another's"


def test_doctor(at: Callable[[list[str]], Done]) -> None:
    done = at(lines.DOCTOR)
    found = {one["name"]: one["found"] for one in json.loads(done.out)["checks"]}
    assert found["settings"] == "profile work, region eu-west-1"
    assert "sts GetCallerIdentity: 200" in done.err


def test_palette(pixelater: Pixelater, photo: Path, tmp_path: Path) -> None:
    done = pixelater(*lines.PALETTE)
    (made,) = json.loads(done.out)["palettes"]
    assert (tmp_path / "mine.hex").read_text().split() == made["colors"]
    assert "wrote mine.hex" in done.err
