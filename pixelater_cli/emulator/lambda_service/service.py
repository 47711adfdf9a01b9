"""Owns running functions: events wait in a queue, environments serve them and are kept warm.

Asynchronous events are tried again and given up as `schedule` says. One thread looks after the
queue; an attempt runs in a thread of a pool, as many as environments may be busy at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Condition, Thread

from pixelater_cli.emulator.lambda_service import retry_policy
from pixelater_cli.emulator.lambda_service.backend_protocol import (
    FunctionGone,
    Service,
    ServiceFailed,
    Throttled,
)
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings, EnvironmentPool
from pixelater_cli.emulator.lambda_service.event_queue import EventQueue
from pixelater_cli.emulator.lambda_service.execution_environment import InvocationRequest
from pixelater_cli.emulator.lambda_service.invocation import Invocation, end_event
from pixelater_cli.emulator.lambda_service.models import (
    EventListener,
    EventReport,
    EventSettings,
    Function,
    FunctionRef,
    InvocationOutcome,
)
from pixelater_cli.emulator.lambda_service.retry_policy import Condition as EndCondition
from pixelater_cli.emulator.lambda_service.runtime_process import check_client

Action = Callable[[], object]


class LambdaService:
    """The running side of the emulated Lambda service.

    `observe` is told what happens to asynchronous events, in threads of this, which wait for it: it
    should be quick, and must not raise.
    """

    def __init__(
        self,
        service: Service,
        folder: Path,
        endpoint_url: str,
        settings: EmulatorSettings | None = None,
        observe: EventListener | None = None,
    ) -> None:
        check_client()
        self.settings = settings or EmulatorSettings()
        self._service = service
        self._fleet = EnvironmentPool(service, folder, endpoint_url, self.settings)
        self._observers: list[EventListener] = [observe] if observe else []
        self._backlog = EventQueue()
        self._running: Counter[tuple[str, str, str]] = Counter()
        self._open = 0  # Events taken off the queue, until what follows an attempt is done, too.
        self._closing = False
        self._changed = Condition()
        self._pool = ThreadPoolExecutor(self.settings.concurrency, "pixelater-function")
        self._queue = Thread(target=self._serve_queue, name="pixelater-queue", daemon=True)
        self._queue.start()

    def invoke(self, target: FunctionRef, payload: bytes) -> InvocationOutcome:
        """Run a function and wait for the answer.

        Raises FunctionGone, Throttled, ServiceFailed, and CancelledError when this is closed.
        """
        answer: Future[InvocationOutcome] = Future()
        self._put(Invocation(target, payload, self.settings.clock(), answer))
        return answer.result()

    def send(self, target: FunctionRef, payload: bytes, delay_seconds: float = 0.0) -> str:
        """Queue an event nobody waits for; give its request id.

        It arrives after some of AWS's seconds.
        """
        arrival = self.settings.clock() + delay_seconds / self.settings.time_scale
        invocation = Invocation(target, payload, arrival, None)
        self._put(invocation, arrival if delay_seconds else None)
        return invocation.request_id

    @contextmanager
    def watch(self) -> Iterator[SimpleQueue[EventReport]]:
        """Give a queue of what happens to asynchronous events from now on."""
        reports: SimpleQueue[EventReport] = SimpleQueue()
        self._observers.append(reports.put)
        try:
            yield reports
        finally:
            self._observers.remove(reports.put)

    @property
    def pending(self) -> int:
        """How many events are waiting, delayed or running."""
        with self._changed:
            return len(self._backlog) + self._open

    @property
    def busy(self) -> bool:
        """Whether events run or are about to: those put off to later do not count."""
        with self._changed:
            due = self._backlog.next_due
            late = due is not None and due <= self.settings.clock()
            return late or bool(self._backlog.waiting) or self._open > 0

    @property
    def next_due(self) -> float | None:
        """When the next delayed event is due, by the clock of the settings."""
        with self._changed:
            return self._backlog.next_due

    def wake(self) -> None:
        """Have the queue look again at a clock that did not run by itself."""
        with self._changed:
            self._changed.notify()

    @property
    def processes(self) -> list[int]:
        """The processes of all environments."""
        return self._fleet.processes

    def close(self) -> None:
        """End what runs, drop what waits, leave no process, thread or folder behind."""
        with self._changed:
            self._closing = True
            left = list(self._backlog)
            self._changed.notify()
        self._fleet.kill()
        self._queue.join()
        self._pool.shutdown(cancel_futures=True)
        self._fleet.close()
        for invocation in left:
            invocation.cancel()

    def _put(self, invocation: Invocation, until: float | None = None) -> None:
        with self._changed:
            if self._closing:
                invocation.cancel()
                return
            if until is None:
                self._backlog.waiting.append(invocation)
            else:
                self._backlog.delay(invocation, until)
            self._changed.notify()

    def _serve_queue(self) -> None:
        """Hand out events until the end. What it decides is done without holding the lock."""
        while not self._closing:
            with self._changed:
                actions = self._decide()
                if not actions:
                    self._changed.wait(self._find_pause())
            for action in actions:
                action()

    def _find_pause(self) -> float | None:
        """Give the seconds until something is due, or None."""
        due = self._fleet.next_retirement, self._backlog.next_due
        times = [one for one in due if one is not None]
        return max(min(times) - self.settings.clock(), 0.0) if times else None

    def _decide(self) -> list[Action]:
        """Say what is to be done now; take it off the queue."""
        if self._closing:
            return []
        now = self.settings.clock()
        self._backlog.call_back(now)
        actions: list[Action] = []
        while self._backlog.waiting and self._running.total() < self.settings.concurrency:
            self._open += 1
            actions.append(partial(self._do, self._place(self._backlog.waiting.popleft())))
        retirement = self._fleet.next_retirement
        if retirement is not None and retirement <= now:
            actions.append(partial(self._fleet.retire_idle, now))
        return actions

    def _do(self, action: Action) -> None:
        """Do what was decided of an event that was taken off the queue."""
        action()
        self._count_open(-1)

    def _count_open(self, number: int) -> None:
        with self._changed:
            self._open += number

    def _place(self, invocation: Invocation) -> Action:
        """Find what becomes of one event for which there is room on this machine."""
        target = invocation.target
        try:
            function = self._service.find(target)
        except FunctionGone as error:
            return partial(self._refuse, invocation, error)
        reserved = self._service.find_concurrency(target)
        if reserved is not None and self._running[function.identity] >= reserved:
            return partial(self._throttle, invocation, reserved)
        if invocation.answer is None:
            settings = self._service.find_settings(target)
            if self._age(invocation) > settings.max_age_seconds:
                return partial(self._end, invocation, "EventAgeExceeded", settings)
        self._running[function.identity] += 1
        invocation.attempts += 1
        return partial(self._start, invocation, function)

    def _start(self, invocation: Invocation, function: Function) -> None:
        if not self._closing:
            self._count_open(1)
            attempt = self._pool.submit(self._attempt, invocation, function)
            attempt.add_done_callback(self._end_attempt)
        else:
            invocation.cancel()

    def _end_attempt(self, attempt: Future[None]) -> None:
        """Count an attempt as done. A bug in the emulator keeps its traceback in the log."""
        self._count_open(-1)
        if not attempt.cancelled():
            attempt.result()

    def _attempt(self, invocation: Invocation, function: Function) -> None:
        """Run an event, in a thread of the pool."""
        order = InvocationRequest(
            invocation.request_id, invocation.target.arn, invocation.payload, invocation.received
        )
        try:
            outcome = self._run(function, order, invocation.attempts)
        except ServiceFailed as error:
            self._fail_service(invocation, error)
            return
        finally:
            self._leave(function)
        invocation.throttles = 0
        if self._closing:
            invocation.cancel()
        elif invocation.answer:
            invocation.answer.set_result(outcome)
        else:
            self._follow_up(invocation, outcome)

    def _run(self, function: Function, order: InvocationRequest, attempt: int) -> InvocationOutcome:
        environment = self._fleet.take(function)
        try:
            with environment.killed_after(self.settings.kill_after(order.payload, attempt)):
                outcome, lines = environment.invoke(order)
            if not self._closing:
                self._service.write_log(function, environment.stream, lines)
        finally:
            self._fleet.give_back(environment)
        return outcome

    def _leave(self, function: Function) -> None:
        with self._changed:
            self._running[function.identity] -= 1
            self._changed.notify()

    def _follow_up(self, invocation: Invocation, outcome: InvocationOutcome) -> None:
        """Do what follows an attempt at an asynchronous event."""
        settings = self._service.find_settings(invocation.target)
        verdict = retry_policy.decide_after_failure(
            outcome.failed, invocation.attempts, self._age(invocation), settings
        )
        if verdict.condition is None:
            self._delay(invocation, verdict.delay_seconds)
            self._tell(invocation.report("retried", outcome.error, outcome=outcome))
        else:
            self._end(invocation, verdict.condition, settings, outcome)

    def _end(
        self,
        invocation: Invocation,
        condition: EndCondition,
        settings: EventSettings,
        outcome: InvocationOutcome | None = None,
    ) -> None:
        self._tell(end_event(self._service, invocation, condition, settings, outcome))

    def _throttle(self, invocation: Invocation, reserved: int) -> None:
        """Let an event wait that finds no concurrency; who waits for the answer is told.

        With none reserved at all, AWS sends events on as failed without trying them.
        """
        if invocation.answer:
            invocation.answer.set_exception(Throttled())
            return
        settings = self._service.find_settings(invocation.target)
        if reserved == 0:
            self._end(invocation, "ZeroReservedConcurrency", settings)
            return
        self._come_back(invocation, settings)

    def _fail_service(self, invocation: Invocation, error: ServiceFailed) -> None:
        """Errors of the service are not the function's: the event comes back as if throttled."""
        invocation.attempts -= 1
        if invocation.answer:
            invocation.answer.set_exception(error)
            return
        settings = self._service.find_settings(invocation.target)
        self._come_back(invocation, settings, str(error))

    def _come_back(self, invocation: Invocation, settings: EventSettings, error: str = "") -> None:
        invocation.throttles += 1
        verdict = retry_policy.decide_after_throttle(
            invocation.throttles, self._age(invocation), settings
        )
        if verdict.condition is None:
            self._delay(invocation, verdict.delay_seconds)
            self._tell(invocation.report("throttled", error))
        else:
            self._end(invocation, verdict.condition, settings)

    def _refuse(self, invocation: Invocation, error: FunctionGone) -> None:
        if invocation.answer:
            invocation.answer.set_exception(error)
        else:
            self._tell(invocation.report("failed", str(error)))

    def _delay(self, invocation: Invocation, seconds: float) -> None:
        """Put an event back for some of AWS's seconds."""
        wait = seconds / self.settings.time_scale
        invocation.haste += seconds - wait
        with self._changed:
            self._backlog.delay(invocation, self.settings.clock() + wait)
            self._changed.notify()

    def _age(self, invocation: Invocation) -> float:
        return invocation.age(self.settings.clock())

    def _tell(self, report: EventReport) -> None:
        for observe in list(self._observers):
            observe(report)
