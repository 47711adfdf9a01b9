"""A model of S3 and of Lambda's ways with events, on which deliveries are run in any order.

Every request takes effect at one moment. Handlings are coroutines, so whoever runs them chooses
which request of which handling is next, which handling is stopped, and which requests of a stopped
one, or second copies of any, take effect later still.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from typing import Any, Literal

from pixelater_function.delivery import PhotoGone, deliver
from pixelater_function.hidden_pictures import NO_PICTURE, PICTURE, PICTURE_FIELD
from pixelater_function.mosaic_metadata import DIGEST_FIELD, IN_CLEAR, MetadataKey, describe_upload
from pixelater_function.protocol import (
    CheckMosaic,
    CheckPhoto,
    DeleteMosaic,
    DeliveryJob,
    DeliveryResult,
    MosaicObject,
    PutMosaic,
    ReadPhoto,
    Request,
    SourceObject,
    StoredMosaic,
    Version,
)

KEY = "photo"
NAMES = ("8", "16", "32")
"""Three mosaics show all that five can: the first, and two that race with each other."""


DOCUMENT = "photo.json"

Documents = Literal["none", "unequal", "equal"]
"""Whether there is a document, and whether those of different uploads have different bytes."""

PICTURES = ("regions.jpg", "regions.png")
MARKER = "regions.json"
"""What a photo with hidden regions has: one picture, of one name or the other, or none."""


def make(upload: SourceObject, documents: Documents = "none") -> Iterator[MosaicObject]:
    for name in NAMES:
        yield MosaicObject(name, name.encode() + b"x" + upload.data, "image/png")
    if documents != "none":
        data = b"document" + (upload.data if documents == "unequal" else b"")
        yield MosaicObject(DOCUMENT, data, "application/json")


def make_hidden(upload: SourceObject) -> Iterator[MosaicObject]:
    """Make what is made of a photo whose last digit says whether anything is found, and which name.

    The picture of an upload has the same bytes as that of another upload of the same content.
    """
    digit = upload.data[-1] % 3
    if digit:
        yield MosaicObject(PICTURES[digit - 1], b"picture " + upload.data, "image/png")
    found = {PICTURE_FIELD: PICTURE if digit else NO_PICTURE}
    yield MosaicObject(MARKER, b"list " + upload.data, "application/json", found)


@dataclass
class ModelS3:
    """Source and destination. With `conditions` off, puts and deletes always succeed.

    Without `conditional_deletes`, a delete with a condition is answered as unsupported. `documents`
    is what mosaics of the photo should have next to them; `make_all` makes other objects instead.
    Objects in `optional` need not exist, but must be of the photo if they do.
    """

    versioned: bool = True
    conditions: bool = True
    conditional_deletes: bool = True
    documents: Documents = "none"
    upload: SourceObject | None = None
    mosaics: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    caching: dict[str, str] = field(default_factory=dict)
    writes: int = 0
    make_all: Callable[[SourceObject], Iterator[MosaicObject]] | None = None
    optional: tuple[str, ...] = ()
    _uploads: int = 0

    def put_photo(self, data: bytes) -> None:
        """Without versions, uploads of equal bytes within one second cannot be told apart."""
        self._uploads += 1
        version = Version(data.decode(), str(self._uploads) if self.versioned else "")
        self.upload = SourceObject(version, data)

    def delete_photo(self) -> None:
        self.upload = None

    def answer(self, request: Request) -> Any:
        match request:
            case ReadPhoto():
                return self.upload
            case CheckPhoto():
                return self.upload and self.upload.version
            case CheckMosaic(key):
                there = self.mosaics.get(key)
                caching = self.caching.get(key, "")
                return there and StoredMosaic(there[0].decode(), there[1], caching)
            case PutMosaic(output, metadata, replaces, caching):
                if self._refuses(output.key, replaces):
                    return False
                self.mosaics[output.key] = output.data, metadata
                self.caching[output.key] = caching
            case DeleteMosaic(key, etag):
                return self._delete(key, etag)
        self.writes += 1
        return True

    def _make(self) -> Iterator[MosaicObject]:
        assert self.upload
        make_all = self.make_all or partial(make, documents=self.documents)
        return make_all(self.upload)

    def holds_mosaics_of_the_photo(self) -> bool:
        outputs = self._make() if self.upload else ()
        wanted = {
            one.key: one.data
            for one in outputs
            if one.key in self.mosaics or one.key not in self.optional
        }
        return {key: data for key, (data, _) in self.mosaics.items()} == wanted

    def holds_proofs(self, *keys: MetadataKey) -> bool:
        """Return whether no mosaic's metadata claim other bytes, or an upload that it is not of."""
        outputs = self._make() if self.upload else ()
        wanted = {one.key: one.data for one in outputs}
        version = self.upload.version if self.upload else Version("")
        upload = describe_upload(KEY, version.etag, version.version_id, version.modified)
        return all(
            metadata.get(DIGEST_FIELD) == sha256(data).hexdigest()
            and (
                data == wanted.get(name)
                or not any(key.agree(metadata, upload, upload) for key in keys)
            )
            for name, (data, metadata) in self.mosaics.items()
        )

    def _delete(self, key: str, etag: str | None) -> bool | None:
        if etag is None:
            self.mosaics.pop(key, None)  # S3 does not say whether there was one.
        elif not self.conditional_deletes:
            return None
        elif key not in self.mosaics or self._refuses(key, etag):
            return False
        else:
            del self.mosaics[key]
        self.writes += 1
        return True

    def _refuses(self, key: str, etag: str | None) -> bool:
        there = self.mosaics.get(key)
        return self.conditions and (there[0].decode() if there else None) != etag


