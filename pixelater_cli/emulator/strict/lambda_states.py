"""States of functions: after its creation and each change, a function is not ready for a while.

https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from pixelater_cli.emulator.strict.refusal import Refusal

Kind = Literal["Pending", "InProgress"]


@dataclass(frozen=True)
class Settling:
    """What a function is busy with until a time of the clock."""

    kind: Kind
    until: float
    clock: Callable[[], float]

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.clock() >= self.until


def begin(function: Any, kind: Kind, seconds: float, clock: Callable[[], float]) -> None:
    """Let a function be busy for so many seconds, and give it a new revision."""
    function.settling = Settling(kind, clock() + seconds, clock)
    function.revision_id = str(uuid4())


def find_settling(function: Any) -> Settling | None:
    """Return what a function is busy with."""
    settling: Settling | None = getattr(function, "settling", None)
    return None if settling is None or settling.over else settling


def describe(function: Any, on_create: bool) -> dict[str, str]:
    """Return what GetFunctionConfiguration says of a function's state."""
    settling = find_settling(function)
    told = {"State": "Active", "RevisionId": getattr(function, "revision_id", "")}
    if settling is not None and settling.kind == "Pending":
        told |= {
            "State": "Pending",
            "StateReason": "The function is being created.",
            "StateReasonCode": "Creating",
        }
    if settling is not None and settling.kind == "InProgress":
        told |= {
            "LastUpdateStatus": "InProgress",
            "LastUpdateStatusReason": "The function is being updated.",
            "LastUpdateStatusReasonCode": "Updating",
        }
    elif not on_create:
        told["LastUpdateStatus"] = "Successful"
    return told


def refuse_while_busy(function: Any, kinds: tuple[str, ...]) -> None:
    """Refuse what a function cannot do while it is busy so. Raises Refusal."""
    settling = find_settling(function)
    if settling is None or settling.kind not in kinds:
        return
    if settling.kind == "Pending":
        told = "The function is currently in the following state: Pending"
    else:
        told = f"An update is in progress for resource: {function.function_arn}"
    message = f"The operation cannot be performed at this time. {told}"
    raise Refusal(409, "ResourceConflictException", message)
