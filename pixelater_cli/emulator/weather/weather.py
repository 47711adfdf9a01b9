"""The weather of an emulator: decides what each call, read and event meets, and counts it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from pixelater_cli.emulator.lambda_service.models import Function, FunctionRef
from pixelater_cli.emulator.lambda_service.records import read_photo
from pixelater_cli.emulator.weather.answers import Answer, make_error
from pixelater_cli.emulator.weather.calls import Call
from pixelater_cli.emulator.weather.chance import Chance
from pixelater_cli.emulator.weather.deliveries import plan_delivery
from pixelater_cli.emulator.weather.grants import UNDECRYPTABLE, Grants
from pixelater_cli.emulator.weather.kinds import KINDS, Kind
from pixelater_cli.emulator.weather.refusals import ACCOUNT, REFUSALS, Refusal
from pixelater_cli.emulator.weather.spells import FAILED, THROTTLED, Spells
from pixelater_cli.emulator.weather.staleness import STALE_READS, StaleRead, fit_answer

KILLED_SHARE, KILLED_SECONDS = 0.15, (0.0, 0.25)
"""How many first attempts end because their function is killed, and when; work is not scaled."""

RESET_SHARE = 0.5
"""How many faults are closed connections; the others are errors of the service."""

TRIP_SECONDS = (0.02, 0.15)
"""How long a call takes on its way."""

STALE_SHARE = 0.7
"""How many reads of the seconds after a write are stale; the first one always is."""


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
        self._grants = Grants(self._chance)
        self._counts: Counter[Kind] = Counter()
        self._changed: dict[tuple[str, str], float] = {}
        self._until: dict[tuple[Refusal, str], float] = {}
        self._before: dict[tuple[StaleRead, str, str], tuple[float, Answer]] = {}
        self._shown: set[tuple[StaleRead, str, str]] = set()
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
        refusal = self._find_refusal(call)
        if refusal is not None:
            names = {**dict.fromkeys(("role", "function"), ""), **call.names}
            message = refusal.message.format(**names)
            return self._refuse(refusal.kind, call, refusal.status, refusal.code, message)
        if "stale" in self.kinds and self._grants.denies(call, self._now()):
            return self._refuse("stale", call, 403, "AccessDenied", "Access Denied")
        spell = self._spells.hit(call, self._now())
        if spell is None:
            return None
        if spell == "faults":
            draw = self._chance.draw("fault", str(call))
            if draw < RESET_SHARE:
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

    def find_stale_answer(self, call: Call) -> Answer | None:
        """Find what a read answered before the last write, if it is still to be seen."""
        for stale in STALE_READS:
            if stale.read != call.action:
                continue
            key = stale, call.names.get(stale.link, ""), call.names.get("policy", "")
            with self._lock:
                until, answer = self._before.get(key, (0.0, None))
                first = key not in self._shown
                self._shown.add(key)
            if answer is None or self._now() >= until:
                return None
            if not first and self._chance.draw("stale", str(call)) >= STALE_SHARE:
                return None
            self.report("stale", str(call), "as before the last change")
            return fit_answer(call, answer)
        return None

    def list_reads(self, call: Call) -> list[StaleRead]:
        """List the reads that a write makes stale: they are to be made before it."""
        if "stale" not in self.kinds:
            return []
        return [stale for stale in STALE_READS if call.action in stale.after]

    def keep(self, call: Call, answers: Mapping[StaleRead, Answer]) -> None:
        """Keep what was read before a write: it is what reads see for a while.

        While they see an earlier state, it stays the one that they see.
        """
        now = self._now()
        for stale, answer in answers.items():
            name = call.names.get(stale.link, "")
            policy = call.names.get("policy", "") if "RolePolicy" in stale.read else ""
            seconds = self._chance.draw_between("stale seconds", f"{call}", stale.seconds)
            with self._lock:
                key = stale, name, policy
                until, kept = self._before.get(key, (0.0, None))
                shown = kept if kept is not None and now < until else answer
                self._before[key] = now + seconds, shown
                self._shown.discard(key)

    def note(self, call: Call) -> None:
        """Note a call that was carried out: others may be refused for a while because of it."""
        now = self._now()
        for refusal in REFUSALS:
            if refusal.kind not in self.kinds or call.action not in refusal.after:
                continue
            name = _find_name(refusal, call)
            if name is None or not self._is_within(refusal, call, now):
                continue
            subject = f"{refusal.code} {call.action} {name}"
            if self._chance.draw("refusal", subject) < refusal.share:
                seconds = self._chance.draw_between("refusal seconds", subject, refusal.seconds)
                with self._lock:
                    self._until[refusal, name] = now + seconds
        self._grants.note(call, now)
        bucket = call.names.get("bucket", "")
        with self._lock:
            self._changed.setdefault((call.action, bucket), now)
            if call.operation == "DeleteBucket":
                self._changed = {at: when for at, when in self._changed.items() if at[1] != bucket}

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

    def _find_refusal(self, call: Call) -> Refusal | None:
        now = self._now()
        for refusal in REFUSALS:
            if call.action not in refusal.refused or not refusal.only(call):
                continue
            name = _find_name(refusal, call)
            with self._lock:
                until = self._until.get((refusal, name or ""))
            if name is not None and until is not None and now < until:
                return refusal
        return None

    def _is_within(self, refusal: Refusal, call: Call, now: float) -> bool:
        """Return whether a call came soon enough after the one that its refusal depends on."""
        if refusal.within is None:
            return True
        action, seconds = refusal.within
        with self._lock:
            changed = self._changed.get((action, call.names.get("bucket", "")))
        return changed is not None and now < changed + seconds


def _find_name(refusal: Refusal, call: Call) -> str | None:
    return "" if refusal.link == ACCOUNT else call.names.get(refusal.link)
