"""Previews of a stack: its preview documents, merged into one result."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from pixelater_cli import progress
from pixelater_cli.cli.options import check_key_part
from pixelater_cli.errors import AwsError, on_interrupt

if TYPE_CHECKING:
    from pixelater_cli.aws.operations.preview_documents import FoundDocument
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack
    from pixelater_cli.results.preview import PreviewedPhoto, PreviewResult


def merge_documents(account: Account, stack: Stack, prefix: str) -> PreviewResult:
    """Read the documents of photos whose keys begin with `prefix`. Raises AwsError for none."""
    from pixelater.placeholder.preview import DEFAULT_BUDGET
    from pixelater_cli.aws.operations.backfill import join_prefixes
    from pixelater_cli.aws.operations.preview_documents import list_previews, read_previews
    from pixelater_cli.results.preview import PreviewResult

    check_key_part("prefix", prefix)
    within = join_prefixes(stack, prefix)
    with on_interrupt("nothing was written; run it again"):
        listed = [] if within is None else list_previews(account, stack, within)
        read = progress.track(read_previews(account, stack, listed), len(listed))
        photos = tuple(_describe(each) for each in read if each)
    bucket = stack.destination_bucket
    if not photos:
        below = f" with keys that begin with {prefix}" if prefix else ""
        raise AwsError(
            f"no preview documents in s3://{bucket}{below}",
            "Deploy with --placeholders, then upload photos, or run: pixelater backfill",
        )
    return PreviewResult(DEFAULT_BUDGET, photos, 0, 0.0, bucket=bucket)


def _describe(found: FoundDocument) -> PreviewedPhoto:
    from pixelater_cli.results.preview import PreviewedMosaic, PreviewedPhoto

    document = found.document
    if document is None:
        return PreviewedPhoto(found.key, error=found.error, hint=found.hint)
    mosaics = tuple(PreviewedMosaic(**asdict(each)) for each in document.mosaics)
    return PreviewedPhoto(document.photo, **asdict(document.preview), mosaics=mosaics)
