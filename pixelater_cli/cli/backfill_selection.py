"""Checks of the options that select what `pixelater backfill` does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pixelater_cli.errors import AwsError, BadSetting, UsageError

if TYPE_CHECKING:
    from pixelater_cli.aws.stack import Stack


def check_role(via: str, role: str | None, plan: bool) -> None:
    """Raise UsageError for a job without a role, and for a role without a job."""
    if via != "s3-batch" and role is not None:
        raise UsageError("--role is for --via s3-batch", "Add --via s3-batch, or omit --role.")
    if via == "s3-batch" and role is None and not plan:
        raise UsageError(
            "--via s3-batch needs --role",
            "Show the role and the job: pixelater backfill --via s3-batch --plan",
        )


def check_selection(every: bool, refresh_metadata: bool, take_over: str | None, via: str) -> None:
    """Raise UsageError for options that exclude each other, BadSetting for no fingerprint."""
    given = {"--all": every, "--refresh-metadata": refresh_metadata, "--take-over": take_over}
    chosen = [name for name, value in given.items() if value not in (None, False)]
    if via == "s3-batch" and chosen != ["--all"]:
        chosen.append("--via s3-batch")
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude each other", "Give one of them.")
    if take_over is not None and not re.fullmatch(r"[0-9a-f]{16}", take_over):
        raise BadSetting(
            "take-over",
            f"{take_over!r} does not name a secret",
            "Write the 16 digits that the error in the failure queue, or `pixelater status`, has.",
        )


def check_secret(stack: Stack, refresh_metadata: bool, take_over: str) -> None:
    """Raise AwsError without a secret to renew metadata with, and for the stack's own secret."""
    if refresh_metadata and not stack.secret:
        hint = f"Deploy it: pixelater deploy --stack {stack.name}"
        raise AwsError(f"the stack {stack.name} has no secret yet", hint)
    if take_over and take_over == stack.metadata_key.fingerprint:
        raise BadSetting(
            "take-over",
            f"{take_over} is the secret of this stack",
            "The function replaces its own mosaics without this option.",
        )
