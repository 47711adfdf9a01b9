"""Which objects are the mosaics of a photo, and whether they are up to date.

No I/O. The names are the library's: a mosaic keeps its photo's suffix, or takes that of its format
where they differ, so it has one of a few keys.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from pixelater.outputs import LOSSLESS, AnyOutput, Output, list_outputs
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import choose_look
from pixelater_function.mosaic_metadata import (
    ETAG_FIELD,
    FINGERPRINT_FIELD,
    IN_CLEAR,
    KEYED_FIELDS,
    VERSION_FIELD,
    MetadataKey,
    describe_upload,
)


@dataclass(frozen=True, slots=True)
class S3Object:
    """An object as S3 has it; `etag` without its quotation marks.

    A listing has no `version_id` and no `metadata`.
    """

    key: str
    modified: datetime
    etag: str = ""
    bytes: int = 0
    version_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def in_parts(self) -> bool:
        """Whether it was uploaded in parts: `modified` is then when the upload began."""
        return "-" in self.etag


Find = Callable[[str], S3Object | None]
"""Finds an object by its key."""

ReadMetadata = Callable[[str], Mapping[str, str]]
"""Reads the metadata of an object."""


def is_source_key(stack: Stack, key: str) -> bool:
    """Return whether an upload of this key becomes mosaics: the notification's filters match."""
    return key.startswith(stack.prefix) and key.endswith(stack.suffix) and not key.endswith("/")


def choose_outputs(stack: Stack, key: str) -> tuple[AnyOutput, ...]:
    """List the outputs of the photo with this key."""
    return list_outputs(choose_look(stack, key))


def is_optional(output: AnyOutput) -> bool:
    """Return whether an output does not exist for all photos: that with hidden regions.

    Its document exists in any case, and is put after the picture.
    """
    return isinstance(output, Output) and output.hides_regions


def find_mosaic(
    photo: S3Object,
    output: AnyOutput,
    mosaics: Find,
    photos: Find,
    foreign: Collection[str] = (),
) -> S3Object | None:
    """Find a photo's mosaic of an output, under one of its names.

    Names that are `foreign` to it, of other outputs, only count if they are the most likely one.

    A mosaic with another suffix than its photo's belongs to the photo of that name, if there is
    one.
    """
    likely, *others = output.list_names(photo.key)
    for name in (likely, *(other for other in others if other not in foreign)):
        found = mosaics(name)
        if found is None:
            continue
        owner = output.find_owner(name)
        if owner == photo.key or photos(owner) is None:
            return found
    return None


def find_missing(
    photo: S3Object,
    outputs: tuple[AnyOutput, ...],
    mosaics: Find,
    photos: Find,
    read_metadata: ReadMetadata,
    former: tuple[AnyOutput, ...] = (),
    metadata_key: MetadataKey = IN_CLEAR,
) -> str:
    """Return which mosaics are missing or older than the photo; "" if none.

    Mosaics of `former` outputs need not exist.

    A mosaic that is younger than its photo is up to date. Otherwise its metadata decides, which
    names the photo's ETag: S3 lists times in whole seconds, for an upload in parts the time at
    which it began, and the same photo uploaded again needs no new mosaics.
    """
    lacking: dict[str, dict[str, None]] = {"missing": {}, "older": {}}
    foreign = {name for each in former for name in _list_likely(each, photo.key)}
    for output in (*outputs, *former):
        found = find_mosaic(photo, output, mosaics, photos, foreign)
        if found is None:
            if output in outputs and not is_optional(output):
                lacking["missing"][output.label] = None
        elif not _is_current(photo, found, read_metadata, metadata_key):
            lacking["older"][output.label] = None
    return "; ".join(
        f"{reason}: {', '.join(labels)}" for reason, labels in lacking.items() if labels
    )


def find_taken(
    photo: S3Object,
    outputs: tuple[AnyOutput, ...],
    mosaics: Find,
    photos: Find,
    read_metadata: ReadMetadata,
    fingerprint: str,
) -> str:
    """Return which mosaics of a photo have metadata of a secret; "" if none."""
    labels = [
        output.label
        for output in outputs
        for found in (find_mosaic(photo, output, mosaics, photos),)
        if found and read_metadata(found.key).get(FINGERPRINT_FIELD) == fingerprint
    ]
    return f"secret {fingerprint}: {', '.join(labels)}" if labels else ""


def find_refusal(
    photo: S3Object,
    outputs: tuple[AnyOutput, ...],
    mosaics: Find,
    photos: Find,
    read_metadata: ReadMetadata,
    metadata_key: MetadataKey,
) -> str:
    """Return whose mosaics have a photo's names, which the function does not replace; "" if none.

    The names are the likely ones: the function knows them once it has decoded the photo.
    """
    for output in outputs:
        found = find_mosaic(photo, output, mosaics, photos)
        names = [*_list_likely(output, photo.key), *([found.key] if found else [])]
        for name in dict.fromkeys(names):
            if mosaics(name) is None:
                continue
            metadata = read_metadata(name)
            owner = metadata_key.find_owner(metadata, photo.key)
            if owner == "unknown":
                return f"secret {metadata[FINGERPRINT_FIELD]}"
            if owner == "another":
                return "another photo"
    return ""


def _list_likely(output: AnyOutput, key: str) -> list[str]:
    """List the names that the output has, as far as the photo's name tells."""
    names = output.list_names(key)
    if output.format == "auto":
        return list(names)
    first, suffix = next(iter(names)), PurePosixPath(key).suffix
    if output.format in ("same", LOSSLESS) and not first.endswith(suffix):
        return [name for name, written in names.items() if written == "PNG"]
    return [first]


def names_source(
    metadata: Mapping[str, str],
    etag: str,
    version_id: str = "",
    *,
    key: str = "",
    metadata_key: MetadataKey = IN_CLEAR,
) -> bool | None:
    """Return whether a mosaic's metadata names this upload of its photo; None if it names none.

    Versions decide where both are known, else ETags. Keyed metadata name the photo's `key`, too;
    those of another secret name another upload, as far as can be told.
    """
    names = KEYED_FIELDS if metadata.get(FINGERPRINT_FIELD) else {}
    if names.get(ETAG_FIELD, ETAG_FIELD) not in metadata:
        return None
    has_version = version_id and names.get(VERSION_FIELD, VERSION_FIELD) in metadata
    upload = describe_upload(key, etag, version_id, "")
    return metadata_key.agree(metadata, upload, [VERSION_FIELD if has_version else ETAG_FIELD])


def _is_current(
    photo: S3Object, found: S3Object, read_metadata: ReadMetadata, metadata_key: MetadataKey
) -> bool:
    if found.modified > photo.modified and not photo.in_parts:
        return True
    metadata = read_metadata(found.key)
    named = names_source(metadata, photo.etag, key=photo.key, metadata_key=metadata_key)
    return found.modified >= photo.modified if named is None else named
