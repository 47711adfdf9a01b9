"""What the settings of a stack cost and do that its resources do not show. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pixelater.outputs import concerns_regions, parse_outputs
from pixelater.redaction import REKOGNITION
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import list_redactions

REKOGNITION_PRICE = 0.001
"""Dollars for each request of DetectFaces and DetectText, up to a million in a month
(https://aws.amazon.com/rekognition/pricing/, us-east-1, read in October 2026)."""


def note_rekognition(stack: Stack) -> Iterator[str]:
    """Say what leaves the function, and what it costs."""
    found = [each for each in list_redactions(stack) if each.detector == REKOGNITION]
    if not found:
        return
    most = max(len(each.kinds) for each in found)
    requests = "a request" if most == 1 else f"{most} requests"
    others = "turned faces and crowds" if any(each.thorough for each in found) else "crowds"
    yield (
        "photos whose regions are hidden are sent to Amazon Rekognition, as JPEG without metadata: "
        f"{requests} for each photo, and more for {others}. 1,000 requests cost about "
        f"${1000 * REKOGNITION_PRICE:.2f} (October 2026, see "
        "https://aws.amazon.com/rekognition/pricing/), which the estimate of `pixelater status` "
        "does not include."
    )


def note_former(stack: Stack) -> Iterator[str]:
    """Say what is deleted: mosaics of the whole photo, where regions are hidden now."""
    former = [each for each in parse_outputs(stack.former_grids) if not concerns_regions(each)]
    if former and list_redactions(stack):
        labels = ", ".join(dict.fromkeys(each.label for each in former))
        yield (
            f"former mosaics of whole photos ({labels}) are deleted where regions are hidden, once "
            "their photo is uploaded again. To delete them now: pixelater backfill"
        )
