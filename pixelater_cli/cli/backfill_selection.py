"""Checks of the options that select what `pixelater backfill` does."""

from __future__ import annotations

import re

from pixelater_cli.errors import BadSetting, UsageError


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
