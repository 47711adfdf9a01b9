"""Result of `pixelater backfill`, as JSON document and as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CHANGES_PENDING, CommandResult
from pixelater_cli.results.formatting import format_count, wrap

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.aws.stack import Document
    from pixelater_cli.results.shared_fields import (
        DestinationBucket,
        LeftoverMosaics,
        SourceBucket,
        StackName,
        UnknownSecrets,
    )


def format_leftover(number: int) -> str:
    """Format what to do about mosaics that are not named like those of a photo."""
    mosaics = format_count(number, "mosaic")
    return (
        f"Not replaced by --take-over: {mosaics} of them, with names that no photo's mosaics have "
        "now. Delete them if nobody needs them."
    )


def _format_refusals(refusals: Mapping[str, int], is_sent: bool) -> Iterator[str]:
    """Yield how many photos fail, because other mosaics have their names, and what to do."""
    fails = "will fail" if is_sent else "would fail"
    for whose, number in sorted(refusals.items()):
        photos = format_count(number, "photo")
        secret = whose.removeprefix("secret ")
        if secret == whose:
            reason, how = "another photo's mosaics have its names", "Rename one of the two."
        else:
            reason = f"mosaics of the secret {secret} have its names"
            how = (
                "If they are of a stack that no longer exists: pixelater backfill --take-over "
                f"{secret}"
            )
        yield from wrap(f"{photos} {fails} (name_taken): {reason}. {how}")


@dataclass(frozen=True)
class BackfillResult(CommandResult):
    """Progress of `pixelater backfill` through a bucket."""

    command: ClassVar[Literal["backfill"]] = "backfill"
    stack: StackName
    source_bucket: SourceBucket
    sent: Annotated[bool, Doc("whether the function was invoked; false with --plan")]
    looked_at: Annotated[int, Doc("number of photos that were checked")]
    lacking: Annotated[
        int,
        Doc(
            "number of photos whose mosaics are missing or older than the photo; with --all, of "
            "all photos"
        ),
    ]
    last_key: Annotated[str, Doc("last key that was checked; the value for --start-after")]
    seconds: Annotated[float, Doc("duration, in seconds")]
    videos: Annotated[
        int, Doc("number of videos, by their suffix, which the function does not pixelate")
    ] = 0
    refusals: Annotated[
        dict[str, int],
        Doc(
            "number of photos that fail as `name_taken`, by whose mosaics have their names: "
            "`secret` and a fingerprint, or `another photo`; not found with --all"
        ),
    ] = field(default_factory=dict)
    take_over: Annotated[str, Doc("fingerprint that --take-over was given; empty: none")] = ""
    unknown_secrets: UnknownSecrets = field(default_factory=dict)
    leftover_mosaics: LeftoverMosaics = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        if self.unknown_secrets and self.take_over not in self.unknown_secrets:
            return 1
        return CHANGES_PENDING if self.lacking and not self.sent else 0

    def render(self) -> Iterator[str]:
        checked = f"{format_count(self.looked_at, 'photo')} in {self.source_bucket}"
        if self.take_over and not self.lacking:
            yield from wrap(
                f"{checked}: none has mosaics with the secret {self.take_over} "
                f"({self.seconds:.1f} s)",
                first="",
            )
            yield from self._render_secrets()
            return
        if not self.looked_at:
            yield f"No photos in {self.source_bucket} ({self.seconds:.1f} s)"
        elif not self.lacking:
            yield f"{checked}: all have up-to-date mosaics ({self.seconds:.1f} s)"
        elif self.sent:
            yield f"{checked}: {self.lacking} sent to the function ({self.seconds:.1f} s)"
        else:
            yield f"{checked}: {self.lacking} would be sent."
        if self.videos:
            number = format_count(self.videos, "video")
            yield from wrap(
                f"Left out: {number}, which the function does not pixelate. Use pixelater run, "
                "with the extra for videos."
            )
        yield from _format_refusals(self.refusals, self.sent)
        if self.take_over and self.lacking:
            yield from wrap(
                "Failures of these photos stay in the failure queue. Once the mosaics are "
                "replaced, retry them: pixelater failures retry"
            )

    def _render_secrets(self) -> Iterator[str]:
        """Yield where the secret of --take-over is, and else which secrets there are."""
        number = self.unknown_secrets.get(self.take_over, 0)
        if number:
            yield from wrap(f"Of the first 1,000 mosaics, {number} have it.")
        else:
            others = ", ".join(
                f"{secret} ({format_count(number, 'mosaic')})"
                for secret, number in self.unknown_secrets.items()
            )
            yield from wrap(
                f"Other secrets than the stack's in the first 1,000 mosaics: {others or 'none'}."
            )
        if left := self.leftover_mosaics.get(self.take_over, 0):
            yield from wrap(format_leftover(left))


@dataclass(frozen=True)
class RefreshResult(CommandResult):
    """Progress of `pixelater backfill --refresh-metadata` through a bucket."""

    command: ClassVar[Literal["backfill"]] = "backfill"
    stack: StackName
    destination_bucket: DestinationBucket
    renewed: Annotated[bool, Doc("whether metadata were renewed; false with --plan")]
    looked_at: Annotated[int, Doc("number of objects that were checked")]
    in_clear: Annotated[
        int, Doc("number of mosaics whose metadata told key and ETag of their photo")
    ]
    left: Annotated[
        int,
        Doc("number of other such mosaics: of an earlier upload, or replaced at the same time"),
    ]
    last_key: Annotated[str, Doc("last key that was checked; the value for --start-after")]
    seconds: Annotated[float, Doc("duration, in seconds")]

    @property
    def exit_code(self) -> int:
        return CHANGES_PENDING if self.in_clear and not self.renewed else 0

    def render(self) -> Iterator[str]:
        checked = f"{format_count(self.looked_at, 'object')} in {self.destination_bucket}"
        if self.in_clear:
            done = "were renewed" if self.renewed else "would be renewed"
            number = format_count(self.in_clear, "mosaic")
            yield f"{checked}: metadata of {number} {done} ({self.seconds:.1f} s)"
        else:
            yield f"{checked}: no metadata to renew ({self.seconds:.1f} s)"
        if self.left:
            number = format_count(self.left, "mosaic")
            yield from wrap(
                f"Left: metadata of {number} of an earlier upload of the photo. Replace them: "
                "pixelater backfill"
            )


@dataclass(frozen=True)
class BatchJobResult(CommandResult):
    """The S3 Batch Operations job that was created, or with --plan would be."""

    command: ClassVar[Literal["backfill"]] = "backfill"
    stack: StackName
    job_id: Annotated[str | None, Doc("ID of the job; null with --plan")]
    request: Annotated[Document, Doc("parameters of `s3control:CreateJob`")]
    role: Annotated[Document, Doc("trust policy and permissions of the role that the job assumes")]

    @property
    def exit_code(self) -> int:
        return CHANGES_PENDING if self.job_id is None else 0

    def render(self) -> Iterator[str]:
        if self.job_id is not None:
            yield f"Created S3 Batch Operations job {self.job_id}."
            yield f"The job reports failures in {self.request['Report']['Bucket']}/backfill."
            return
        yield "Job:"
        yield from json.dumps(self.request, indent=2).splitlines()
        yield f"Trust policy and permissions of role {self.request['RoleArn']}:"
        yield from json.dumps(self.role, indent=2).splitlines()

    def render_quiet(self) -> Iterator[str]:
        return iter(()) if self.job_id is not None else self.render()
