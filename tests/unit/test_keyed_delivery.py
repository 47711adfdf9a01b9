"""Deliveries, removals and renewals of metadata at once, by functions with different secrets.

The functions are those of a deployment that was changed, and changed back: one of a version before
secrets, and two with a secret each. Whoever meets mosaics of an unknown secret fails, until the
operator takes them over.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pixelater_cli.aws.operations.metadata_renewal import (
    CheckPhotoOf,
    CopyInPlace,
    RenewalSteps,
    renew,
)
from pixelater_function.mosaic_metadata import (
    IN_CLEAR,
    PHOTO_FIELD,
    MetadataKey,
    Owner,
    is_clear,
    name_photo,
)
from pixelater_function.name_owners import NameTaken
from pixelater_function.protocol import DeliveryResult, MosaicObject, PutMosaic
from tests.model_s3 import NAMES, Handling, ModelS3, make_photo
from tests.unit.test_delivery import (
    MAX_RUNNING,
    RECIPES,
    Histories,
    PlainDeletes,
    Restorations,
    act,
)

FIRST, SECOND = MetadataKey("1" * 64), MetadataKey("2" * 64)


class FormerKey(MetadataKey):
    """How a version before secrets reads metadata: it does not know keyed fields."""

    def find_owner(self, found: Mapping[str, str], key: str) -> Owner:
        if PHOTO_FIELD not in found:
            return "none"
        return "this" if found[PHOTO_FIELD] == name_photo(key) else "another"


FORMER = FormerKey()
CHANGED = MetadataKey(SECOND.secret, FIRST.fingerprint)
RESTORED = MetadataKey(FIRST.secret, SECOND.fingerprint)

KEYS = {
    "clear": (IN_CLEAR,),
    "keyed": (FIRST,),
    "upgraded and rolled back": (FORMER, FORMER, FIRST, FIRST),
    "with another secret": (FORMER, FIRST, FIRST, SECOND, CHANGED, RESTORED),
}
"""The secrets of the invocations, in turn: some take over what they meet, some do not."""


class Renewal:
    """One renewal of metadata, whose copy reads and puts at two moments."""

    def __init__(self, s3: ModelS3, steps: RenewalSteps, on_condition: bool = True) -> None:
        self.s3, self.steps, self.on_condition = s3, steps, on_condition
        self.put: PutMosaic | None = None
        self.outcome = ""
        self.request = next(steps)[0]

    def proceed(self) -> None:
        reply: Any
        request = self.request
        if isinstance(request, CopyInPlace) and self.put is None:
            data, _ = self.s3.mosaics.get(request.key, (b"", {}))
            if data.decode() == request.etag:
                mosaic = MosaicObject(request.key, data, "image/png")
                self.put = PutMosaic(mosaic, dict(request.metadata), request.etag)
                return
            reply = False
        elif isinstance(request, CopyInPlace):
            assert self.put is not None
            self.s3.conditions = self.on_condition
            reply, self.put = self.s3.answer(self.put), None
            self.s3.conditions = True
        elif isinstance(request, CheckPhotoOf):
            reply = self.s3.upload and self.s3.upload.version
        else:
            reply = self.s3.answer(request)
        try:
            self.request = self.steps.send([reply])[0]
        except StopIteration as end:
            self.outcome = end.value


class KeyedHistories(Histories):
    """Histories with secrets, in which metadata are renewed at any time."""

    keys: tuple[MetadataKey, ...] = (IN_CLEAR,)
    copies_on_condition = True

    def __init__(self) -> None:
        super().__init__()
        self.renewals: list[Renewal] = []
        self.taken = 0

    def start(self, which: int) -> None:
        event = self.events.pop(which % len(self.events))
        self.clock += 1
        key = self.keys[self.clock % len(self.keys)]
        recipe = RECIPES[self.clock % len(RECIPES)]
        photo = make_photo(self.mirror, recipe=recipe, metadata_key=key)
        self.running.append((Refusable(self.s3, photo), event, self.clock))

    def proceed(self, which: int, request: int, times: str, steps: int) -> None:
        """A delivery that is refused has failed: its event comes again, from the queue."""
        handling, event, _started = self.running[which % len(self.running)]
        settled = self.settled
        super().proceed(which, request, times, steps)
        if isinstance(handling, Refusable) and handling.taken:
            self.taken += 1
            self.settled = settled
            self.events.append(event)

    def renew(self, pick: int, number: int) -> None:
        if len(self.renewals) < MAX_RUNNING:
            key = next(key for key in self.keys if key.secret)
            steps = renew(NAMES[pick % len(NAMES)], key)
            self.renewals.append(Renewal(self.s3, steps, self.copies_on_condition))
        renewal = self.renewals[pick % len(self.renewals)]
        for _ in range(number):
            if not renewal.outcome:
                renewal.proceed()
        if renewal.outcome:
            self.renewals.remove(renewal)
            if renewal.outcome == "changed":
                self.events.append(self.clock)

    def what_is_settled_is_right(self) -> None:
        super().what_is_settled_is_right()
        assert self.s3.holds_proofs(IN_CLEAR, FIRST, SECOND)

    def teardown(self) -> None:
        for renewal in self.renewals:
            while not renewal.outcome:
                renewal.proceed()
        while self.running or self.events:
            if self.events:
                self.start(len(self.events) - 1)
            while self.running:
                self.proceed(len(self.running) - 1, 0, "once", 1)
        super().teardown()


class Refusable(Handling):
    """A handling that may meet mosaics of others, and then has failed."""

    taken: NameTaken | None = None

    def _advance(self, step: Callable[[], Any]) -> None:
        try:
            super()._advance(step)
        except NameTaken as error:
            self.taken, self.over = error, True


def explore(
    kind: type[Histories], keys: tuple[MetadataKey, ...], seed: int, on_condition: bool = True
) -> KeyedHistories:
    dice = random.Random(seed)
    members = {"keys": keys, "copies_on_condition": on_condition}
    history: KeyedHistories = type("Kind", (KeyedHistories, kind), members)()
    history.begin_with_a_photo(dice.random() < 0.5)
    for _ in range(dice.randrange(10, 60)):
        if keys != (IN_CLEAR,) and dice.random() < 0.2:
            history.renew(dice.randrange(12), dice.randint(1, 6))
        else:
            act(history, dice)
        history.what_is_settled_is_right()
    history.teardown()
    return history


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        # A version before secrets does not delete keyed mosaics, which are those of nobody to it.
        *((Histories, keys) for keys in KEYS),
        *((Restorations, keys) for keys in KEYS if keys != "upgraded and rolled back"),
        *((PlainDeletes, keys) for keys in KEYS if keys != "upgraded and rolled back"),
    ],
)
def test_every_keyed_history_ends_with_current_mosaics(kind: type[Histories], keys: str) -> None:
    histories = [explore(kind, KEYS[keys], seed) for seed in range(200)]
    assert any(history.taken for history in histories) == (keys == "with another secret")


def test_copy_without_condition_puts_stale_mosaics_back() -> None:
    def explore_all() -> None:
        for seed in range(500):
            explore(Histories, KEYS["upgraded and rolled back"], seed, on_condition=False)

    with pytest.raises(AssertionError):
        explore_all()


def deliver(s3: ModelS3, secret: MetadataKey, **job: Any) -> DeliveryResult | None:
    handling = Handling(s3, make_photo(metadata_key=secret, **job))
    handling.finish()
    return handling.result


def make_s3(data: bytes = b"a") -> ModelS3:
    s3 = ModelS3()
    s3.put_photo(data)
    return s3


@pytest.mark.parametrize("recipe", ["", "engine 1"])
@pytest.mark.parametrize("former", [IN_CLEAR, FIRST])
def test_former_metadata_are_a_proof(former: MetadataKey, recipe: str) -> None:
    s3 = make_s3()
    deliver(s3, former, recipe=recipe)
    before = dict(s3.mosaics)
    result = deliver(s3, FIRST, recipe=recipe)
    assert result == DeliveryResult("unchanged", NAMES, None if recipe else s3.upload)
    assert s3.mosaics == before


@pytest.mark.parametrize("job", [{}, {"recipe": "engine 1"}])
def test_mosaics_of_unknown_secret_are_kept(job: dict[str, Any]) -> None:
    s3 = make_s3()
    deliver(s3, FIRST, **job)
    before = dict(s3.mosaics)
    with pytest.raises(NameTaken, match=f"--take-over {FIRST.fingerprint}$"):
        deliver(s3, SECOND, **job)
    assert s3.mosaics == before


def test_deleted_photo_keeps_mosaics_of_unknown_secret_and_fails() -> None:
    s3 = make_s3()
    deliver(s3, FIRST)
    s3.delete_photo()
    with pytest.raises(NameTaken):
        deliver(s3, SECOND, mirror=True)
    assert sorted(s3.mosaics) == sorted(NAMES)
    assert deliver(s3, CHANGED, mirror=True) == DeliveryResult("removed", NAMES)


def test_mosaics_are_taken_over_by_the_name_of_their_secret() -> None:
    s3 = make_s3()
    deliver(s3, FIRST)
    assert deliver(s3, CHANGED) == DeliveryResult("done", NAMES, s3.upload)
    assert deliver(s3, SECOND) == DeliveryResult("unchanged", NAMES, s3.upload)


def test_name_of_another_photo_is_not_told_by_keyed_metadata() -> None:
    s3 = make_s3()
    deliver(s3, FIRST, key="scan.psd")
    with pytest.raises(NameTaken, match=r"^the names of its mosaics are those of another photo;"):
        deliver(s3, FIRST, key="scan.png")


def test_former_version_replaces_keyed_mosaics() -> None:
    """A version before secrets does not refuse them after a rollback, and its own are a proof."""
    s3 = make_s3()
    deliver(s3, FIRST)
    assert deliver(s3, FORMER) == DeliveryResult("done", NAMES, s3.upload)
    assert all(is_clear(metadata) for _, metadata in s3.mosaics.values())
    assert deliver(s3, FIRST) == DeliveryResult("unchanged", NAMES, s3.upload)


def run_renewal(s3: ModelS3, key: MetadataKey = FIRST) -> str:
    renewal = Renewal(s3, renew("8", key))
    while not renewal.outcome:
        renewal.proceed()
    return renewal.outcome


def test_renewed_metadata_are_those_that_the_function_writes() -> None:
    s3, other = make_s3(), make_s3()
    deliver(s3, IN_CLEAR, recipe="engine 1")
    deliver(other, FIRST, recipe="engine 1")
    assert s3.mosaics["8"] != other.mosaics["8"]
    assert [run_renewal(s3), run_renewal(s3)] == ["renewed", "keyed"]
    assert s3.mosaics["8"] == other.mosaics["8"]


def test_stale_mosaic_is_not_renewed() -> None:
    s3 = make_s3()
    deliver(s3, IN_CLEAR)
    before = dict(s3.mosaics)
    s3.put_photo(b"b")
    assert run_renewal(s3) == "stale"
    assert s3.mosaics == before


def test_mosaic_of_deleted_photo_is_renewed() -> None:
    s3 = make_s3()
    deliver(s3, IN_CLEAR)
    s3.delete_photo()
    assert run_renewal(s3) == "renewed"


def test_photo_that_changes_during_renewal_is_reported() -> None:
    s3 = make_s3()
    deliver(s3, IN_CLEAR)
    renewal = Renewal(s3, renew("8", FIRST))
    while not isinstance(renewal.request, CopyInPlace):
        renewal.proceed()
    s3.put_photo(b"b")
    while not renewal.outcome:
        renewal.proceed()
    assert renewal.outcome == "changed"
