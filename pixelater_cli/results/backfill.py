"""Owns what `pixelater backfill` returns. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pixelater_cli.results import CHANGES_PENDING, CommandResult
from pixelater_cli.results.formatting import format_count

if TYPE_CHECKING:
    from pixelater_cli.aws.stack import Document


@dataclass(frozen=True)
class BackfillResult(CommandResult):
    """How far `pixelater backfill` came.

    `sent` tells whether the function was invoked for the `lacking` photos; `last_key` is where a
    later run may go on.
    """

    command: ClassVar[Literal["backfill"]] = "backfill"
    stack: str
    source_bucket: str
    sent: bool
    looked_at: int
    lacking: int
    last_key: str
    seconds: float

    @property
    def exit_code(self) -> int:
        return CHANGES_PENDING if self.lacking and not self.sent else 0

    def tell(self) -> Iterator[str]:
        looked = f"{format_count(self.looked_at, 'photo')} in {self.source_bucket}"
        if not self.looked_at:
            yield f"No photos to look at in {self.source_bucket} ({self.seconds:.1f} s)"
        elif not self.lacking:
            yield f"{looked}: all have up-to-date mosaics ({self.seconds:.1f} s)"
        elif self.sent:
            yield f"{looked}: {self.lacking} sent to the function ({self.seconds:.1f} s)"
        else:
            yield f"{looked}: {self.lacking} would be sent; nothing was sent."


@dataclass(frozen=True)
class BatchJobResult(CommandResult):
    """The S3 Batch Operations job that was created; without `job_id`, that would be.

    `request` is what create_job takes, `role` the policies of the role that it names.
    """

    command: ClassVar[Literal["backfill"]] = "backfill"
    stack: str
    job_id: str | None
    request: Document
    role: Document

    @property
    def exit_code(self) -> int:
        return CHANGES_PENDING if self.job_id is None else 0

    def tell(self) -> Iterator[str]:
        if self.job_id is not None:
            yield f"S3 Batch Operations job {self.job_id} is created."
            yield f"Its report of failures goes to {self.request['Report']['Bucket']}/backfill."
            return
        yield "Job:"
        yield from json.dumps(self.request, indent=2).splitlines()
        yield f"Role {self.request['RoleArn']}, trust and permissions:"
        yield from json.dumps(self.role, indent=2).splitlines()

    def render_quiet(self) -> Iterator[str]:
        return iter(()) if self.job_id is not None else self.tell()
