"""Metadata of mosaics, in clear and keyed."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from pixelater_function.metadata_secret import is_secret
from pixelater_function.mosaic_metadata import (
    IN_CLEAR,
    UPLOAD_FIELDS,
    MetadataKey,
    Owner,
    describe_mosaic,
    describe_upload,
    is_clear,
)

KEY = MetadataKey("ab" * 32)
OTHER = MetadataKey("cd" * 32)
ETAG = hashlib.md5(b"").hexdigest()  # noqa: S324 (as S3 computes it)
UPLOAD = describe_upload("trips/a b.jpg", f'"{ETAG}"', "v1", "2026-11-23T14:33:14+00:00")
CLEAR = describe_mosaic(UPLOAD, b"mosaic", "recipe", "0055AED6DCD90281E5")


def test_clear_metadata_are_of_format_2() -> None:
    assert IN_CLEAR.lock(CLEAR) == {
        "pixelater-v": "2",
        "pixelater-photo": "trips/a%20b.jpg",
        "pixelater-etag": ETAG,
        "pixelater-version": "v1",
        "pixelater-modified": "2026-11-23T14:33:14+00:00",
        "pixelater-sha256": hashlib.sha256(b"mosaic").hexdigest(),
        "pixelater-recipe": "recipe",
        "pixelater-sequencer": "0055AED6DCD90281E5",
    }


def test_keyed_metadata_are_of_format_3() -> None:
    """The values are those of `openssl dgst -sha256 -hmac`, shortened."""
    assert KEY.lock(CLEAR) == {
        "pixelater-v": "3",
        "pixelater-secret": "ad51e3b7173b0f4f",
        "pixelater-keyed-photo": "2eec7df85324b55d7576b8eb4825498c",
        "pixelater-keyed-etag": "b560fae60d7234154b7a80622d90e725",
        "pixelater-keyed-version": "99b7b1c3afeaa64d311fa771f1fffd9d",
        "pixelater-keyed-modified": "ab9c4f0b2ec219fc04e813af264380a3",
        "pixelater-keyed-sequencer": "41c60d13e8eb458480fa1123717f4794",
        "pixelater-sha256": hashlib.sha256(b"mosaic").hexdigest(),
        "pixelater-recipe": "recipe",
    }


def test_keyed_metadata_have_no_field_without_value() -> None:
    clear = describe_mosaic(describe_upload("a.jpg", "e", "", ""), b"", "", "")
    assert sorted(KEY.lock(clear)) == [
        *("pixelater-keyed-etag", "pixelater-keyed-photo", "pixelater-secret", "pixelater-sha256"),
        "pixelater-v",
    ]


def test_same_upload_of_another_photo_has_other_keyed_values() -> None:
    """Whoever may upload cannot look for the keyed values of the bytes that they upload."""
    other = KEY.lock({**CLEAR, **describe_upload("mine.jpg", ETAG, "v1", "")})
    same = [name for name, value in KEY.lock(CLEAR).items() if other.get(name) == value]
    assert same == ["pixelater-v", "pixelater-sha256", "pixelater-recipe", "pixelater-secret"]


@pytest.mark.parametrize("found", [CLEAR, KEY.lock(CLEAR)])
@pytest.mark.parametrize("name", ["", *UPLOAD_FIELDS, "pixelater-sha256", "pixelater-recipe"])
def test_each_value_of_an_upload_decides(found: dict[str, str], name: str) -> None:
    changed = {**CLEAR, **({name: "other"} if name else {})}
    upload = {field: changed[field] for field in UPLOAD_FIELDS}
    assert KEY.has_same_bytes(found, changed) == (name in ("", "pixelater-recipe"))
    same_recipe = KEY.has_same_recipe(found, upload, changed["pixelater-recipe"])
    assert same_recipe == (name in ("", "pixelater-sha256"))


def test_keyed_metadata_prove_nothing_without_their_secret() -> None:
    for key in (IN_CLEAR, OTHER, replace(OTHER, takes_over=KEY.fingerprint)):
        assert not key.has_same_bytes(KEY.lock(CLEAR), CLEAR)
        assert not key.has_same_recipe(KEY.lock(CLEAR), UPLOAD, "recipe")


TAKING = replace(OTHER, takes_over=KEY.fingerprint)


@pytest.mark.parametrize(
    ("found", "key", "photo", "owner"),
    [
        ({}, KEY, "a.jpg", "none"),
        ({"pixelater-upload": "x"}, KEY, "a.jpg", "none"),
        (CLEAR, KEY, "trips/a b.jpg", "this"),
        (CLEAR, KEY, "trips/a b.psd", "another"),
        (KEY.lock(CLEAR), KEY, "trips/a b.jpg", "this"),
        (KEY.lock(CLEAR), KEY, "trips/a b.psd", "another"),
        (KEY.lock(CLEAR), OTHER, "trips/a b.jpg", "unknown"),
        (KEY.lock(CLEAR), IN_CLEAR, "trips/a b.jpg", "unknown"),
        (KEY.lock(CLEAR), TAKING, "trips/a b.psd", "this"),
        (OTHER.lock(CLEAR), replace(KEY, takes_over="0" * 16), "trips/a b.jpg", "unknown"),
    ],
)
def test_owner_of_a_mosaic(
    found: dict[str, str], key: MetadataKey, photo: str, owner: Owner
) -> None:
    assert key.find_owner(found, photo) == owner


def test_secret_is_not_in_the_text_of_a_key() -> None:
    assert KEY.secret not in f"{KEY!r} {KEY!s}"


def test_renewed_metadata_keep_what_is_not_of_pixelater() -> None:
    locked = KEY.lock({"copyright": "me", "pixelater-etag": "e"})
    assert (locked["copyright"], is_clear(locked)) == ("me", False)


@pytest.mark.parametrize(
    ("text", "valid"),
    [("0f" * 32, True), ("0F" * 32, False), ("0" * 63, False), ("0" * 65, False), ("", False)],
)
def test_form_of_a_secret(text: str, valid: bool) -> None:
    assert is_secret(text) is valid
