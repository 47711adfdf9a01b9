"""The weather of an emulator: decides what each call, read and event meets, and counts it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from pixelater_cli.emulator.lambda_service.invocation import read_photo
from pixelater_cli.emulator.lambda_service.models import Function, FunctionRef
from pixelater_cli.emulator.weather.answers import Answer, make_error
from pixelater_cli.emulator.weather.calls import Call
from pixelater_cli.emulator.weather.chance import Chance
from pixelater_cli.emulator.weather.deliveries import plan_delivery
from pixelater_cli.emulator.weather.grants import UNDECRYPTABLE, Grants
from pixelater_cli.emulator.weather.kinds import KINDS, Kind
from pixelater_cli.emulator.weather.refusals import Refusals
from pixelater_cli.emulator.weather.snapshots import Snapshots
from pixelater_cli.emulator.weather.spells import FAILED, THROTTLED, Spelled, Spells
from pixelater_cli.emulator.weather.staleness import StaleRead

KILLED_SHARE, KILLED_SECONDS = 0.15, (0.0, 0.25)
"""How many first attempts end because their function is killed, and when; work is not scaled."""

RESET_SHARE = 0.5
"""How many faults are closed connections; the others are errors of the service."""

TRIP_SECONDS = (0.02, 0.15)
"""How long a call takes on its way."""


@dataclass(frozen=True)
class Incident:
    """One thing that the weather did: its kind, the call or key it happened to, and what it did."""

    kind: Kind
    subject: str
    note: str


Listener = Callable[[Incident], None]


@dataclass(frozen=True)
class Reset:
    """The connection is closed without an answer, before the call takes effect or after."""

    executed: bool


class Weather:
    """What AWS does on a bad day, as a seed has it. `now` and `sleep` count AWS's seconds.

    A seed decides the same for the same calls; delays end by themselves. Thread-safe.
    """

    def __init__(
        self,
        kinds: frozenset[Kind],
        seed: int = 0,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        observe: Listener | None = None,
    ) -> None:
        self.kinds = kinds
        self.seed = seed
        self.observe = observe
        self._now = now
        self._sleep = sleep
        self._chance = Chance(seed)
        self._spells = Spells(kinds, self._chance)
        self._refusals = Refusals(kinds, self._chance)
        self._snapshots = Snapshots(self._chance)
        self._grants = Grants(self._chance)
        self._counts: Counter[Kind] = Counter()
        self._events: Counter[str] = Counter()
        self._lock = Lock()

    @property
    def names(self) -> tuple[Kind, ...]:
        """The kinds, in their usual order."""
        return tuple(kind for kind in KINDS if kind in self.kinds)

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How often each kind did something so far."""
        with self._lock:
            return {kind: self._counts[kind] for kind in self.names}

    def meet(self, call: Call) -> Answer | Reset | None:
        """Decide what a call meets before it is carried out: None if nothing."""
        self._sleep_for(call)
        refusal = self._refusals.find(call, self._now())
        if refusal is not None:
            names = {**dict.fromkeys(("role", "function"), ""), **call.names}
            message = refusal.message.format(**names)
            return self._refuse(refusal.kind, call, refusal.status, refusal.code, message)
        if "stale" in self.kinds and self._grants.denies(call, self._now()):
            return self._refuse("stale", call, 403, "AccessDenied", "Access Denied")
        spell = self._spells.hit(call, self._now())
        return None if spell is None else self._meet_spell(spell, call)

    def _meet_spell(self, spell: Spelled, call: Call) -> Answer | Reset | None:
        """Decide what a call under a spell meets."""
        draw = self._chance.draw("fault", str(call))
        if spell == "faults" and draw < RESET_SHARE:
            reset = Reset(executed=draw < RESET_SHARE / 2)
            words = "after" if reset.executed else "before"
            self.report(spell, str(call), f"connection closed {words} the call")
            return reset
        error = (THROTTLED if spell == "throttle" else FAILED).get(call.service)
        if error is None:
            return None
        return self._refuse(spell, call, error.status, error.code, error.message)

    def _refuse(self, kind: Kind, call: Call, status: int, code: str, message: str) -> Answer:
        self.report(kind, str(call), f"{status} {code}")
        return make_error(call, status, code, message)

    def _sleep_for(self, call: Call) -> None:
        """Let a call take as long as one over the internet does."""
        if "slow" in self.kinds:
            self._sleep(self._chance.draw_between("trip", str(call), TRIP_SECONDS))

    def list_reads(self, call: Call) -> list[StaleRead]:
        """List the reads that a write makes stale: they are to be made before it."""
        return self._snapshots.list_reads(call) if "stale" in self.kinds else []

    def find_stale_answer(self, call: Call) -> Answer | None:
        """Find what a read answered before the last write, if it is still to be seen."""
        answer = self._snapshots.find(call, self._now())
        if answer is not None:
            self.report("stale", str(call), "as before the last change")
        return answer

    def note(self, call: Call, before: Mapping[StaleRead, Answer]) -> None:
        """Note a call that was carried out, and what reads answered before it."""
        now = self._now()
        self._snapshots.keep(call, before, now)
        self._refusals.note(call, now)
        self._grants.note(call, now)

    def plan_event(self, payload: bytes) -> tuple[float, ...]:
        """Decide when an S3 event is delivered: in how many seconds, once or twice."""
        bucket, key = read_photo(payload)
        if "slow" not in self.kinds or not bucket:
            return (0.0,)
        with self._lock:
            number = self._events[bucket]
            self._events[bucket] += 1
        delivery = plan_delivery(self._chance, bucket, key, number)
        if delivery.note:
            self.report("slow", key, delivery.note)
        return delivery.delays

    def delay_events(
        self, send: Callable[[FunctionRef, bytes, float], str]
    ) -> Callable[[FunctionRef, bytes], str]:
        """Wrap what S3 sends events with; the last request id is returned."""

        def send_late(target: FunctionRef, payload: bytes) -> str:
            return [send(target, payload, delay) for delay in self.plan_event(payload)][-1]

        return send_late

    def find_kill_seconds(self, payload: bytes, attempt: int) -> float | None:
        """Decide whether the function is killed during an attempt at an event, and when."""
        bucket, key = read_photo(payload)
        if "faults" not in self.kinds or attempt != 1 or not bucket:
            return None
        subject = f"{bucket}/{key}"
        if self._chance.draw("kill", subject) >= KILLED_SHARE:
            return None
        self.report("faults", key, "function killed")
        return self._chance.draw_between("kill seconds", subject, KILLED_SECONDS)

    def find_failure(self, function: Function) -> str:
        """Find why a function cannot start: KMS knows another role of that name; "" if it can."""
        known = "newborn" not in self.kinds or not self._grants.is_undecryptable(function.name)
        if known or not function.variables:
            return ""
        self.report("newborn", f"lambda {function.name}", "502 KMSAccessDeniedException")
        return UNDECRYPTABLE

    def rank(self, text: str) -> float:
        """Return a number for a text: the account's own order of lists."""
        return self._chance.fix("order", text)

    def report(self, kind: Kind, subject: str, note: str) -> None:
        """Count an incident and tell the listener."""
        with self._lock:
            self._counts[kind] += 1
        if self.observe is not None:
            self.observe(Incident(kind, subject, note))
