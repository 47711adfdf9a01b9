"""What becomes of an event after an attempt, or without one: retried, delayed, ended or refused.

`retry_policy` decides; this reports the decision and carries it out.
"""

from __future__ import annotations

from collections.abc import Callable

from pixelater_cli.emulator.lambda_service import retry_policy
from pixelater_cli.emulator.lambda_service.backend_protocol import (
    EventJournal,
    FunctionGone,
    Service,
    ServiceFailed,
    Throttled,
)
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.lambda_service.invocation import Invocation
from pixelater_cli.emulator.lambda_service.models import (
    EventListener,
    EventReport,
    EventSettings,
    InvocationOutcome,
)
from pixelater_cli.emulator.lambda_service.records import end_event

Postpone = Callable[[Invocation, float], None]
"""Queue an event until a time of the clock."""


class EventOutcomes:
    """Carries out decisions about events. `listeners` receive reports of asynchronous ones."""

    def __init__(
        self,
        service: Service,
        settings: EmulatorSettings,
        journal: EventJournal | None,
        postpone: Postpone,
    ) -> None:
        self.listeners: list[EventListener] = []
        self._service = service
        self._settings = settings
        self._journal = journal
        self._postpone = postpone

    def follow_up(self, invocation: Invocation, outcome: InvocationOutcome) -> None:
        """Retry or end an asynchronous event after an attempt."""
        settings = self._service.find_settings(invocation.target)
        decision = retry_policy.decide_after_failure(
            outcome.failed, invocation.attempts, self.find_age(invocation), settings
        )
        report = invocation.report("retried", outcome.error, outcome=outcome)
        self._apply(decision, invocation, settings, report)

    def end(
        self,
        invocation: Invocation,
        condition: retry_policy.Condition,
        settings: EventSettings,
        outcome: InvocationOutcome | None = None,
    ) -> None:
        """End an asynchronous event, and send its record to the destination."""
        report = end_event(self._service, invocation, condition, settings, outcome)
        self._end_in_journal(invocation)
        self._report(report)

    def throttle(self, invocation: Invocation, reserved: int) -> None:
        """Delay an asynchronous event, or reject a synchronous one.

        If the reserved concurrency is 0, AWS does not try asynchronous events at all.
        """
        if invocation.result:
            invocation.result.set_exception(Throttled())
            return
        if reserved == 0:
            settings = self._service.find_settings(invocation.target)
            self.end(invocation, "ZeroReservedConcurrency", settings)
            return
        self._retry_later(invocation)

    def fail_service(self, invocation: Invocation, error: ServiceFailed) -> None:
        """Delay an event after an error of the service, which does not count as an attempt."""
        invocation.attempts -= 1
        if invocation.result:
            invocation.result.set_exception(error)
            return
        self._retry_later(invocation, str(error))

    def refuse(self, invocation: Invocation, error: FunctionGone) -> None:
        """Drop an event of a function that does not exist."""
        if invocation.result:
            invocation.result.set_exception(error)
        else:
            self._end_in_journal(invocation)
            self._report(invocation.report("failed", str(error)))

    def find_age(self, invocation: Invocation) -> float:
        """Return the age of an event, in AWS's seconds."""
        return invocation.age(self._settings.clock())

    def _apply(
        self,
        decision: retry_policy.RetryDecision,
        invocation: Invocation,
        settings: EventSettings,
        delayed: EventReport,
    ) -> None:
        """Delay an event, with this report, or end it."""
        if decision.condition is None:
            self._delay(invocation, decision.delay_seconds)
            self._report(delayed)
        else:
            self.end(invocation, decision.condition, settings, delayed.outcome)

    def _end_in_journal(self, invocation: Invocation) -> None:
        if self._journal:
            self._journal.end_event(invocation.request_id)

    def _retry_later(self, invocation: Invocation, error: str = "") -> None:
        invocation.throttles += 1
        settings = self._service.find_settings(invocation.target)
        decision = retry_policy.decide_after_throttle(
            invocation.throttles, self.find_age(invocation), settings
        )
        self._apply(decision, invocation, settings, invocation.report("throttled", error))

    def _delay(self, invocation: Invocation, seconds: float) -> None:
        """Delay an event for this number of AWS's seconds."""
        wait = seconds / self._settings.time_scale
        invocation.skipped_seconds += seconds - wait
        self._postpone(invocation, self._settings.clock() + wait)

    def _report(self, report: EventReport) -> None:
        for listener in list(self.listeners):
            listener(report)
