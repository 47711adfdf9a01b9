"""What is printed: results for people, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Literal

import pytest

from pixelater_cli import console, terminal_text
from pixelater_cli.aws.deploy.plan import ChangedResource
from pixelater_cli.errors import AwsError
from pixelater_cli.results import CommandResult
from pixelater_cli.results.backfill import BackfillResult, BatchJobResult, RefreshResult
from pixelater_cli.results.deploy import DeployResult, PhotoLimits, PlannedStep
from pixelater_cli.results.destroy import DestroyResult
from pixelater_cli.results.emulate import EmulatedPhoto, EmulateResult
from pixelater_cli.results.failures import FailedEvent, FailuresResult
from pixelater_cli.results.package import PackagePart, PackageResult
from pixelater_cli.results.push import FetchedDocument, FetchedMosaic, PushedPhoto, PushResult
from pixelater_cli.results.rollback import RollbackResult
from pixelater_cli.results.run import (
    PixelatedPhoto,
    RunResult,
    SavedMosaic,
    SavedRegion,
    list_hidden,
)
from pixelater_cli.results.status import ResourceState, StatusResult
from tests.documents import check_documents

MOSAIC = SavedMosaic(8, "out/pixelated-8x8-a.jpg", 31_400)
RUN = RunResult(
    "out",
    (
        PixelatedPhoto("a.jpg", (MOSAIC,), ("too small",)),
        PixelatedPhoto("b.jpg", error="no picture", hint="Omit it."),
    ),
    2,
    0.25,
)
DEPLOY = DeployResult(
    account="123456789012",
    region="eu-central-1",
    endpoint_url=None,
    stack="pixelater",
    source_bucket="source",
    destination_bucket="destination",
    prefix="",
    suffix="",
    limits=PhotoLimits(20, 600, 64),
    function="arn:aws:lambda:eu-central-1:123456789012:function:pixelater-function",
    package="d1d1",
    applied=False,
    changes=(ChangedResource("create", "bucket source", ("versioning", "tags")),),
    steps=(PlannedStep("create bucket source", "s3:create_bucket"),),
)
MISSING = ResourceState("queue pixelater-failures", "missing")
EMULATE = EmulateResult(
    "out",
    "source",
    "destination",
    9,
    (EmulatedPhoto("a.jpg", "a.jpg", 912.3, True, True, (MOSAIC,)),),
)


@pytest.mark.parametrize(
    "result",
    [
        RUN,
        DEPLOY,
        PackageResult(
            "a.zip", "python3.13", "arm64", "d1", "s1", 9, (PackagePart("engine", 1, 8, 4),)
        ),
        RollbackResult(
            "123456789012", "eu-central-1", "pixelater", "pixelater-function", "2", "3", "1"
        ),
        StatusResult(
            "123456789012", "eu-central-1", None, "pixelater", "7", 2, ("oh",), (MISSING,)
        ),
        DestroyResult(
            "123456789012", "eu-central-1", None, "pixelater", True, ("bucket a",), DEPLOY.steps
        ),
        PushResult(
            "pixelater",
            "source",
            "destination",
            (
                PushedPhoto(
                    "a.jpg",
                    "in/a.jpg",
                    31_400,
                    "v1",
                    0.2,
                    1.5,
                    (FetchedMosaic(8, "in/pixelated-8x8-a.jpg", 900, "out/a.jpg"),),
                ),
            ),
        ),
        FailuresResult(
            "pixelater",
            "pixelater-failures",
            "retry",
            (
                FailedEvent(
                    id="m",
                    keys=("a.jpg",),
                    reason="TooLarge",
                    message="too many pixels",
                    time="2026-11-23T12:00:00Z",
                    tries=1,
                    version_id="v1",
                    bytes=9,
                    request_id="r",
                    state="failed again",
                    error="TooLarge",
                ),
            ),
        ),
        BackfillResult("pixelater", "source", True, 7, 2, "z.jpg", 1.5),
        BatchJobResult("pixelater", "j", {"Priority": 10}, {"trust": {}}),
        RefreshResult("pixelater", "destination", True, 7, 2, 1, "z.jpg", 1.5),
        EMULATE,
    ],
    ids=lambda result: result.command,
)
def test_the_json_document_of_a_command_is_as_its_schema_says(
    result: CommandResult, capsys: pytest.CaptureFixture[str]
) -> None:
    console.show(result, as_json=True)
    printed = capsys.readouterr()
    check_documents(printed.out)
    document = json.loads(printed.out)
    assert (document.pop("version"), document.pop("command")) == (1, result.command)
    assert (document, printed.err) == (json.loads(json.dumps(asdict(result))), "")


def test_results_go_to_stdout_and_failures_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    console.show(RUN, as_json=False)
    printed = capsys.readouterr()
    assert printed.out == (
        "out/pixelated-8x8-a.jpg  31 kB\n"
        "1 photo done, 1 mosaic, 31 kB in out, 1 failed, 2 other files skipped (0.2 s)\n"
    )
    assert printed.err == ("warning: a.jpg: too small\nerror: b.jpg: no picture\n  Omit it.\n")


def test_an_error_is_a_json_document_too_where_one_was_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.show_error(AwsError("no AWS region is set", "Name one."), "deploy")
    printed = capsys.readouterr()
    assert printed.err == "error: no AWS region is set\n  Name one.\n"
    assert json.loads(printed.out) == {
        "version": 1,
        "command": "deploy",
        "error": {"message": "no AWS region is set", "hint": "Name one.", "exit_code": 1},
    }


def test_an_error_comes_with_what_to_do_now(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_error(AwsError("no AWS region is set", "Name one."))
    assert capsys.readouterr() == ("", "error: no AWS region is set\n  Name one.\n")


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("[bold]été 🙂.jpg", "[bold]été 🙂.jpg"),
        ("\x1b[31mred\n.jpg", "\\x1b[31mred\\n.jpg"),
        ("caf\udce9.jpg", "caf\\xe9.jpg"),
    ],
)
def test_outside_text_cannot_steer_the_terminal(text: str, printed: str) -> None:
    assert terminal_text.clean(text) == printed


def test_a_file_name_with_markup_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    photo = EmulatedPhoto("[red]a[/]", "[red]a[/]", 1.0, False, True, (MOSAIC,))
    console.show(EmulateResult("out", "source", "destination", 9, (photo,)), as_json=False)
    assert "[red]a[/]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (RUN, 1),
        (RunResult("out", RUN.photos[:1], 0, 0.1), 0),
        (DEPLOY, 3),
        (replace(DEPLOY, applied=True), 0),
        (EMULATE, 0),
        (EmulateResult("out", "s", "d", 9, (EmulatedPhoto("a", identical=False),)), 1),
        (EmulateResult("out", "s", "d", 9, (EmulatedPhoto("a", identical=True, error="x"),)), 1),
    ],
)
def test_the_exit_code_tells_whether_everything_was_done(result: CommandResult, code: int) -> None:
    assert result.exit_code == code


@pytest.mark.parametrize(
    ("newest", "told"),
    [
        ("7", ["Version 7 is active."]),
        (None, ["Version 7 is active."]),
        (
            "10",
            [
                "Version 7 is active.",
                "  Version 10 is newer but not active: its smoke test failed, or it was rolled",
                "  back. The next deploy activates the newest version.",
            ],
        ),
    ],
)
def test_status_tells_of_a_later_version_that_does_not_run(
    newest: str | None, told: list[str]
) -> None:
    result = StatusResult("1", "r", None, "pixelater", "7", None, (), (), newest_version=newest)
    assert list(result.render())[1 : 1 + len(told)] == told


def test_a_push_tells_of_each_mosaic_in_a_line_of_its_own() -> None:
    mosaics = (
        FetchedMosaic(8, "in/pixelated-8x8-a.jpg", 900, "out/a8.jpg"),
        FetchedMosaic(16, "in/pixelated-16x16-a.jpg", 1900, None),
    )
    photos = (
        PushedPhoto("a.jpg", "in/a.jpg", 31_400, "v1", 0.2, 1.5, mosaics),
        PushedPhoto("b.jpg", "in/b.jpg", 500, "v1", 0.2, error="no photo"),
    )
    assert list(PushResult("pixelater", "source", "destination", photos).render()) == [
        "a.jpg: uploaded in 0.2 s, mosaics 1.5 s later",
        "  out/a8.jpg  900 bytes",
        "  in/pixelated-16x16-a.jpg  2 kB",
        "1 photo uploaded, 31 kB, 2 mosaics, 1 failed",
    ]


@pytest.mark.parametrize(
    ("kinds", "sought", "words"),
    [
        (["face", "text", "face"], ("faces", "text"), ["2 faces, 1 text line hidden"]),
        (["text"], ("faces", "text"), ["1 text line hidden", "no faces"]),
        (["region"], (), ["1 region hidden"]),
        (["region"], ("faces",), ["1 region hidden", "no faces"]),
        ([], ("faces",), []),
    ],
)
def test_run_tells_what_is_hidden_and_what_was_not_found(
    kinds: list[str], sought: tuple[str, ...], words: list[str]
) -> None:
    regions = tuple(SavedRegion(kind, 0, 0, 8, 8, 1.0) for kind in kinds)
    assert list_hidden(PixelatedPhoto("a.jpg", regions=regions), sought) == words


def test_push_counts_no_mosaics_where_nothing_was_found() -> None:
    document = FetchedDocument("regions", "a.jpg.regions.json", 241)
    photo = PushedPhoto("a.jpg", "a.jpg", 9_000, "v1", 0.2, 1.5, documents=(document,))
    assert list(PushResult("s", "source", "destination", (photo,)).render()) == [
        "a.jpg: uploaded in 0.2 s, nothing to hide was found, 1.5 s later",
        "  a.jpg.regions.json  241 bytes",
        "1 photo uploaded, 9 kB, 1 document in s3://destination",
    ]


STATUS = StatusResult("1", "eu", None, "typo", None, None, (), ())


def test_status_of_a_stack_without_resources_says_so_first() -> None:
    missing = (ResourceState("bucket a", "missing"), ResourceState("role b", "missing"))
    first, *_ = replace(STATUS, resources=missing).render()
    assert first == "Stack typo is not deployed."
    partly = (*missing, ResourceState("queue c", "present"))
    assert "Stack typo is not deployed." not in replace(STATUS, resources=partly).render()


def test_status_shows_the_looks_of_a_stack() -> None:
    looks = {"look": "format webp, size native", "rule 1": "in/: palette 32"}
    _, look, rule, *_ = replace(STATUS, looks=looks).render()
    assert (look, rule) == ("  Look: format webp, size native", "  Rule 1: in/: palette 32")


def test_status_shows_a_repeated_failure_once_with_its_count() -> None:
    def log(key: str, ms: float) -> str:
        line = {"event": "photo", "outcome": "failed", "key": key, "ms": {"get": ms}}
        return json.dumps({**line, "error": "NotAPicture: broken"})

    errors = (log("a.jpg", 1), log("b.jpg", 1), log("a.jpg", 2))
    *_, first, second, total = replace(STATUS, errors=errors).render()
    assert first == "  failed    a.jpg  not_a_picture: broken  2 ms (get 2)  (2 times)"
    assert second == "  failed    b.jpg  not_a_picture: broken  1 ms (get 1)"
    assert total == "3 errors in the log of the last hour."


def test_push_of_a_photo_that_failed_prints_no_address() -> None:
    failed = PushedPhoto("a.txt", "a.txt", 3, error="NotAPicture: broken", hint="See it.")
    result = PushResult("s", "src", "dst", (failed,))
    assert list(result.render()) == ["1 failed"]
    assert list(result.render_problems()) == [
        "error: a.txt: not_a_picture: broken",
        "  See it.",
    ]


@pytest.mark.parametrize(
    ("failures", "undelivered", "days", "lines"),
    [
        (0, 0, 0.0, []),
        (0, None, None, []),
        (3, 0, 9.9, []),
        (3, 0, 11.2, ["  The oldest is 11 days old; SQS deletes it after 14. Retry it: pixelater"]),
        (
            0,
            1,
            0.0,
            ["  Lost in the last 14 days: 1 event that failed and did not reach the failure"],
        ),
    ],
)
def test_status_says_what_is_lost_or_soon_will_be(
    failures: int, undelivered: int | None, days: float | None, lines: list[str]
) -> None:
    result = StatusResult(
        *("1", "r", None, "pixelater", None, failures, (), ()),
        undelivered_failures=undelivered,
        oldest_failure_days=days,
    )
    quiet = [line for line in result.render_quiet() if "in the failure queue" not in line]
    assert [line[: len(start)] for line, start in zip(quiet, lines, strict=False)] == lines
    assert bool(quiet) is bool(lines)


@pytest.mark.parametrize("action", ["retry", "drop"])
def test_lines_of_failures_fit_80_columns(action: Literal["retry", "drop"]) -> None:
    failure = FailedEvent(
        id="m",
        keys=("2026/holiday in the mountains/day one/a photo with a rather long name.jpg",),
        reason="not_a_picture",
        message="a text file",
        time="2026-11-23T12:00:00Z",
        tries=1,
        version_id="",
        bytes=11,
        request_id="r",
        state="failed again" if action == "retry" else "dropped",
        error="not_a_picture: a text file, not an image",
    )
    result = FailuresResult("pixelater", "pixelater-failures", action, (failure,))
    lines = [*result.render(), *result.render_problems()]
    assert [line for line in lines if not isinstance(line, str) or len(line) > 80] == []


OTHER_SECRETS = "Other secrets than the stack's in the first 1,000 mosaics"


@pytest.mark.parametrize(
    ("unknown", "leftover", "code", "lines"),
    [
        ({}, {}, 0, [f"{OTHER_SECRETS}: none."]),
        ({"b": 2}, {"b": 1}, 1, [f"{OTHER_SECRETS}: b (2 mosaics)."]),
        ({"a": 2, "b": 1}, {}, 0, ["Of the first 1,000 mosaics, 2 have it."]),
    ],
)
def test_backfill_without_mosaics_to_take_over_names_the_secrets(
    unknown: dict[str, int], leftover: dict[str, int], code: int, lines: list[str]
) -> None:
    result = BackfillResult(
        "pixelater", "source", True, 3, 0, "z", 0.1, 0, {}, "a", unknown, leftover
    )
    first, *rest = result.render()
    assert (first, [line.strip() for line in rest], result.exit_code) == (
        "3 photos in source: none has mosaics with the secret a (0.1 s)",
        lines,
        code,
    )
