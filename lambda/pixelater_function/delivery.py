"""Owns the protocol by which a photo's mosaics get to the destination: never lost, never stale.

Pure: the protocol yields batches of requests and is sent their replies; storage.py carries them
out on S3, and the tests on a model of it, in every order.

What S3 promises: each request takes effect at one moment, and reads see the latest state. What can
happen: events come twice, late and in any order; invocations run at once, stop between any two
requests, and leave requests under way that take effect after their sender is gone; an event may
be given up after its last try.

The protocol:

1. An event is only a reason to look. What is read is the photo as it is now, whatever version the
   event tells of; so the mosaics of a handling are all of one upload.
2. The first mosaic is put on condition that there is none (If-None-Match: *). That also claims the
   names: of two photos that share them (scan.psd and scan.png), one gets none of them.
3. If the first was new, so are the others, on the same condition. A mosaic that is there is looked
   at first: its metadata tell its upload. The same upload and the same bytes: nothing to do. Else
   the photo is checked again, after that look; it must still be the upload that was read. Only
   then the mosaic is replaced, on condition that it is still the one seen (If-Match: its ETag).
   A condition that fails means that somebody else was at work: look again.
4. At the end, the photo is checked once more. If it is another upload by now, all begins again.

Why nothing stale replaces anything newer: a put of upload v takes effect only if the mosaic is the
one that was seen before v was seen to be the current upload. A mosaic of a later upload can only
have been put after that, and is then another one: the condition fails. So the mosaics of one name
follow the order of the uploads, and from the end of any handling that began after an upload, its
mosaics are there and stay until the next upload, even if older handlings are never finished.
The sequencer of events is not needed for this; it is noted, to tell which event led to a mosaic.

What the condition cannot see: an ETag is made of the bytes, so a mosaic that was replaced and then
put again with the same bytes looks untouched, and so does a name that is free again. That takes
a photo that is put back to an earlier state, or deleted, while an invocation for the state between
is under way. Step 4 is for this: who put a stale mosaic finds so, or is stopped and tried again.
What remains: that invocation is stopped between its put and its check and none of its tries comes
through. Its event is then in the failure queue, and sending it again puts things right.

Deleting mosaics of a deleted photo (`mirror`) is the same in step 3, with a delete for the put.
Some servers other than AWS do not support a condition on deletes. There, mosaics and photo are
looked at again, and what is still there is deleted without a condition. That can delete mosaics of
an upload that came after the last look at the photo: step 4 finds that upload, and begins again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, islice
from typing import Any, Literal
from urllib.parse import quote

MAX_ROUNDS = 10
"""So often a handling begins or looks again before it leaves the photo to a later try."""

PHOTO_FIELD = "pixelater-photo"
ETAG_FIELD = "pixelater-etag"
VERSION_FIELD = "pixelater-version"
MODIFIED_FIELD = "pixelater-modified"
DIGEST_FIELD = "pixelater-sha256"
SEQUENCER_FIELD = "pixelater-sequencer"
"""Names of a mosaic's metadata: which photo, which upload of it, which bytes, which event."""

MAX_KEY_IN_METADATA = 800
"""Metadata are limited to 2 kB in all. Photos that share names of mosaics differ at the end."""


class PhotoGone(Exception):
    """The photo was deleted before its event was handled."""


class NameTaken(Exception):
    """The mosaics' names belong to another photo: scan.psd and scan.png both want scan.png."""


class Contended(Exception):
    """Photo or mosaics changed at every look; a later try will find them quiet."""


@dataclass(frozen=True)
class Version:
    """Tells uploads of one key apart; those without a version_id by their bytes and second."""

    etag: str
    version_id: str = ""
    modified: str = ""


@dataclass(frozen=True)
class SourceObject:
    """A photo as it was read."""

    version: Version
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class MosaicObject:
    """A mosaic as it is to be put: its key in the destination bucket and its bytes."""

    key: str
    data: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True)
class StoredMosaic:
    """A mosaic that is there."""

    etag: str
    metadata: dict[str, str]


@dataclass(frozen=True)
class ReadPhoto:
    """Reply: the Upload, or None if there is none."""


@dataclass(frozen=True)
class CheckPhoto:
    """Reply: the Version, or None if there is none."""


@dataclass(frozen=True)
class CheckMosaic:
    """Reply: what is Found, or None."""

    key: str


@dataclass(frozen=True)
class PutMosaic:
    """Put in place of the mosaic with the ETag `replaces`, or of none. Reply: whether it was."""

    output: MosaicObject
    metadata: dict[str, str]
    replaces: str | None = None


@dataclass(frozen=True)
class DeleteMosaic:
    """Delete the mosaic with this ETag, or with any (None).

    Reply: whether it was there; None if the server does not support a condition on deletes.
    """

    key: str
    etag: str | None


Request = ReadPhoto | CheckPhoto | CheckMosaic | PutMosaic | DeleteMosaic
Steps = Generator[Iterable[Request], Sequence[Any], Any]
"""Yields requests that may be carried out at once, and is sent their replies in that order. A tuple
is to be carried out by who asks, as there is nothing else to do meanwhile."""


@dataclass(frozen=True)
class DeliveryResult:
    """How a handling ended: the keys of the mosaics, and the upload they are of (None: removed)."""

    outcome: Literal["done", "unchanged", "removed"]
    keys: tuple[str, ...]
    upload: SourceObject | None = None


