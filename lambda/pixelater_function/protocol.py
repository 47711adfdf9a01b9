"""What a delivery is asked for, its requests to S3 and their replies. No I/O.

Mosaics are also the documents that are delivered with them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pixelater_function.mosaic_metadata import IN_CLEAR, MetadataKey


@dataclass(frozen=True)
class Version:
    """Identity of an upload; without a version_id, by bytes and second."""

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
    """A mosaic to put: its key in the destination bucket, its bytes, and more metadata."""

    key: str
    data: bytes = field(repr=False)
    media_type: str
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class StoredMosaic:
    """A mosaic that exists. `cache_control` is the value of its Cache-Control header, or ""."""

    etag: str
    metadata: dict[str, str]
    cache_control: str = ""


@dataclass(frozen=True)
class ReadPhoto:
    """Reply: the SourceObject, or None if the photo does not exist."""


@dataclass(frozen=True)
class CheckPhoto:
    """Reply: the Version, or None if the photo does not exist."""


@dataclass(frozen=True)
class CheckMosaic:
    """Reply: the StoredMosaic, or None if it does not exist."""

    key: str


@dataclass(frozen=True)
class PutMosaic:
    """Put a mosaic, in place of the ETag `replaces` if given. Reply: whether it was put.

    `cache_control` is the value of its Cache-Control header; "": none.
    """

    output: MosaicObject
    metadata: dict[str, str]
    replaces: str | None = None
    cache_control: str = ""


@dataclass(frozen=True)
class DeleteMosaic:
    """Delete the mosaic with this ETag, or with any (None).

    Reply: whether it existed; None if the server does not support a condition on deletes.
    """

    key: str
    etag: str | None


Request = ReadPhoto | CheckPhoto | CheckMosaic | PutMosaic | DeleteMosaic
Steps = Generator[Iterable[Request], Sequence[Any], Any]
"""Yields requests that may be sent concurrently, and receives their replies in that order. The
requests of a tuple are sent by the calling thread, which has nothing else to do."""


@dataclass(frozen=True)
class DeliveryResult:
    """Result of a delivery: the keys of the mosaics, and their upload, if it was read."""

    outcome: Literal["done", "unchanged", "removed"]
    keys: tuple[str, ...]
    upload: SourceObject | None = None


@dataclass(frozen=True)
class DeliveryJob:
    """A photo to deliver: its key, and functions that make and name its mosaics.

    `list_names` returns every key that a mosaic can have, in any format. With `mirror`, mosaics of
    a deleted photo are deleted. `recipe` identifies what the mosaics are made with, and `expected`
    their probable keys: with both, mosaics that are up to date are found without the photo. Those
    with a key in `recipes` have a recipe of their own.
    Of a `young` upload, a photo that does not exist is not taken for a deleted one.
    `list_former` returns the keys of mosaics that earlier settings, or earlier uploads, may have
    left; those that exist, and that `make` has not made, are made again with `remake`.
    Mosaics whose Cache-Control header is not `cache_control` are put again; "": any header is kept.
    `metadata_key` keys the metadata that tell which photo a mosaic is of.
    Of the `exclusive` keys, what `make` does not make is deleted; the `marker` is put after that.
    """

    key: str
    make: Callable[[SourceObject], Iterator[MosaicObject]]
    list_names: Callable[[], Iterable[str]] = tuple
    mirror: bool = False
    sequencer: str = ""
    recipe: str = ""
    expected: tuple[str, ...] = ()
    recipes: Mapping[str, str] = field(default_factory=dict)
    young: bool = False
    list_former: Callable[[], Sequence[str]] = tuple
    remake: Callable[[SourceObject, Sequence[str]], Iterable[MosaicObject]] = (
        lambda _upload, _keys: ()
    )
    cache_control: str = ""
    metadata_key: MetadataKey = IN_CLEAR
    exclusive: tuple[str, ...] = ()
    marker: str = ""

    def find_recipe(self, key: str) -> str:
        """Return the recipe of the mosaic with this key."""
        return self.recipes.get(key, self.recipe)
