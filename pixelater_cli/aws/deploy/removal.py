"""Removal of a stack: what is left of it, also by interrupted deploys, in the order of removal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pixelater_cli.aws.deploy.executor import read_state
from pixelater_cli.aws.deploy.plan import make_removal
from pixelater_cli.aws.operations.health import is_empty
from pixelater_cli.aws.resources.catalog import list_all_properties
from pixelater_cli.aws.resources.property import EXISTS, ApiCall
from pixelater_cli.aws.retries import Sleep
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack


@dataclass(frozen=True)
class Removal:
    """The calls that remove a stack, the outputs that they may need, and what they leave."""

    steps: tuple[ApiCall, ...]
    outputs: Mapping[str, str]
    kept: tuple[str, ...]


def plan_removal(account: Account, stack: Stack, purge: bool, sleep: Sleep) -> Removal:
    """Plan the removal of a stack, changing nothing; `purge` deletes photos and mosaics, too.

    Raises AwsError.
    """
    properties = list_all_properties(stack)
    state = read_state(account, properties, sleep)
    buckets = [name for name in stack.named_buckets if state.found.get((f"bucket {name}", EXISTS))]
    full = [name for name in buckets if not is_empty(account, name)]
    # The zips are pixelater's.
    kept = [f"bucket {name}" for name in full if name != stack.code_bucket and not purge]
    emptied = [f"bucket {name}" for name in full if f"bucket {name}" not in kept]
    steps = make_removal(properties, state.found, kept, emptied)
    adopted = (f"bucket {name}" for name in stack.adopted_buckets)
    return Removal(steps, state.outputs, (*kept, *adopted))
