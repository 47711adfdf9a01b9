"""logs, and what status tells of a stack's log, in the emulator and on moto."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.functional.command import Snapshot
from tests.functional.conftest import Environment, Pixelater, start
from tests.functional.running import (
    Running,
    write_log,
)


def test_the_log_reads_a_line_for_each_photo(running: Running, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no photo at all")
    running.pixelater("push", "photo.jpg", "text.jpg", "--wait")
    told = [line[21:] for line in running.pixelater("logs").out.splitlines()]
    assert any(line.startswith("done      photo.jpg") for line in told)
    bad = [line[21:] for line in running.pixelater("logs", "--errors").out.splitlines()]
    assert any(line.startswith("failed    text.jpg  ") for line in bad)
    assert not any("photo.jpg" in line for line in bad)
    raw = map(json.loads, running.pixelater("logs", "--json").out.splitlines())
    assert any("photo.jpg" in json.dumps(document.get("message", document)) for document in raw)


def test_a_log_that_is_not_there_is_that_of_a_stack_that_is_not(
    pixelater: Pixelater, moto: str, snapshot: Snapshot
) -> None:
    done = pixelater("logs", "--stack", "mine", "--endpoint-url", moto)
    assert (done.code, done.out, done.err.replace(moto, "URL")) == (1, "", snapshot)


def test_only_the_time_that_was_asked_for_is_read(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any], snapshot: Snapshot
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    write_log(connect("logs"), ("old", time.time() - 7200), ("new", time.time() - 60))
    assert pixelater("logs", "--endpoint-url", moto).out.endswith("log       new\n")
    both = pixelater("logs", "--endpoint-url", moto, "--since", "3h").out
    assert [line.split()[-1] for line in both.splitlines()] == ["old", "new"]
    wrong = pixelater("logs", "--endpoint-url", moto, "--since", "soon")
    assert (wrong.code, wrong.err) == (2, snapshot)


def test_following_tells_what_is_new_until_it_is_interrupted(
    pixelater: Pixelater,
    moto: str,
    connect: Callable[[str], Any],
    clean_environment: Environment,
    tmp_path: Path,
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    logs = connect("logs")
    write_log(logs, ("first", time.time() - 1))
    with start(
        ["logs", "--follow", "--endpoint-url", moto], tmp_path, clean_environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().endswith("  first\n")
        write_log(logs, ("late", time.time() - 30), ("second", time.time()))
        assert process.stdout.readline().endswith("  late\n")
        assert process.stdout.readline().endswith("  second\n")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


def test_the_status_tells_traffic_errors_and_cost(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any]
) -> None:
    pixelater("deploy", "--endpoint-url", moto, "--architecture", "arm64")
    photo = {"event": "photo", "key": "a.jpg", "mosaics": 5}
    report = "REPORT RequestId: r\tDuration: 499.2 ms\tBilled Duration: 500 ms\t"
    report += "Memory Size: 1024 MB\tMax Memory Used: 90 MB\t"
    lines = [json.dumps({**photo, "outcome": outcome}) for outcome in ["done"] * 3 + ["failed"]]
    test = {**photo, "key": "pixelater-smoke-test/0.png", "request_id": "smoke", "error": "no"}
    tests = [json.dumps({**test, "outcome": outcome}) for outcome in ("done", "failed", "passing")]
    raised = {"level": "ERROR", "requestId": "smoke", "errorMessage": "no", "errorType": "Failed"}
    lines += [*tests, json.dumps(raised)]
    write_log(connect("logs"), *((line, time.time() - 60) for line in [*lines, *[report] * 4]))
    done = json.loads(pixelater("status", "--endpoint-url", moto, "--json").out)
    monthly = 4 * 0.5 * 0.0000133334 + 4 * 0.2e-6 + 15 * 5e-6 + 4 * 4e-7
    assert done["traffic"] == {
        "done": 3,
        "failed": 1,
        "retried": 0,
        "photos_per_minute": 0.05,
        "error_rate": 0.25,
        "invocations": 4,
        "mean_billed_ms": 500.0,
        "monthly_dollars": round(monthly * 730, 2),
    }
    assert [json.loads(error)["key"] for error in done["errors"]] == ["a.jpg"]
    told = pixelater("status", "--endpoint-url", moto).out
    assert "3 photos in the last hour, 0.1 per minute; 25.0% of attempts failed.\n" in told
    assert "4 invocations, 500 ms on average. A month at this rate costs $0.08" in told
    assert "  failed    a.jpg" in told


@pytest.mark.parametrize("command", ["push photo.jpg", "backfill", "failures"])
def test_without_a_stack_there_is_a_clear_error(
    pixelater: Pixelater, moto: str, photo: Path, command: str
) -> None:
    done = pixelater(*command.split(), "--endpoint-url", moto)
    assert (done.code, "Traceback" in done.err, "error: " in done.err) == (1, False, True)
