"""What the emulator's page gets of what happens."""

from __future__ import annotations

from typing import Any

from pixelater_cli.emulator.serve.dashboard_events import MAX_EVENTS, MAX_INCIDENTS, EventLog
from pixelater_cli.results.serve import HappeningResult

SMOKE = f"pixelater-smoke-test/{'0a' * 16}.png"


def list_keys(log: EventLog) -> list[Any]:
    return [event["key"] for event in log.describe()["events"]]


def test_smoke_tests_are_left_out_below_any_prefix() -> None:
    log = EventLog()
    keys = [SMOKE, f"year=2026/{SMOKE}", f"photos-{SMOKE}", "pixelater-smoke-test/mine.jpg"]
    log.add(HappeningResult(0.0, key, "done") for key in keys)
    assert list_keys(log) == ["pixelater-smoke-test/mine.jpg"]


def test_oldest_events_are_removed_and_numbers_go_on() -> None:
    log = EventLog()
    log.add(HappeningResult(0.0, str(number), "done") for number in range(MAX_EVENTS + 1))
    events = log.describe()["events"]
    numbers = [(event["number"], event["key"]) for event in (events[0], events[-1])]
    assert numbers == [(2, "1"), (MAX_EVENTS + 1, str(MAX_EVENTS))]


def test_weather_is_counted_and_does_not_replace_photos() -> None:
    log = EventLog()
    log.add([HappeningResult(0.0, "a.jpg", "done")])
    count = MAX_EVENTS + 1
    log.add(HappeningResult(0.0, "", "weather", note="slow: b.jpg: late") for _ in range(count))
    weather = log.describe()["weather"]
    assert list_keys(log) == ["a.jpg"]
    assert weather["counts"] == {"slow": count}
    assert len(weather["incidents"]) == MAX_INCIDENTS


def test_functions_of_new_events_are_taken_once() -> None:
    log = EventLog()
    log.add(
        [HappeningResult(0.0, "a.jpg", "done", function="f"), HappeningResult(0.0, "", "deployed")]
    )
    assert [log.take_new(), log.take_new()] == [{"f", ""}, None]
    log.add([HappeningResult(0.0, SMOKE, "done", function="f")])
    assert log.take_new() is None
