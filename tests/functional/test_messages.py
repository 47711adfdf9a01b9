"""How much commands say, and how: --quiet, --verbose, the overview, and pipes that close."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from typing import Any

import pytest

from pixelater_cli.cli.lazy_group import COMMAND_NAMES, SECTIONS
from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater


def test_quiet_deploying_says_nothing_and_a_quiet_status_what_is_wrong(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any]
) -> None:
    at = ("--endpoint-url", moto)
    deployed = pixelater("deploy", "-q", *at)
    status = pixelater("status", "--quiet", *at)
    assert [(one.code, one.out, one.err) for one in (deployed, status)] == [(0, "", "")] * 2
    connect("logs").delete_log_group(logGroupName="/aws/lambda/pixelater-function")
    status = pixelater("status", "-q", *at)
    assert (status.code, status.err) == (3, "")
    assert status.out == "  missing  log group /aws/lambda/pixelater-function  retention\n"
    planned = pixelater("deploy", "-q", "--plan", *at)
    assert (planned.code, planned.out) == (3, "")
    removed = pixelater("destroy", "-q", "--yes", *at)
    assert (removed.code, removed.out, removed.err) == (0, "", "")


def test_quiet_keeps_what_was_asked_for(pixelater: Pixelater, moto: str) -> None:
    at = ("--endpoint-url", moto)
    policy = pixelater("deploy", "-q", "--print-policy", *at)
    assert json.loads(policy.out)["Version"] == "2012-10-17"
    document = pixelater("status", "-q", "--json", *at)
    assert json.loads(document.out)["command"] == "status"
    checks = pixelater("doctor", "-q", *at)
    assert "works" not in checks.out


def test_verbose_tells_of_each_call_with_its_outcome_and_milliseconds(
    pixelater: Pixelater, moto: str, tmp_path: Path
) -> None:
    Path(tmp_path, "pixelater.toml").write_text(f'endpoint-url = "{moto}"')
    plain = pixelater("status")
    done = pixelater("status", "-v")
    assert (done.code, done.out) == (plain.code, plain.out)
    told = [re.sub(r"\d+ ms$", "N ms", line) for line in done.err.splitlines()]
    assert told[:3] == [
        "read pixelater.toml",
        "sts GetCallerIdentity: 200, N ms",
        "s3 GetObject pixelater-code-bucket/pixelater-function/settings.json: 404, N ms",
    ]
    assert "iam GetRole pixelater-function-us-east-1: 404, N ms" in told
    assert [line for line in told[1:] if not line.endswith(("N ms", "bytes"))] == []


def test_verbose_tells_of_calls_that_got_no_answer(pixelater: Pixelater) -> None:
    done = pixelater("doctor", "--verbose", "--endpoint-url", "http://127.0.0.1:1")
    assert re.search(
        r"^sts GetCallerIdentity: EndpointConnectionError, \d+ ms$", done.err, re.MULTILINE
    )


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_every_help_has_examples_exit_codes_and_lines_of_80(
    pixelater: Pixelater, name: str
) -> None:
    done = pixelater(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 80
    assert f"  Examples:\n    pixelater {name}" in done.out
    codes = done.out.partition("Exit codes:\n")[2].partition("\n\n")[0].splitlines()
    assert [code.split()[0] for code in codes] in (
        ["0", "1", "2", "130"],
        ["0", "1", "2", "3", "130"],
    )
    assert "-q, --quiet" in done.out and "-v, --verbose" in done.out


def test_the_overview_says_of_each_command_what_its_help_does(pixelater: Pixelater) -> None:
    overview = pixelater("--help")
    assert max(map(len, overview.out.splitlines())) <= 80
    assert "Exit codes:" in overview.out
    for summaries in SECTIONS.values():
        for name, summary in summaries.items():
            function = getattr(import_module(f"pixelater_cli.commands.{name}"), name)
            assert (getdoc(function) or "").splitlines()[0] == summary
            assert re.search(rf"^  {name} +{re.escape(summary)}$", overview.out, re.MULTILINE)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("deply", "Did you mean: pixelater deploy"),
        ("upload photo.jpg", "Did you mean: pixelater push"),
        ("photo.jpg", "Did you mean: pixelater run photo.jpg"),
        ("nothing-like-it", "See: pixelater --help"),
        ("run --output x", "Did you mean --out? See: pixelater run --help"),
        ("run --overwrite", "Did you mean --force? See: pixelater run --help"),
        ("run --faces", "See: pixelater run --help"),
        ("deploy --check", "Did you mean --plan? See: pixelater deploy --help"),
        ("deploy --memory x", "See: pixelater deploy --help"),
    ],
)
def test_wrong_word_is_answered_with_what_was_probably_meant(
    pixelater: Pixelater, photo: Path, line: str, hint: str
) -> None:
    done = pixelater(*line.split())
    assert (done.code, done.err.splitlines()[1:]) == (2, [f"  {hint}"])


def test_program_without_arguments_prints_its_help(pixelater: Pixelater) -> None:
    done = pixelater()
    assert (done.code, done.out, done.err) == (2, "", pixelater("--help").out)


def test_help_command_prints_the_help_of_a_command(pixelater: Pixelater) -> None:
    assert pixelater("help", "run").out == pixelater("run", "--help").out
    assert pixelater("help").out == pixelater("--help").out
    assert pixelater("help", "nope").code == 2


@pytest.mark.parametrize(("columns", "width"), [("70", 70), ("90", 90), ("200", 102)])
def test_help_is_as_wide_as_the_terminal_up_to_100_columns(
    pixelater: Pixelater, columns: str, width: int
) -> None:
    lines = pixelater("run", "--help", COLUMNS=columns).out.splitlines()
    assert width - 20 < max(map(len, lines)) <= width


@pytest.mark.parametrize("command", [("run", "photo.jpg"), ("deploy", "--plan")])
def test_a_reader_that_has_read_enough_is_no_trouble(
    command: tuple[str, ...],
    photo: Path,
    tmp_path: Path,
    clean_environment: dict[str, str],
    moto: str,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pixelater_cli", *command],
        cwd=tmp_path,
        env=clean_environment | {"PIXELATER_ENDPOINT_URL": moto},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_hints_are_wrapped_at_80_columns(pixelater: Pixelater, snapshot: Snapshot) -> None:
    done = pixelater("status", "--region", "eu-central-1")
    assert done.err == snapshot


@pytest.mark.parametrize("prefix", ["ü" * 513, "a\udcff"], ids=["too long", "not UTF-8"])
def test_a_prefix_that_no_key_could_have_is_refused_before_anybody_is_asked(
    pixelater: Pixelater, prefix: str, snapshot: Snapshot
) -> None:
    done = pixelater("backfill", "--prefix", prefix)
    assert (done.code, done.err) == (2, snapshot)
