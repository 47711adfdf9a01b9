"""Calls that are refused for a while after others: which, and until when."""

from __future__ import annotations

from collections.abc import Collection
from threading import Lock

from pixelater_cli.emulator.weather.calls import Call
from pixelater_cli.emulator.weather.chance import Chance
from pixelater_cli.emulator.weather.refusal_table import ACCOUNT, REFUSALS, Refusal


class Refusals:
    """The refusals of some kinds that are on. Thread-safe."""

    def __init__(self, kinds: Collection[str], chance: Chance) -> None:
        self._table = [refusal for refusal in REFUSALS if refusal.kind in kinds]
        self._chance = chance
        self._until: dict[tuple[Refusal, str], float] = {}
        self._first: dict[tuple[str, str], float] = {}
        self._lock = Lock()

    def find(self, call: Call, now: float) -> Refusal | None:
        """Find the refusal that a call meets, if any."""
        for refusal in self._table:
            if call.action not in refusal.refused or not refusal.only(call):
                continue
            name = _find_name(refusal, call)
            with self._lock:
                until = None if name is None else self._until.get((refusal, name))
            if until is not None and now < until:
                return refusal
        return None

    def note(self, call: Call, now: float) -> None:
        """Note a call that was carried out: others may be refused for a while because of it."""
        for refusal in self._table:
            name = _find_name(refusal, call)
            if call.action not in refusal.after or name is None:
                continue
            subject = f"{refusal.code} {call.action} {name}"
            happens = self._chance.draw("refusal", subject) < refusal.share
            seconds = self._chance.draw_between("refusal seconds", subject, refusal.seconds)
            if happens and self._is_within(refusal, call, now):
                with self._lock:
                    self._until[refusal, name] = now + seconds
        self._note_first(call, now)

    def _is_within(self, refusal: Refusal, call: Call, now: float) -> bool:
        """Return whether a call came soon enough after the one that its refusal depends on."""
        if refusal.within is None:
            return True
        action, seconds = refusal.within
        with self._lock:
            first = self._first.get((action, call.names.get("bucket", "")))
        return first is not None and now < first + seconds

    def _note_first(self, call: Call, now: float) -> None:
        """Note the first call of each kind on a bucket; a bucket that is deleted begins anew."""
        bucket = call.names.get("bucket", "")
        with self._lock:
            self._first.setdefault((call.action, bucket), now)
            if call.operation == "DeleteBucket":
                self._first = {at: when for at, when in self._first.items() if at[1] != bucket}


def _find_name(refusal: Refusal, call: Call) -> str | None:
    """Find what links a call to others of a refusal: "" for the whole account, None if nothing."""
    return "" if refusal.link == ACCOUNT else call.names.get(refusal.link)
