"""What of detectors goes into a stack's zip, with the models of the user's cache."""

from __future__ import annotations

from collections.abc import Iterable

from pixelater_cli.aws.package.detector_files import DetectorFiles
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import list_local_kinds, list_redactions
from pixelater_cli.local.detector_check import require_models
from pixelater_cli.local.model_store import find_folder


def read_detectors(stack: Stack) -> DetectorFiles | None:
    """Read what the zip of a stack needs to hide regions; None if it hides none.

    Raises DetectorError for a model that is not installed.
    """
    if not list_redactions(stack):
        return None
    return read_models(list_local_kinds(stack))


def read_models(kinds: Iterable[str]) -> DetectorFiles:
    """Read the models that find some kinds. Raises DetectorError."""
    from pixelater_detectors.models import read_model

    kinds = tuple(kinds)
    require_models(kinds)
    return DetectorFiles({kind: read_model(kind, [find_folder()]) for kind in kinds})
