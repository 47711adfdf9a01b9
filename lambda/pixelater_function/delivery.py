"""Protocol that delivers a photo's mosaics to the destination: never lost, never stale.

Documents, such as that of a preview, are made after the mosaics and delivered in the same way:
"mosaics" below are both.

No I/O: the protocol yields batches of requests and receives their replies. s3.py sends the requests
to S3; the tests send them to a model of S3, in every order.

S3 guarantees that each request takes effect at one moment, and that reads see the latest state.
Events come twice, late and in any order. Invocations run concurrently, and stop between any two
requests; requests that they have sent can take effect afterwards. An event can be dropped after its
last retry.

The protocol:

0. If the metadata of all mosaics name the current upload, and the recipe that this invocation would
   make them with, and their Cache-Control header is the wanted one, there is nothing to do, and the
   photo is not read. They are checked under the names that they probably have, the first before the
   others: that costs one check of a new photo, and two of a replaced one.
1. The current photo is read, whatever version the event names. So all mosaics of a delivery are of
   one upload.
2. The first mosaic is put on condition that there is none (If-None-Match: *). That also claims the
   names: of two photos that share them (scan.psd and scan.png), one gets none of them.
3. If the first was new, the other mosaics are put on the same condition. A mosaic that exists is
   read first: its metadata name its upload. If upload, bytes and the Cache-Control header are the
   same, there is nothing to do. Otherwise, the photo is checked again after that; it must still be
   the upload that was read. Only then is the mosaic replaced, on condition that it is unchanged
   (If-Match: its ETag). If a condition fails, another invocation has changed the mosaic: step 3 is
   repeated.
   Mosaics that only earlier settings made are handled in the same way if they exist.
4. At the end, the photo is checked once more. If it is another upload, the delivery starts again.

Nothing stale replaces anything newer, because a put of upload v takes effect only if the mosaic is
the one that was seen before v was seen to be the current upload. A mosaic of a later upload can
only have been put after that, and has another ETag: the condition fails. So the mosaics of one name
follow the order of the uploads, and after any delivery that started after an upload, its mosaics
exist until the next upload, even if older deliveries never finish. The sequencer of events is not
needed for this; it is recorded to identify the event that led to a mosaic.

The condition does not detect a mosaic that was replaced and then put again with the same bytes,
because an ETag is computed from the bytes; nor a name that became free again. For that, a photo
must be restored to an earlier state, or deleted, during the invocation for the state in between.
Then step 4 of that invocation finds that its mosaic is stale, or the invocation is stopped and
retried. If it is stopped between its put and its check, and no retry succeeds, its event is in the
failure queue, and sending it again corrects the mosaics.

Metadata are compared with those that the upload would have, in clear or keyed, as they were found
(mosaic_metadata.py). Those in clear of the current upload are a proof, too: nothing is put again
for the sake of metadata alone. Mosaics with an unknown secret count as those of another photo,
unless the event takes them over. Versions before secrets do not know keyed metadata, and replace
such mosaics. Metadata can also change without the bytes, by a copy in place (metadata_renewal.py of
the command line): its condition is the ETag, so it puts back what it has read, or nothing. The
conditions of a delivery are about bytes, and hold after it as before.

In step 0, the order of the checks does not matter: nothing stale replaces a mosaic of the current
upload, as above, so those that were found stay until the next upload.

If S3 does not find the photo of a young upload, the photo may not be deleted, but the versioning of
its bucket new: a retry decides. Mosaics of a deleted photo (`mirror`) are deleted as in step 3,
with a delete instead of the put. Some servers other than AWS do not support a condition on deletes.
There, mosaics and photo are checked again, and mosaics that still exist are deleted without a
condition. That can delete mosaics of an upload after the last check of the photo: step 4 finds that
upload, and starts again.

Photos with hidden regions (hidden_pictures.py) exist only if something was found. So names become
free without a deleted photo, and the exception above applies to them, too: an earlier upload's
picture can be put again, until step 4 of that invocation, or its retry, deletes it. The document
that lists the regions is never one of an earlier upload.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Literal

from pixelater_function import mosaic_metadata
from pixelater_function.former_mosaics import find_former, remake_former
from pixelater_function.hidden_pictures import delete_own, is_settled
from pixelater_function.mosaic_metadata import RECIPE_FIELD
from pixelater_function.name_owners import refuse_taken
from pixelater_function.protocol import (
    CheckMosaic,
    CheckPhoto,
    DeliveryJob,
    DeliveryResult,
    MosaicObject,
    PutMosaic,
    ReadPhoto,
    Request,
    SourceObject,
    Steps,
    StoredMosaic,
    Version,
)

MAX_ROUNDS = 10
"""Rounds of a delivery, and checks in one, before the photo is left to a retry."""


class PhotoGone(Exception):
    """The photo was deleted before it was read."""


class Contended(Exception):
    """Photo or mosaics changed at every check; a retry can succeed."""


def deliver(photo: DeliveryJob) -> Generator[Iterable[Request], Sequence[Any], DeliveryResult]:
    """Update the destination to the photo's current state, by the protocol above.

    Raises PhotoGone, NameTaken, Contended, and what `make` and the requests raise.
    """
    if photo.recipe and photo.expected and (yield from _check_unchanged(photo)):
        return DeliveryResult("unchanged", photo.expected)
    for _ in range(MAX_ROUNDS):
        upload: SourceObject | None = (yield (ReadPhoto(),))[0]
        if upload is None and (photo.young or not photo.mirror):
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


def _check_unchanged(photo: DeliveryJob) -> Steps:
    """Return whether all mosaics are of the current upload and made with this recipe."""
    first, *others = photo.expected
    mosaic: StoredMosaic | None = (yield (CheckMosaic(first),))[0]
    if not (mosaic and mosaic.metadata.get(RECIPE_FIELD) == photo.find_recipe(first)):
        return False
    version: Version | None = (yield (CheckPhoto(),))[0]
    if version is None:
        return False
    upload = _describe_upload(photo, version)
    if not _is_current(photo, first, mosaic, upload):
        return False
    found: Sequence[StoredMosaic | None] = yield [CheckMosaic(key) for key in others]
    former = yield from find_former(photo)
    if not (yield from is_settled(photo, mosaic, upload)):
        return False
    return all(
        other and _is_current(photo, key, other, upload)
        for key, other in (*zip(others, found, strict=True), *former.items())
    )


def _put_mosaics(photo: DeliveryJob, upload: SourceObject) -> Steps:
    """Put all mosaics of an upload; None if it is not the current one anymore."""
    prepared = yield from _prepare(photo, upload)
    if prepared is None:
        return None
    outputs, removed = prepared
    first = next(outputs)
    made, ahead = [first], list[MosaicObject]()

    def put_first() -> Iterator[Request]:
        yield _put(photo, upload, first)
        ahead.extend(islice(outputs, 1))  # The second is made while the first is being put.

    def put_new() -> Iterator[Request]:
        for output in chain(ahead, outputs):  # Each is made while others are being put.
            made.append(output)
            yield _put(photo, upload, output)

    (is_first,) = yield put_first()
    if is_first:
        placed = yield put_new()
        left = [output for output, done in zip(made[1:], placed, strict=True) if not done]
    else:
        made += chain(ahead, outputs)
        left = list(made)
    left += yield from remake_former(photo, upload, {output.key for output in made})
    changed = is_first or removed
    for _ in range(MAX_ROUNDS):
        if not left:
            outcome: Literal["done", "unchanged"] = "done" if changed else "unchanged"
            return DeliveryResult(outcome, tuple(output.key for output in made), upload)
        found: Sequence[StoredMosaic | None] = yield [CheckMosaic(output.key) for output in left]
        refuse_taken(photo, found)
        stale = [
            _put(photo, upload, output, mosaic)
            for output, mosaic in zip(left, found, strict=True)
            if mosaic is None or not _has_same_bytes(photo, upload, output, mosaic)
        ]
        left = []
        if stale:
            (version,) = yield (CheckPhoto(),)  # After the check of the mosaics, not before it.
            if version != upload.version:
                return None
            ready = [put for put in stale if put.output.key != photo.marker] or stale
            placed = yield ready
            ended = {put.output.key for put, done in zip(ready, placed, strict=True) if done}
            left = [put.output for put in stale if put.output.key not in ended]
            changed = True
    return None


def _prepare(photo: DeliveryJob, upload: SourceObject) -> Steps:
    """Return the mosaics, and whether exclusive ones that are not among them were deleted.

    None if the photo has changed meanwhile.
    """
    if not photo.exclusive:
        return photo.make(upload), False
    made = tuple(photo.make(upload))
    others = set(photo.exclusive).difference(output.key for output in made)
    removed = yield from delete_own(photo, sorted(others), upload.version)
    if removed is None or (yield (CheckPhoto(),))[0] != upload.version:
        return None
    return iter(made), bool(removed)


def _remove_mosaics(photo: DeliveryJob) -> Steps:
    """Delete all mosaics of a deleted photo; None if it exists again."""
    deleted: tuple[str, ...] | None = yield from delete_own(photo, list(photo.list_names()), None)
    if deleted is None:
        return None
    return DeliveryResult("removed" if deleted else "unchanged", deleted)


def _put(
    photo: DeliveryJob,
    upload: SourceObject,
    output: MosaicObject,
    replaced: StoredMosaic | None = None,
) -> PutMosaic:
    """Return the request that puts a mosaic of an upload."""
    metadata = photo.metadata_key.lock(_describe(photo, upload, output))
    return PutMosaic(output, metadata, replaced.etag if replaced else None, photo.cache_control)


def _describe(photo: DeliveryJob, upload: SourceObject, output: MosaicObject) -> dict[str, str]:
    described = _describe_upload(photo, upload.version)
    recipe = photo.find_recipe(output.key)
    values = mosaic_metadata.describe_mosaic(described, output.data, recipe, photo.sequencer)
    return {**values, **output.metadata}


def _has_same_bytes(
    photo: DeliveryJob, upload: SourceObject, output: MosaicObject, mosaic: StoredMosaic
) -> bool:
    wanted = _describe(photo, upload, output)
    same = photo.metadata_key.has_same_bytes(mosaic.metadata, wanted)
    return same and _has_header(photo, mosaic)


def _is_current(
    photo: DeliveryJob, key: str, mosaic: StoredMosaic, upload: Mapping[str, str]
) -> bool:
    recipe = photo.find_recipe(key)
    same = photo.metadata_key.has_same_recipe(mosaic.metadata, upload, recipe)
    return same and _has_header(photo, mosaic)


def _has_header(photo: DeliveryJob, mosaic: StoredMosaic) -> bool:
    return photo.cache_control in ("", mosaic.cache_control)


def _describe_upload(photo: DeliveryJob, version: Version) -> dict[str, str]:
    return mosaic_metadata.describe_upload(
        photo.key, version.etag, version.version_id, version.modified
    )
