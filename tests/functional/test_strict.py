"""The emulator refuses what AWS refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from tests.functional.lambdas import start_bench
from tests.strictness.site import Case, Site
from tests.strictness.suite import CASES, check_case, make_site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_bench(EmulatorSettings()) as bench:
        yield make_site(bench.url)


def test_cases_have_names_of_their_own() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_emulator_answers_as_aws(site: Site, case: Case) -> None:
    check_case(site, case)
