"""Failures on the emulator's web page: what the queues of all stacks hold now, and retries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.operations import failure_queue
from pixelater_cli.aws.operations.failure_record import Failure, format_reason, read_failure
from pixelater_cli.aws.operations.stack_settings import load_settings
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Document, Stack

QUEUE_SUFFIX = Stack("", "", name="").queue
FUNCTION_SUFFIX = Stack("", "", name="").function


@dataclass
class StackQueue:
    """Failure queue of a stack as it was read last. `hidden` counts messages out of sight."""

    stack: Stack
    failures: tuple[Failure, ...] = ()
    count: int | None = None
    hidden: int = 0
    retrying: frozenset[str] = frozenset()
    errors: dict[str, str] = field(default_factory=dict)

    def list_entries(self) -> Iterator[Document]:
        """Yield the failures for the page."""
        for failure in self.failures:
            yield {
                "id": failure.id,
                "queue": self.stack.queue,
                "function": self.stack.function,
                "keys": list(failure.keys),
                "reason": format_reason(failure.reason, failure.message),
                "time": failure.time,
                "tries": failure.tries,
                "retrying": failure.id in self.retrying,
                "error": self.errors.get(failure.id, ""),
            }


Peek = Callable[[Stack], Iterable[tuple[str, str]]]
"""Reads id and body of each message in the failure queue of a stack, and leaves them in sight."""


class FailureQueues:
    """Failure queues of all stacks in the account of a stack. Not thread-safe.

    Without `peek`, a queue is only read if its length has changed: its messages are out of sight of
    other clients meanwhile.
    """

    def __init__(self, account: Account, stack: Stack, peek: Peek | None) -> None:
        self._account = account
        self._peek = peek
        self._own = stack
        self._queues: dict[str, StackQueue] = {}

    def describe(self) -> Document:
        """Return the queues as the page reads them."""
        return {
            "failures": [one for queue in self._queues.values() for one in queue.list_entries()],
            "hidden": sum(queue.hidden for queue in self._queues.values()),
        }

    def refresh(self) -> None:
        """Read the queues that have changed. Raises AwsError."""
        with translate_errors("list the queues"):
            urls = self._account.clients["sqs"].list_queues().get("QueueUrls", [])
        names = (url.rpartition("/")[2] for url in urls)
        stacks = {
            name: rename_stack(self._own, name.removesuffix(QUEUE_SUFFIX))
            for name in names
            if name.endswith(QUEUE_SUFFIX)
        }
        self._queues = {
            name: self._queues.get(name) or StackQueue(stack)
            for name, stack in sorted(stacks.items())
            if stack.has_valid_name
        }
        for queue in self._queues.values():
            self._read(queue)

    def choose(self, ids: Collection[str]) -> None:
        """Mark failures that are to be tried again."""
        for queue in self._queues.values():
            queue.retrying = frozenset(one.id for one in queue.failures if one.id in ids)

    def retry(self) -> Iterator[tuple[Stack, failure_queue.Retry]]:
        """Invoke the functions again with the marked failures. Raises AwsError."""
        for queue in self._queues.values():
            chosen = [one for one in queue.failures if one.id in queue.retrying]
            if not chosen:
                continue
            try:
                for tried in failure_queue.retry(self._account, queue.stack, chosen):
                    queue.errors[tried.failure.id] = tried.error
                    queue.retrying -= {tried.failure.id}
                    if not tried.error or tried.recorded:
                        queue.failures = tuple(
                            one for one in queue.failures if one.id != tried.failure.id
                        )
                    yield queue.stack, tried
            finally:
                queue.retrying = frozenset()
                queue.count = None  # Read it again: the function may have recorded it anew.

    def _read(self, queue: StackQueue) -> None:
        """Read a queue.

        Without `peek`, what was known stays on the page while another client, such as
        `pixelater failures`, has taken messages out.
        """
        if self._peek:
            queue.failures = tuple(read_failure(*message) for message in self._peek(queue.stack))
            return
        counts = failure_queue.count_messages(self._account, queue.stack)
        visible, queue.hidden = counts or (0, 0)
        if queue.hidden:
            queue.count = None
        elif visible != queue.count:
            queue.failures = failure_queue.list_failures(self._account, queue.stack)
            queue.count = visible


def rename_stack(own: Stack, name: str) -> Stack:
    """Return the stack of a name, with default settings, in the account of another."""
    return Stack(
        account=own.account,
        region=own.region,
        partition=own.partition,
        name=name,
        regional_names=own.regional_names,
        tls=own.tls,
        server=own.server,
    )


def load_stacks(account: Account, own: Stack, functions: Iterable[str]) -> dict[str, Stack]:
    """Load the settings of the stacks of functions; other functions are left out.

    Raises AwsError.
    """
    stacks = {name: rename_stack(own, name.removesuffix(FUNCTION_SUFFIX)) for name in functions}
    return {
        name: load_settings(account, own if stack.name == own.name else stack)
        for name, stack in stacks.items()
        if name.endswith(FUNCTION_SUFFIX) and stack.has_valid_name
    }
