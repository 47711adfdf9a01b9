"""A stack's whole life under all weather: every command succeeds at the first try."""

from __future__ import annotations

from pathlib import Path

import pytest
from moto.iam.models import iam_backends

from pixelater_cli.aws.deploy import executor
from pixelater_cli.aws.session import connect
from tests.functional.conftest import Pixelater
from tests.pictures import encode, make_noise
from tests.weather import start_stormy
from tests.weather_course import (
    ACCOUNT,
    CHANGED,
    COURSE,
    DEPLOY,
    DESTROY,
    REDEPLOY,
    Outcome,
    Step,
    list_left,
    publish_runtime,
    run_step,
)

PHOTOS = tuple(f"photo-{number:02}.png" for number in range(20))
ROLE = "pixelater-function-us-east-1"

SINGLE_CHANGES = (
    ("--memory", "512"),
    ("--log-days", "7"),
    ("--concurrency", "2"),
    ("--grids", "8,16"),
    ("--max-pixels", "1000000"),
    ("--mirror-deletes",),
    ("--prefix", "in/"),
    ("--suffix", ".png"),
    ("--max-written", "32"),
    ("--tag", "team=imaging"),
    ("--role-path", "/team/"),
    ("--preset", "pixel-art"),
)

RULES = """\
[[rules]]
prefix = "avatars/"
grids = "4"
palette = "pico-8"
"""


def list_life() -> list[Step]:
    """List the commands: deploy, redeploy, each setting changed alone, all, rollback, destroy."""
    changes = (
        Step(f"change {options[0]}", (*DEPLOY.arguments, *options)) for options in SINGLE_CHANGES
    )
    rules = Step("rules", ("--config", "rules.toml", *DEPLOY.arguments))
    return [DEPLOY, REDEPLOY, *changes, rules, *COURSE[2:], DESTROY]


@pytest.mark.slow
def test_every_command_succeeds_at_once_under_all_weather(
    pixelater: Pixelater, tmp_path: Path, weather_seed: int
) -> None:
    (tmp_path / "rules.toml").write_text(RULES)
    with start_stormy(seed=weather_seed) as stormy:
        publish_runtime(stormy)
        outcomes = [one for step in list_life() for one in run_step(pixelater, stormy, step)]
        assert [str(one) for one in outcomes if one.failed] == []
        assert list_left() == []


@pytest.mark.slow
def test_command_interrupted_after_each_step_is_finished_by_the_next(
    pixelater: Pixelater, monkeypatch: pytest.MonkeyPatch, weather_seed: int
) -> None:
    call, left = executor._call, [0]

    def interrupt(*arguments: object) -> None:
        call(*arguments)  # type: ignore[arg-type]
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(executor, "_call", interrupt)
    failed: list[Outcome] = []
    with start_stormy(seed=weather_seed) as stormy:
        publish_runtime(stormy)
        for change in (DEPLOY, Step("change", CHANGED), DESTROY):
            number, done = 0, False
            while not done:
                number += 1
                left[0] = number
                (outcome,) = run_step(pixelater, stormy, change)
                done = outcome.code != 130
                if done:
                    failed += [outcome] if outcome.failed else []
            left[0] = 0
        assert [str(one) for one in failed] == []
        assert list_left() == []


@pytest.mark.slow
def test_role_that_was_created_again_works_after_the_next_deploy(
    pixelater: Pixelater, weather_seed: int
) -> None:
    """The smoke test shows it: until then, the function cannot even start."""
    with start_stormy(seed=weather_seed) as stormy:
        publish_runtime(stormy)
        outcomes = list(run_step(pixelater, stormy, DEPLOY))
        iam, named = iam_backends[ACCOUNT]["aws"], {"role_name": ROLE}
        role = iam.get_role(**named)
        iam.delete_role_policy(**named, policy_name="pixelater-pipeline")
        with stormy.clock.replacing_time():
            client = connect(None, "us-east-1", stormy.url, stormy.clock.sleep).clients["iam"]
            client.delete_role(RoleName=ROLE)
            client.create_role(
                RoleName=ROLE, AssumeRolePolicyDocument=role.assume_role_policy_document
            )
        stormy.clock.sleep(60)
        for step in (DEPLOY, REDEPLOY):
            outcomes += run_step(pixelater, stormy, step)
        assert [str(one) for one in outcomes if one.failed] == []
        assert [each.name for each in iam.get_roles()] == [ROLE]


OPERATING = (
    Step("push", ("push", *PHOTOS, "--out", "out", "--json")),
    Step("status", ("status", "--json")),
    Step("failures", ("failures", "--json")),
    Step("backfill", ("backfill", "--json")),
)


@pytest.mark.slow
def test_operating_commands_succeed_at_once_under_all_weather(
    pixelater: Pixelater, tmp_path: Path, weather_seed: int
) -> None:
    for number, name in enumerate(PHOTOS):
        (tmp_path / name).write_bytes(encode(make_noise("RGB", (32, 32), number), "PNG"))
    with start_stormy(seed=weather_seed) as stormy:
        publish_runtime(stormy)
        outcomes = [
            one for step in (DEPLOY, *OPERATING) for one in run_step(pixelater, stormy, step)
        ]
        assert [str(one) for one in outcomes if one.failed] == []
