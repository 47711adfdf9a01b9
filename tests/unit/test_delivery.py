"""The protocol of delivering a photo's mosaics, on a model of S3, in any order of its steps.

`--hypothesis-profile=thorough` runs 10,000 histories of each state machine, and 50,000 of our own
search, which meets more of what matters (docs/explanation/reliability.md).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from pixelater_function.delivery import PhotoGone
from pixelater_function.name_owners import NameTaken
from pixelater_function.protocol import (
    CheckMosaic,
    CheckPhoto,
    DeleteMosaic,
    DeliveryJob,
    DeliveryResult,
    ReadPhoto,
    Request,
)
from tests.model_s3 import DOCUMENT, NAMES, Documents, Handling, ModelS3, forget, make, make_photo

TIMES = ("once", "twice", "once more later")
"""How often a request takes effect: the client sends it again if no answer comes."""

RECIPES = ("", "", "engine 1", "engine 1", "engine 1", "engine 2")
"""Recipes of the invocations, one after the other: a new version is deployed, and rolled back."""

PICK = st.integers(0, 11)
MAX_UPLOADS, MAX_RUNNING = 5, 3
"""More would only make the histories that matter rarer."""


class Histories(RuleBasedStateMachine):
    """Uploads, their events, and invocations that run at once, stop, and leave requests behind.

    What holds at every moment: once a handling that began after the last upload has ended, the
    destination holds that upload's mosaics. Older events may even be given up (Lambda's last try
    has failed): nothing that older handlings leave behind replaces what is newer. Contents never
    repeat here; see `Restorations` for those that do.
    """

    mirror = False
    conditions = True
    conditional_deletes = True
    documents: Documents = "none"

    def __init__(self) -> None:
        super().__init__()
        self.s3 = self.open_s3()
        self.clock = 0
        self.changed = 0  # When the photo last changed,
        self.settled = False  # and whether a handling that began since has ended.
        self.contents = 0
        self.events: list[int] = []  # When each event that is still to be handled came about.
        self.past: list[int] = []
        self.running: list[tuple[Handling, int, int]] = []  # With its event's time and its start.
        self.stray: list[Request] = []

    def open_s3(self) -> ModelS3:
        return ModelS3(
            conditions=self.conditions,
            conditional_deletes=self.conditional_deletes,
            documents=self.documents,
        )

    def make_job(self, recipe: str) -> DeliveryJob:
        return make_photo(self.mirror, recipe=recipe, documents=self.documents)

    @initialize(versioned=st.booleans())
    def begin_with_a_photo(self, versioned: bool) -> None:
        self.s3.versioned = versioned
        self.upload()

    @precondition(lambda self: self.contents < MAX_UPLOADS)
    @rule()
    def upload(self) -> None:
        self.contents += 1
        self._change(str(self.contents).encode())

    @precondition(lambda self: self.events and len(self.running) < MAX_RUNNING)
    @rule(which=PICK)
    def start(self, which: int) -> None:
        event = self.events.pop(which % len(self.events))
        self.clock += 1
        recipe = RECIPES[self.clock % len(RECIPES)]
        photo = self.make_job(recipe)
        self.running.append((Handling(self.s3, photo), event, self.clock))

    @precondition(lambda self: len(self.events) < MAX_RUNNING)
    @rule(which=PICK)
    def send_again(self, which: int) -> None:
        """An event comes once more, even one that was handled long ago."""
        self.events.append(self.past[which % len(self.past)])

    @precondition(lambda self: self.running)
    @rule(which=PICK, request=PICK, times=st.sampled_from(TIMES), steps=st.integers(1, 12))
    def proceed(self, which: int, request: int, times: str, steps: int) -> None:
        one = which % len(self.running)
        handling, _, started = self.running[one]
        for _ in range(steps):
            if handling.over:
                break
            open_ = sorted(handling.open)
            number = open_[request % len(open_)]
            if times == "once more later":
                self.stray.append(handling.open[number])
            handling.carry_out(number, times == "twice")
        if handling.over:
            del self.running[one]
            self.settled = self.settled or started > self.changed

    @precondition(lambda self: self.running)
    @rule(which=PICK, leave=st.booleans(), give_up=st.booleans())
    def stop(self, which: int, leave: bool, give_up: bool) -> None:
        """Stop an invocation between two requests. Its event comes again, or it was its last try.

        The event of the last upload is never given up here: that would be a failure record.
        """
        handling, event, _ = self.running.pop(which % len(self.running))
        if leave:
            self.stray += handling.open.values()
        if event >= self.changed or not (give_up and self._may_give_up()):
            self.events.append(event)

    @precondition(lambda self: self.stray)
    @rule(which=PICK)
    def arrive(self, which: int) -> None:
        """A request that its sender no longer waits for takes effect."""
        self.s3.answer(self.stray.pop(which % len(self.stray)))

    @invariant()
    def what_is_settled_is_right(self) -> None:
        if self.settled:
            assert self.s3.holds_mosaics_of_the_photo()

    def teardown(self) -> None:
        """Let everything end, in one more order: strays come last."""
        while self.running or self.events:
            if self.events:
                self.start(len(self.events) - 1)
            handling, _, started = self.running.pop()
            handling.finish()
            self.settled = self.settled or started > self.changed
        while self.stray:
            self.arrive(0)
        if self.contents:
            assert self.settled
        self.what_is_settled_is_right()

    def _change(self, data: bytes | None) -> None:
        self.clock += 1
        self.changed, self.settled = self.clock, False
        self.events.append(self.clock)
        self.past.append(self.clock)
        if data is None:
            self.s3.delete_photo()
        else:
            self.s3.put_photo(data)

    def _may_give_up(self) -> bool:
        return True


class Restorations(Histories):
    """Photos that are put back to earlier contents, or deleted and their mosaics with them.

    Then a condition can mistake a mosaic for the one it saw. So what is right is so in the end,
    when every event was handled to its end, and nothing is under way without its sender.
    """

    mirror = True

    @precondition(lambda self: self.contents < MAX_UPLOADS)
    @rule(content=st.integers(1, 2))
    def upload_again(self, content: int) -> None:
        self.contents += 1
        self._change(b"again %d" % content)

    @precondition(lambda self: self.s3.upload and self.contents < MAX_UPLOADS)
    @rule()
    def delete(self) -> None:
        self._change(None)

    @invariant()
    def what_is_settled_is_right(self) -> None:
        self.stray.clear()
        if not (self.running or self.events or self.stray):
            super().what_is_settled_is_right()

    def _may_give_up(self) -> bool:
        return False


class PlainDeletes(Restorations):
    """The same where a condition on deletes is not supported, as on LocalStack."""

    conditional_deletes = False


class DocumentHistories(Histories):
    """With a document next to the mosaics, of other bytes for each upload."""

    documents: Documents = "unequal"


class EqualDocumentHistories(Histories):
    """With the same document for each upload, which a condition cannot tell apart."""

    documents: Documents = "equal"


class DocumentRestorations(Restorations):
    """Deletes, and earlier contents, with a document."""

    documents: Documents = "unequal"


class EqualDocumentRestorations(Restorations):
    """Deletes with the same document for each upload: that of another upload may be deleted."""

    documents: Documents = "equal"


class DocumentPlainDeletes(PlainDeletes):
    """Deletes without conditions, with a document."""

    documents: Documents = "equal"


class FormerHistories(DocumentHistories):
    """A deploy whose settings do not make the document anymore, when nothing is under way.

    A document that exists stays current; where there is none, none is made.
    """

    former: tuple[str, ...] = (DOCUMENT,)
    is_former = False

    def make_job(self, recipe: str) -> DeliveryJob:
        photo = super().make_job(recipe)
        return forget(photo, self.former) if self.is_former else photo

    @precondition(lambda self: self.may_switch())
    @rule()
    def switch(self) -> None:
        self.is_former, self.s3.optional = True, self.former

    def may_switch(self) -> bool:
        return not (self.is_former or self.running or self.stray)


class FormerMosaicHistories(FormerHistories):
    """The same of a document and a mosaic: of another grid, or of another format."""

    former = (NAMES[-1], DOCUMENT)


class FormerRestorations(DocumentRestorations):
    """Such a deploy at any time, and another one that makes the document again.

    An invocation of the settings before can put a document after one of those of now has looked for
    it. So what is right is so in the end, as for restored photos.
    """

    is_former = False

    def open_s3(self) -> ModelS3:
        return replace(super().open_s3(), optional=(DOCUMENT,))

    def make_job(self, recipe: str) -> DeliveryJob:
        photo = super().make_job(recipe)
        return forget(photo, (DOCUMENT,)) if self.is_former else photo

    @rule()
    def switch(self) -> None:
        self.is_former = not self.is_former

    def may_switch(self) -> bool:
        return True


def explore(kind: type[Histories], seed: int) -> None:
    """Run one history of a length and mix that lead to many encounters; `seed` decides all."""
    dice = random.Random(seed)
    history = kind()
    history.begin_with_a_photo(dice.random() < 0.5)
    for _ in range(dice.randrange(10, 60)):
        act(history, dice)
        history.what_is_settled_is_right()
    history.teardown()


def act(history: Histories, dice: random.Random) -> None:
    pick, request, steps = dice.randrange(12), dice.randrange(12), dice.randint(1, 12)
    heads, tails = dice.random() < 0.5, dice.random() < 0.5
    (times,) = dice.choices(TIMES, [8, 1, 1])
    may_change = history.contents < MAX_UPLOADS
    choices: list[tuple[int, bool, Callable[[], None]]] = [
        (2, may_change, history.upload),
        (1, len(history.events) < MAX_RUNNING, lambda: history.send_again(pick)),
        (4, bool(history.events), lambda: history.start(pick)),
        (9, bool(history.running), lambda: history.proceed(pick, request, times, steps)),
        (1, bool(history.running), lambda: history.stop(pick, heads, tails)),
        (1, bool(history.stray), lambda: history.arrive(pick)),
    ]
    if isinstance(history, Restorations):
        there = history.s3.upload is not None
        choices += [
            (2, may_change, lambda: history.upload_again(1 + pick % 2)),
            (1, may_change and there, history.delete),
        ]
    if isinstance(history, FormerHistories | FormerRestorations):
        choices.append((1, history.may_switch(), history.switch))
    weights = [weight * possible for weight, possible, _ in choices]
    dice.choices([deed for _, _, deed in choices], weights)[0]()


class UnconditionalPuts(Histories):
    """What the protocol would be without conditions."""

    conditions = False


TestHistories = Histories.TestCase
TestRestorations = Restorations.TestCase
TestPlainDeletes = PlainDeletes.TestCase
BRIEF = settings(stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
TestHistories.settings = TestRestorations.settings = TestPlainDeletes.settings = BRIEF
TestDocumentHistories = DocumentHistories.TestCase
TestDocumentRestorations = DocumentRestorations.TestCase
TestDocumentHistories.settings = TestDocumentRestorations.settings = BRIEF
TestFormerHistories = FormerHistories.TestCase
TestFormerRestorations = FormerRestorations.TestCase
TestFormerHistories.settings = TestFormerRestorations.settings = BRIEF


def explore_all(kind: type[Histories], number: int) -> None:
    for seed in range(number):
        explore(kind, seed)


DOCUMENT_KINDS = [
    DocumentHistories,
    EqualDocumentHistories,
    DocumentRestorations,
    EqualDocumentRestorations,
    DocumentPlainDeletes,
    FormerHistories,
    FormerMosaicHistories,
    FormerRestorations,
]


@pytest.mark.parametrize("kind", [Histories, Restorations, PlainDeletes, *DOCUMENT_KINDS])
def test_every_history_ends_with_current_mosaics(kind: type[Histories]) -> None:
    explore_all(kind, 500)


def test_stale_put_without_condition_replaces_newer() -> None:
    with pytest.raises(AssertionError):
        explore_all(UnconditionalPuts, 500)


@pytest.mark.parametrize(("conditions", "right"), [(True, True), (False, False)])
def test_late_put_replaces_nothing_newer(conditions: bool, right: bool) -> None:
    s3 = ModelS3(conditions=conditions)
    s3.put_photo(b"first")
    late = Handling(s3, make_photo())
    late.carry_out(0)
    s3.put_photo(b"second")
    Handling(s3, make_photo()).finish()
    late.carry_out(0)
    assert s3.holds_mosaics_of_the_photo() is right


def deliver(s3: ModelS3, photo: DeliveryJob | None = None) -> DeliveryResult | None:
    handling = Handling(s3, photo or make_photo())
    handling.finish()
    return handling.result


def count_requests(s3: ModelS3, recipe: str = "") -> Counter[str]:
    handling, counts = Handling(s3, make_photo(recipe=recipe)), Counter[str]()
    while not handling.over:
        number = min(handling.open)
        counts[type(handling.open[number]).__name__] += 1
        handling.carry_out(number)
    return counts


def make_s3(*uploads: bytes) -> ModelS3:
    s3 = ModelS3()
    for data in uploads:
        s3.put_photo(data)
    return s3


def test_requests_are_as_few_as_needed() -> None:
    s3 = make_s3(b"a")
    assert count_requests(s3) == {"ReadPhoto": 1, "PutMosaic": 3, "CheckPhoto": 1}
    again = {"ReadPhoto": 1, "PutMosaic": 1, "CheckMosaic": 3, "CheckPhoto": 1}
    assert count_requests(s3) == again
    s3.put_photo(b"b")
    assert count_requests(s3) == {**again, "PutMosaic": 4, "CheckPhoto": 2}


def test_photo_whose_mosaics_have_the_recipe_is_not_read() -> None:
    s3 = make_s3(b"a")
    new = {"CheckMosaic": 1, "ReadPhoto": 1, "PutMosaic": 3, "CheckPhoto": 1}
    assert count_requests(s3, "engine 1") == new
    assert count_requests(s3, "engine 1") == {"CheckMosaic": 3, "CheckPhoto": 1}
    result = deliver(s3, make_photo(recipe="engine 1"))
    assert result == DeliveryResult("unchanged", NAMES)
    s3.put_photo(b"b")
    replaced = {"CheckMosaic": 4, "ReadPhoto": 1, "PutMosaic": 4, "CheckPhoto": 3}
    assert count_requests(s3, "engine 1") == replaced


def test_document_has_a_recipe_of_its_own() -> None:
    s3 = make_s3(b"a")
    s3.documents = "unequal"
    photo = make_photo(recipe="engine 1", documents="unequal")
    names = (*NAMES, DOCUMENT)
    assert deliver(s3, photo) == DeliveryResult("done", names, s3.upload)
    recipes = {key: metadata["pixelater-recipe"] for key, (_, metadata) in s3.mosaics.items()}
    assert recipes == {**dict.fromkeys(NAMES, "engine 1"), DOCUMENT: "engine 1, document"}
    assert deliver(s3, photo) == DeliveryResult("unchanged", names)
    other = replace(photo, recipes={DOCUMENT: "another document"})
    assert deliver(s3, other) == DeliveryResult("unchanged", names, s3.upload)


@pytest.mark.parametrize("versioned", [True, False])
def test_same_bytes_uploaded_again_are_delivered(versioned: bool) -> None:
    s3 = make_s3(b"a")
    s3.versioned = versioned
    for data in (b"b", b"b"):
        s3.put_photo(data)
        result = deliver(s3, make_photo(recipe="engine 1"))
    assert result == (
        DeliveryResult("done", NAMES, s3.upload)
        if versioned
        else DeliveryResult("unchanged", NAMES)
    )


def lose_one(s3: ModelS3) -> None:
    del s3.mosaics["16"]


def change_engine(s3: ModelS3) -> None:
    for _, metadata in s3.mosaics.values():
        metadata["pixelater-recipe"] = "engine 0"


def change_owner(s3: ModelS3) -> None:
    s3.mosaics["32"][1]["pixelater-photo"] = "photo.psd"


def forget_recipe(s3: ModelS3) -> None:
    """Metadata of 0.1.0 have neither format nor recipe."""
    for _, metadata in s3.mosaics.values():
        del metadata["pixelater-recipe"], metadata["pixelater-v"]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [(lose_one, "done"), (change_engine, "unchanged"), (forget_recipe, "unchanged")],
)
def test_photo_without_proof_is_read(change: Callable[[ModelS3], None], outcome: str) -> None:
    s3 = make_s3(b"a")
    deliver(s3, make_photo(recipe="engine 1"))
    change(s3)
    result = deliver(s3, make_photo(recipe="engine 1"))
    assert result is not None
    assert (result.outcome, result.upload) == (outcome, s3.upload)
    assert s3.holds_mosaics_of_the_photo()


def test_mosaic_of_another_photo_is_no_proof() -> None:
    s3 = make_s3(b"a")
    deliver(s3, make_photo(recipe="engine 1"))
    change_owner(s3)
    with pytest.raises(NameTaken):
        deliver(s3, make_photo(recipe="engine 1"))


@pytest.mark.parametrize("mirror", [True, False])
def test_deleted_photo_is_not_unchanged(mirror: bool) -> None:
    s3 = make_s3(b"a")
    deliver(s3, make_photo(recipe="engine 1"))
    s3.delete_photo()
    result = deliver(s3, make_photo(mirror, recipe="engine 1"))
    assert result == (DeliveryResult("removed", NAMES) if mirror else None)


def test_repeated_event_writes_nothing() -> None:
    s3 = make_s3(b"a")
    assert deliver(s3) == DeliveryResult("done", NAMES, s3.upload)
    writes = s3.writes
    assert deliver(s3) == DeliveryResult("unchanged", NAMES, s3.upload)
    assert s3.writes == writes


def test_missing_mosaics_are_put() -> None:
    s3 = make_s3(b"a")
    deliver(s3)
    del s3.mosaics["16"]
    writes = s3.writes
    assert deliver(s3) == DeliveryResult("done", NAMES, s3.upload)
    assert s3.writes == writes + 1
    assert s3.holds_mosaics_of_the_photo()


def test_mosaic_with_other_bytes_is_replaced() -> None:
    s3 = make_s3(b"a")
    deliver(s3)
    engine = DeliveryJob("photo", lambda upload: make(replace(upload, data=b"made anew")))
    assert deliver(s3, engine) == DeliveryResult("done", NAMES, s3.upload)
    assert s3.mosaics["8"][0] == b"8xmade anew"


def test_upload_during_delivery_is_delivered() -> None:
    s3 = make_s3(b"a")
    handling = Handling(s3, make_photo())
    handling.carry_out(0)
    s3.put_photo(b"b")
    handling.finish()
    assert handling.result == DeliveryResult("done", NAMES, s3.upload)
    assert s3.holds_mosaics_of_the_photo()


@pytest.mark.parametrize("conditional_deletes", [True, False])
def test_deleted_photo_keeps_mosaics_by_default(
    conditional_deletes: bool,
) -> None:
    s3 = make_s3(b"a")
    s3.conditional_deletes = conditional_deletes
    deliver(s3)
    s3.delete_photo()
    assert deliver(s3) is None
    assert sorted(s3.mosaics) == sorted(NAMES)
    assert deliver(s3, make_photo(mirror=True)) == DeliveryResult("removed", NAMES)
    assert s3.mosaics == {}


@pytest.mark.parametrize("conditional_deletes", [True, False])
def test_mosaics_of_restored_photo_are_not_deleted(conditional_deletes: bool) -> None:
    s3 = make_s3(b"a")
    s3.conditional_deletes = conditional_deletes
    deliver(s3)
    s3.delete_photo()
    removal = Handling(s3, make_photo(mirror=True))
    removal.carry_out(0)
    s3.put_photo(b"b")
    deliver(s3)
    writes = s3.writes
    while not removal.over:
        removal.carry_out(min(removal.open))
        assert s3.holds_mosaics_of_the_photo()
    assert s3.writes == writes


def prepare_removal(until: Callable[[DeleteMosaic], bool]) -> tuple[ModelS3, Handling]:
    """Handle a delete on a server without conditions on deletes, until such a delete is next."""
    s3 = make_s3(b"a")
    s3.conditional_deletes = False
    deliver(s3)
    s3.delete_photo()
    removal = Handling(s3, make_photo(mirror=True))
    while not any(isinstance(one, DeleteMosaic) and until(one) for one in removal.open.values()):
        removal.carry_out(min(removal.open))
    return s3, removal


def test_unsupported_conditional_delete_checks_again() -> None:
    s3 = make_s3(b"a")
    s3.conditional_deletes = False
    deliver(s3)
    s3.delete_photo()
    handling, asked = Handling(s3, make_photo(mirror=True)), []
    while not handling.over:
        number = min(handling.open)
        asked.append(handling.open[number])
        handling.carry_out(number)
    looks = [*(CheckMosaic(name) for name in NAMES), CheckPhoto()]
    conditional = [DeleteMosaic(name, f"{name}xa") for name in NAMES]
    plain = [DeleteMosaic(name, None) for name in NAMES]
    assert asked == [ReadPhoto(), *looks, *conditional, *looks, *plain, CheckPhoto()]
    assert (handling.result, s3.mosaics) == (DeliveryResult("removed", NAMES), {})


def test_photo_restored_before_plain_delete_keeps_mosaics() -> None:
    s3, removal = prepare_removal(lambda delete: delete.etag is not None)
    s3.put_photo(b"b")
    deliver(s3)
    while not removal.over:
        removal.carry_out(min(removal.open))
        assert s3.holds_mosaics_of_the_photo()


def test_mosaics_deleted_from_new_photo_are_put_again() -> None:
    s3, removal = prepare_removal(lambda delete: delete.etag is None)
    s3.put_photo(b"b")
    deliver(s3)
    removal.carry_out(min(removal.open))
    assert not s3.holds_mosaics_of_the_photo()
    removal.finish()
    assert removal.result == DeliveryResult("done", NAMES, s3.upload)
    assert s3.holds_mosaics_of_the_photo()


def test_mosaics_of_another_photo_are_kept() -> None:
    s3 = make_s3(b"a")
    deliver(s3, make_photo(key="scan.psd"))
    with pytest.raises(NameTaken, match=r"those of scan\.psd"):
        deliver(s3, make_photo(key="scan.png"))
    s3.delete_photo()
    assert deliver(s3, make_photo(mirror=True, key="scan.png")) == DeliveryResult("unchanged", ())
    assert len(s3.mosaics) == 3


@pytest.mark.parametrize("order", ["0011001100", "0101010101", "0100110011", "1001100110"])
def test_photos_with_same_names_one_gets_all(order: str) -> None:
    s3 = make_s3(b"a")
    both = [Handling(s3, make_photo(key=key)) for key in ("scan.psd", "scan.png")]
    refused: list[Any] = []
    for number in [int(one) for one in order * 3]:
        handling = both[number]
        if not handling.over and number not in refused:
            try:
                handling.carry_out(min(handling.open))
            except NameTaken:
                refused.append(number)
    assert len(refused) == 1
    assert {metadata["pixelater-photo"] for _, metadata in s3.mosaics.values()} == {
        ("scan.png", "scan.psd")[refused[0]]
    }
    assert s3.holds_mosaics_of_the_photo()


def test_deleted_photo_raises_photo_gone() -> None:
    handling = Handling(ModelS3(), make_photo())
    handling.carry_out(0)
    assert (handling.over, handling.result) == (True, None)
    assert isinstance(handling.gone, PhotoGone)


def deliver_once(s3: ModelS3, cache_control: str) -> str:
    """Deliver the photo; return the outcome."""
    job = replace(make_photo(recipe="engine 1"), cache_control=cache_control)
    handling = Handling(s3, job)
    handling.finish()
    assert handling.result is not None
    return handling.result.outcome


def test_mosaics_with_another_cache_control_are_put_again() -> None:
    s3 = ModelS3()
    s3.put_photo(b"1")
    headers = ("", "no-cache", "no-cache", "max-age=60", "")
    outcomes = [(deliver_once(s3, header), {*s3.caching.values()}) for header in headers]
    assert outcomes == [
        ("done", {""}),
        ("done", {"no-cache"}),
        ("unchanged", {"no-cache"}),
        ("done", {"max-age=60"}),
        ("unchanged", {"max-age=60"}),
    ]
    assert s3.writes == 3 * len(NAMES)