@dataclass(frozen=True)
class DeliveryJob:
    """A photo to deliver: its key, how its mosaics are made, and what they may be called.

    `list_names` gives every key that a mosaic of it can have, in whatever format. With `mirror`,
    mosaics of a deleted photo are deleted.
    """

    key: str
    make: Callable[[SourceObject], Iterator[MosaicObject]]
    list_names: Callable[[], Iterable[str]] = tuple
    mirror: bool = False
    sequencer: str = ""


def deliver(photo: DeliveryJob) -> Generator[Iterable[Request], Sequence[Any], DeliveryResult]:
    """Bring the destination to the photo's current state, by the protocol above.

    Raises PhotoGone, NameTaken, Contended, and whatever `make` and the requests raise.
    """
    for _ in range(MAX_ROUNDS):
        upload: SourceObject | None = (yield (ReadPhoto(),))[0]
        if upload is None and not photo.mirror:
            raise PhotoGone(f"{photo.key} was deleted before it was read")
        steps = _remove_mosaics(photo) if upload is None else _put_mosaics(photo, upload)
        delivered: DeliveryResult | None = yield from steps
        if delivered is None:
            continue
        version: Version | None = (yield (CheckPhoto(),))[0]
        deleted_since = version is None and not photo.mirror
        if deleted_since or version == (upload and upload.version):
            return delivered
    raise Contended(f"{photo.key} or its mosaics changed {MAX_ROUNDS} times while it was handled")


def _put_mosaics(photo: DeliveryJob, upload: SourceObject) -> Steps:
    """Put all mosaics of an upload; None if it is no longer the current one."""
    outputs = photo.make(upload)
    first = next(outputs)
    made, ahead = [first], list[MosaicObject]()

    def put_first() -> Iterator[Request]:
        yield PutMosaic(first, _describe(photo, upload, first))
        ahead.extend(islice(outputs, 1))  # The second is made while the first is on its way.

    def put_new() -> Iterator[Request]:
        for output in chain(ahead, outputs):  # So is each next one here.
            made.append(output)
            yield PutMosaic(output, _describe(photo, upload, output))

    (is_first,) = yield put_first()
    if is_first:
        placed = yield put_new()
        left = [output for output, done in zip(made[1:], placed, strict=True) if not done]
    else:
        made += chain(ahead, outputs)
        left = list(made)
    changed = is_first
    for _ in range(MAX_ROUNDS):
        if not left:
            outcome: Literal["done", "unchanged"] = "done" if changed else "unchanged"
            return DeliveryResult(outcome, tuple(output.key for output in made), upload)
        found: Sequence[StoredMosaic | None] = yield [CheckMosaic(output.key) for output in left]
        _refuse_taken(photo, found)
        stale = [
            PutMosaic(output, _describe(photo, upload, output), there.etag if there else None)
            for output, there in zip(left, found, strict=True)
            if there is None or not _is_same(there.metadata, _describe(photo, upload, output))
        ]
        left = []
        if stale:
            (version,) = yield (CheckPhoto(),)  # After the look at the mosaics, not before it.
            if version != upload.version:
                return None
            placed = yield stale
            left = [put.output for put, done in zip(stale, placed, strict=True) if not done]
            changed = True
    return None


def _remove_mosaics(photo: DeliveryJob, conditional: bool = True) -> Steps:
    """Delete all mosaics of a deleted photo; None if it is there again."""
    keys = list(photo.list_names())
    found: Sequence[StoredMosaic | None] = yield [CheckMosaic(key) for key in keys]
    ours = [
        DeleteMosaic(key, there.etag if conditional else None)
        for key, there in zip(keys, found, strict=True)
        if there and there.metadata.get(PHOTO_FIELD) == _name(photo)
    ]
    if not ours:
        return DeliveryResult("unchanged", ())
    (version,) = yield (CheckPhoto(),)
    if version is not None:
        return None
    deleted: Sequence[bool | None] = yield ours
    if None in deleted:
        return (yield from _remove_mosaics(photo, conditional=False))
    return DeliveryResult("removed", tuple(one.key for one in ours)) if all(deleted) else None


def _describe(photo: DeliveryJob, upload: SourceObject, output: MosaicObject) -> dict[str, str]:
    """Give a mosaic's metadata. The values are ASCII, as S3 wants them, and never empty."""
    version = upload.version
    everything = {
        PHOTO_FIELD: _name(photo),
        ETAG_FIELD: version.etag.strip('"'),
        VERSION_FIELD: version.version_id,
        MODIFIED_FIELD: version.modified,
        DIGEST_FIELD: sha256(output.data).hexdigest(),
        SEQUENCER_FIELD: photo.sequencer,
    }
    return {name: value for name, value in everything.items() if value}


def _is_same(found: dict[str, str], wanted: dict[str, str]) -> bool:
    """Tell whether a mosaic is of the same upload and bytes; another event may have led to it."""
    names = (PHOTO_FIELD, ETAG_FIELD, VERSION_FIELD, MODIFIED_FIELD, DIGEST_FIELD)
    return all(found.get(name) == wanted.get(name) for name in names)


def _refuse_taken(photo: DeliveryJob, found: Iterable[StoredMosaic | None]) -> None:
    for there in found:
        # Mosaics without metadata are from before there were any: they are ours to replace.
        owner = there.metadata.get(PHOTO_FIELD) if there else None
        if owner not in (None, _name(photo)):
            raise NameTaken(f"the names of its mosaics are those of {owner}; rename one of the two")


def _name(photo: DeliveryJob) -> str:
    return quote(photo.key)[-MAX_KEY_IN_METADATA:]
