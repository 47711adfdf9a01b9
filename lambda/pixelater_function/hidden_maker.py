"""Photo with hidden regions, and its document, as a look wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pixelater import naming
from pixelater.decode.messages import catch_messages
from pixelater.look import Look
from pixelater.outputs import REGIONS, DocumentOutput
from pixelater.redaction import Redaction
from pixelater_function.found_regions import Detector, HiddenPhoto, Search, hide_regions
from pixelater_function.hidden_pictures import NO_PICTURE, PICTURE, PICTURE_FIELD
from pixelater_function.log import Stopwatch
from pixelater_function.protocol import MosaicObject, SourceObject
from pixelater_function.regions_document import format_document

FindDetector = Callable[[str], Detector]
"""Returns a detector by its name."""


def make_hidden(
    key: str,
    upload: SourceObject,
    look: Look,
    redaction: Redaction,
    limits: dict[str, int | None],
    find_detector: FindDetector,
    watch: Stopwatch,
) -> Iterator[MosaicObject]:
    """Make the picture, if anything is found, and the document. Raises PictureError.

    Nothing is yielded before all is made.
    """
    with watch.measure("hide"), catch_messages() as watch.notes:
        hidden = hide(upload.data, look, redaction, limits, find_detector(redaction.detector))
    picture = naming.name_planned(key, 0, 0, hidden.photo.format) if hidden.regions else ""
    if picture:
        yield MosaicObject(picture, hidden.photo.data, hidden.photo.media_type)
    else:
        watch.notes.append(f"no {redaction.sought} found")
    document = DocumentOutput(REGIONS)
    yield MosaicObject(
        document.name(key),
        format_document(key, upload.version, redaction, hidden, picture),
        document.media_type,
        {PICTURE_FIELD: PICTURE if picture else NO_PICTURE},
    )


def hide(
    data: bytes,
    look: Look,
    redaction: Redaction,
    limits: dict[str, int | None],
    detector: Detector,
) -> HiddenPhoto:
    """Hide in a photo what its look says."""
    search = Search(redaction.kinds, redaction.threshold, redaction.thorough)
    return hide_regions(
        data, (), search, detector, redaction.how, look.file_style, limits, writes_unchanged=False
    )
