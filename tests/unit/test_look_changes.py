"""The protocol of deliveries while a deploy changes the look: mosaics of both, in any order.

Invocations of the former version may still run. Before it has ended, each event is handled by the
version that is active when its invocation starts.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis.stateful import invariant, precondition, rule

from pixelater_function.protocol import DeliveryJob, MosaicObject, SourceObject
from tests.model_s3 import KEY, Handling
from tests.unit.test_delivery import BRIEF, MAX_RUNNING, PICK, Restorations, act


@dataclass(frozen=True)
class Settings:
    """The names and the mark of a look's mosaics, and the names that earlier ones have left."""

    names: tuple[str, ...]
    mark: bytes
    former: tuple[str, ...] = ()

    def make(self, upload: SourceObject, names: Sequence[str] = ()) -> Iterator[MosaicObject]:
        for name in names or self.names:
            yield MosaicObject(name, name.encode() + self.mark + upload.data, "image/png")

    def make_job(self) -> DeliveryJob:
        return DeliveryJob(
            KEY,
            self.make,
            lambda: (*self.names, *self.former),
            mirror=True,
            recipe=self.mark.decode(),
            expected=self.names,
            list_former=lambda: self.former,
            remake=self.make,
        )


BEFORE = Settings(("8", "16", "32"), b"x")
AFTER = Settings(("8", "64"), b"y", ("16", "32"))
FORGETFUL = Settings(("8", "64"), b"y")


class LookChanges(Restorations):
    """Histories with one deploy; in the end, each mosaic is of the last upload."""

    after = AFTER

    def __init__(self) -> None:
        super().__init__()
        self.active = BEFORE
        self.deployed = 0

    @precondition(lambda self: self.active is BEFORE)
    @rule()
    def deploy(self) -> None:
        self.active, self.deployed = self.after, self.clock

    @precondition(lambda self: self.events and len(self.running) < MAX_RUNNING)
    @rule(which=PICK)
    def start(self, which: int) -> None:
        event = self.events.pop(which % len(self.events))
        self.clock += 1
        self.running.append((Handling(self.s3, self.active.make_job()), event, self.clock))

    @invariant()
    def what_is_settled_is_right(self) -> None:
        self.stray.clear()
        if self.running or self.events or not self.settled:
            return
        upload, mosaics = self.s3.upload, self.s3.mosaics
        if upload is None:
            assert mosaics == {}
            return
        for name, (data, _metadata) in mosaics.items():
            assert data[len(name) + 1 :] == upload.data
        if self.changed > self.deployed:
            assert mosaics.keys() >= {*self.active.names}


def explore(kind: type[LookChanges], seed: int) -> LookChanges:
    """Run one history with a deploy somewhere; `seed` decides all."""
    dice = random.Random(seed)
    history = kind()
    history.begin_with_a_photo(dice.random() < 0.5)
    steps = dice.randrange(10, 60)
    deploy_at = dice.randrange(steps)
    for step in range(steps):
        if step == deploy_at:
            history.deploy()
        act(history, dice)
        history.what_is_settled_is_right()
    history.teardown()
    return history


def explore_all(kind: type[LookChanges]) -> list[LookChanges]:
    return [explore(kind, seed) for seed in range(500)]


TestLookChanges = LookChanges.TestCase
TestLookChanges.settings = BRIEF


def test_every_history_with_a_deploy_ends_with_current_mosaics() -> None:
    histories = explore_all(LookChanges)
    assert any({"16", "64"} <= history.s3.mosaics.keys() for history in histories)


def test_without_former_names_mosaics_would_become_stale() -> None:
    class Forgetful(LookChanges):
        after = FORGETFUL

    with pytest.raises(AssertionError):
        explore_all(Forgetful)
