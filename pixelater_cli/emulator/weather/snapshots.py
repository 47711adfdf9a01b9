"""Answers from before a write, which reads still show for a while."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

from pixelater_cli.emulator.weather.answers import Answer
from pixelater_cli.emulator.weather.calls import Call
from pixelater_cli.emulator.weather.chance import Chance
from pixelater_cli.emulator.weather.staleness import STALE_READS, StaleRead, fit_answer

STALE_SHARE = 0.7
"""How many reads of the seconds after a write are stale; the first one always is."""

_Key = tuple[StaleRead, str, str]
"""A read, the resource that it reads, and the policy, if it reads one."""


class Snapshots:
    """The earlier answers that are still to be seen. Thread-safe."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._kept: dict[_Key, tuple[float, Answer]] = {}
        self._shown: set[_Key] = set()
        self._lock = Lock()

    def list_reads(self, call: Call) -> list[StaleRead]:
        """List the reads that a write makes stale: they are to be made before it."""
        return [stale for stale in STALE_READS if call.action in stale.after]

    def keep(self, call: Call, answers: Mapping[StaleRead, Answer], now: float) -> None:
        """Keep what was read before a write: it is what reads see for a while.

        While they see an earlier state, it stays the one that they see.
        """
        for stale, answer in answers.items():
            key = _make_key(stale, call)
            seconds = self._chance.draw_between("stale seconds", str(call), stale.seconds)
            with self._lock:
                until, earlier = self._kept.get(key, (now, answer))
                self._kept[key] = now + seconds, earlier if now < until else answer
                self._shown.discard(key)

    def find(self, call: Call, now: float) -> Answer | None:
        """Find what a read answered before the last write, if it is still to be seen."""
        stale = next((one for one in STALE_READS if one.read == call.action), None)
        if stale is None:
            return None
        key = _make_key(stale, call)
        with self._lock:
            until, answer = self._kept.get(key, (now, None))
            first = key not in self._shown
            self._shown.add(key)
        if answer is None or now >= until:
            return None
        if not first and self._chance.draw("stale", str(call)) >= STALE_SHARE:
            return None
        return fit_answer(call, answer)


def _make_key(stale: StaleRead, call: Call) -> _Key:
    policy = call.names.get("policy", "") if stale.read == "iam:GetRolePolicy" else ""
    return stale, call.names.get(stale.link, ""), policy