class Handling:
    """One invocation for one event: `open` holds the requests that may be carried out next."""

    def __init__(self, s3: ModelS3, photo: DeliveryJob) -> None:
        self.s3 = s3
        self.open: dict[int, Request] = {}
        self.result: DeliveryResult | None = None
        self.gone: PhotoGone | None = None
        self.over = False
        self._steps = deliver(photo)
        self._replies: dict[int, Any] = {}
        self._advance(lambda: next(self._steps))

    def carry_out(self, number: int, twice: bool = False) -> None:
        """Carry out one open request; `twice`: S3 did, but its first reply was lost."""
        request = self.open.pop(number)
        if twice:
            self.s3.answer(request)
        self._replies[number] = self.s3.answer(request)
        if not self.open:
            replies = [self._replies[one] for one in sorted(self._replies)]
            self._advance(lambda: self._steps.send(replies))

    def finish(self) -> None:
        while not self.over:
            self.carry_out(min(self.open))

    def _advance(self, step: Callable[[], Any]) -> None:
        self._replies = {}
        try:
            self.open = dict(enumerate(step()))
            while not self.open:  # A batch may be empty.
                self.open = dict(enumerate(self._steps.send([])))
        except StopIteration as end:
            self.result, self.over = end.value, True
        except PhotoGone as error:
            self.gone, self.over = error, True


def make_photo(
    mirror: bool = False,
    key: str = KEY,
    recipe: str = "",
    documents: Documents = "none",
    metadata_key: MetadataKey = IN_CLEAR,
) -> DeliveryJob:
    names = NAMES if documents == "none" else (*NAMES, DOCUMENT)
    return DeliveryJob(
        key,
        partial(make, documents=documents),
        lambda: names,
        mirror,
        recipe=recipe,
        expected=names if recipe else (),
        recipes={DOCUMENT: f"{recipe}, document"},
        metadata_key=metadata_key,
    )


def forget(photo: DeliveryJob, former: Collection[str]) -> DeliveryJob:
    """Return the delivery after a deploy whose settings do not make some of the objects anymore."""
    return replace(
        photo,
        make=lambda upload: (each for each in photo.make(upload) if each.key not in former),
        expected=tuple(key for key in photo.expected if key not in former),
        list_former=lambda: tuple(former),
        remake=lambda upload, keys: (each for each in photo.make(upload) if each.key in keys),
    )


def make_hidden_photo(mirror: bool = False, key: str = KEY, recipe: str = "") -> DeliveryJob:
    """Return the delivery of a photo of which regions are hidden."""
    return DeliveryJob(
        key,
        make_hidden,
        lambda: (*PICTURES, MARKER),
        mirror,
        recipe=recipe,
        expected=(MARKER,) if recipe else (),
        exclusive=PICTURES,
        marker=MARKER,
    )
