"""What the servers that the switches name refuse, compared with AWS's documentation.

deviations.json names the cases in which a server is known to deviate; docs/explanation/emulators.md
counts them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.live.conftest import list_chosen
from tests.pipeline import Place
from tests.strictness.functions import STATES
from tests.strictness.s3_requests import ACLS
from tests.strictness.site import Case, Site
from tests.strictness.suite import CASES, check_case, make_site

DEVIATIONS = json.loads(Path(__file__).with_name("deviations.json").read_text())


@pytest.fixture(scope="module")
def site(place: Place) -> Site:
    if place.name == "aws":
        pytest.skip("these requests are signed with keys that are made up")
    return make_site(place.name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_server_answers_as_aws(site: Site, case: Case, pytestconfig: pytest.Config) -> None:
    server = list_chosen(pytestconfig)[0].removesuffix("-url")
    known = DEVIATIONS.get(server, {})
    # Another server may be quicker, or not; and its ACLs may depend on what other cases have left.
    is_race = case.page in (STATES, ACLS) and server != "emulate"
    try:
        check_case(site, case)
    except Exception as error:
        if case.name in known or is_race:
            pytest.xfail(f"known to deviate: {error}")
        raise
    assert case.name not in known or is_race
