"""The Lambda service: a queue of events, which execution environments run.

`retry_policy` decides about retries of asynchronous events. A thread serves the queue; attempts run
in a thread pool with a thread for each environment.
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

from pixelater_cli.emulator.lambda_service.backend_protocol import (
    EventJournal,
    FunctionGone,
    Service,
    ServiceFailed,
)
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings, EnvironmentPool
from pixelater_cli.emulator.lambda_service.event_outcomes import EventOutcomes
from pixelater_cli.emulator.lambda_service.event_queue import EventQueue
from pixelater_cli.emulator.lambda_service.execution_environment import InvocationRequest
from pixelater_cli.emulator.lambda_service.invocation import Invocation
from pixelater_cli.emulator.lambda_service.models import (
    EventListener,
    EventReport,
    Function,
    FunctionRef,
    InvocationOutcome,
)
from pixelater_cli.emulator.lambda_service.runtime_process import check_client

Action = Callable[[], object]


class LambdaService:
    """The emulated Lambda service.

    `observe` receives reports about asynchronous events. It is called in threads of the service,
    which wait for it: it should be quick, and must not raise.
    """

    def __init__(
        self,
        service: Service,
        folder: Path,
        endpoint_url: str,
        settings: EmulatorSettings | None = None,
        observe: EventListener | None = None,
        journal: EventJournal | None = None,
    ) -> None:
        check_client()
        self.settings = settings or EmulatorSettings()
        self._service = service
        self._journal = journal
        self._environments = EnvironmentPool(service, folder, endpoint_url, self.settings)
        self._events = EventQueue()
        self._outcomes = EventOutcomes(service, self.settings, journal, self._put)
        if observe:
            self._outcomes.listeners.append(observe)
        self._running: Counter[tuple[str, str, str]] = Counter()
        self._open = 0  # Events taken off the queue, until what follows an attempt is done, too.
        self._closing = False
        self._changed = Condition()
        self._pool = ThreadPoolExecutor(self.settings.concurrency, "pixelater-function")
        self._queue = Thread(target=self._serve_queue, name="pixelater-queue", daemon=True)
        self._queue.start()

    def invoke(self, target: FunctionRef, payload: bytes) -> InvocationOutcome:
        """Run a function and return the outcome.

        Raises FunctionGone, Throttled, ServiceFailed, and CancelledError if the service closes.
        """
        result: Future[InvocationOutcome] = Future()
        self._put(Invocation(target, payload, self.settings.clock(), result))
        return result.result()

    def send(
        self,
        target: FunctionRef,
        payload: bytes,
        delay_seconds: float = 0.0,
        request_id: str | None = None,
    ) -> str:
        """Queue an asynchronous event, by default a new one, and return its request ID.

        The event arrives after `delay_seconds` of AWS.
        """
        arrival = self.settings.clock() + delay_seconds / self.settings.time_scale
        invocation = Invocation(target, payload, arrival, None)
        invocation.request_id = request_id or invocation.request_id
        if self._journal:
            self._journal.accept_event(invocation.request_id, target, payload)
        self._put(invocation, arrival if delay_seconds else None)
        return invocation.request_id

    @contextmanager
    def watch(self) -> Iterator[SimpleQueue[EventReport]]:
        """Yield a queue of reports about asynchronous events from now on."""
        reports: SimpleQueue[EventReport] = SimpleQueue()
        self._outcomes.listeners.append(reports.put)
        try:
            yield reports
        finally:
            self._outcomes.listeners.remove(reports.put)

    @property
    def pending(self) -> int:
        """Number of events that are waiting, delayed or running."""
        with self._changed:
            return len(self._events) + self._open

    @property
    def busy(self) -> bool:
        """Whether events run or are due, apart from events that are delayed."""
        with self._changed:
            due = self._events.next_due
            late = due is not None and due <= self.settings.clock()
            return late or bool(self._events.waiting) or self._open > 0

    @property
    def next_due(self) -> float | None:
        """Time at which the next delayed event is due, by the clock of the settings."""
        with self._changed:
            return self._events.next_due

    def wake(self) -> None:
        """Check the clock again, after it was moved."""
        with self._changed:
            self._changed.notify()

    @property
    def processes(self) -> list[int]:
        """Process IDs of all environments."""
        return self._environments.processes

    def close(self) -> None:
        """Kill running attempts, drop waiting events, and remove processes, threads and folders."""
        with self._changed:
            self._closing = True
            left = list(self._events)
            self._changed.notify()
        self._environments.kill()
        self._queue.join()
        self._pool.shutdown(cancel_futures=True)
        self._environments.close()
        for invocation in left:
            invocation.cancel()

    def _put(self, invocation: Invocation, until: float | None = None) -> None:
        with self._changed:
            if self._closing:
                invocation.cancel()
                return
            if until is None:
                self._events.waiting.append(invocation)
            else:
                self._events.delay(invocation, until)
            self._changed.notify()

    def _serve_queue(self) -> None:
        """Start attempts until the service closes. Actions run without the lock."""
        while not self._closing:
            with self._changed:
                actions = self._take_actions()
                if not actions:
                    self._changed.wait(self._find_timeout())
            for action in actions:
                action()

    def _find_timeout(self) -> float | None:
        """Return the seconds until the next action, or None."""
        times = self._environments.next_retirement, self._events.next_due
        due = min((time for time in times if time is not None), default=None)
        return None if due is None else max(due - self.settings.clock(), 0.0)

    def _take_actions(self) -> list[Action]:
        """Take what is due off the queue, as actions."""
        if self._closing:
            return []
        now = self.settings.clock()
        self._events.release(now)
        actions: list[Action] = []
        while self._events.waiting and self._running.total() < self.settings.concurrency:
            self._open += 1
            actions.append(partial(self._do, self._choose_action(self._events.waiting.popleft())))
        retirement = self._environments.next_retirement
        if retirement is not None and retirement <= now:
            actions.append(partial(self._environments.retire_idle, now))
        return actions

    def _do(self, action: Action) -> None:
        """Run an action for an event that was taken off the queue."""
        action()
        self._count_open(-1)

    def _count_open(self, number: int) -> None:
        with self._changed:
            self._open += number

    def _choose_action(self, invocation: Invocation) -> Action:
        """Choose what to do with an event for which an environment is free."""
        target = invocation.target
        try:
            function = self._service.find(target)
        except FunctionGone as error:
            return partial(self._outcomes.refuse, invocation, error)
        reserved = self._service.find_concurrency(target)
        if reserved is not None and self._running[function.identity] >= reserved:
            return partial(self._outcomes.throttle, invocation, reserved)
        if invocation.result is None:
            settings = self._service.find_settings(target)
            if self._outcomes.find_age(invocation) > settings.max_age_seconds:
                return partial(self._outcomes.end, invocation, "EventAgeExceeded", settings)
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
        """Count an attempt as done, and raise a bug in the emulator, which logs its traceback."""
        self._count_open(-1)
        if not attempt.cancelled():
            attempt.result()

    def _attempt(self, invocation: Invocation, function: Function) -> None:
        """Run an event in a thread of the pool."""
        request = InvocationRequest(
            invocation.request_id, invocation.target.arn, invocation.payload, invocation.received
        )
        try:
            outcome = self._run(function, request, invocation.attempts)
        except ServiceFailed as error:
            self._outcomes.fail_service(invocation, error)
            return
        finally:
            self._release(function)
        invocation.throttles = 0
        if self._closing:
            invocation.cancel()
        elif invocation.result:
            invocation.result.set_result(outcome)
        else:
            self._outcomes.follow_up(invocation, outcome)

    def _run(
        self, function: Function, request: InvocationRequest, attempt: int
    ) -> InvocationOutcome:
        environment = self._environments.take(function)
        try:
            with environment.killed_after(self.settings.kill_after(request.payload, attempt)):
                outcome, lines = environment.invoke(request)
            if not self._closing:
                self._service.write_log(function, environment.stream, lines)
        finally:
            self._environments.give_back(environment)
        return outcome

    def _release(self, function: Function) -> None:
        with self._changed:
            self._running[function.identity] -= 1
            self._changed.notify()
