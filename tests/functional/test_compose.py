"""localstack-compose.yml: valid as the Compose specification has it, closed, pinned, explained."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from pixelater_cli.aws.stack import Stack
from tests.functional.conftest import ROOT, Pixelater
from tests.live.ministack import REQUIREMENTS

TEXT = (ROOT / "localstack-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVERS = ("localstack", "ministack")
DEPLOYERS = {"deploy": "localstack", "deploy-to-ministack": "ministack"}
SCHEMA = json.loads((ROOT / "tests" / "schemas" / "compose-spec.json").read_text())


def test_the_file_is_valid_by_the_compose_specification() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(COMPOSE)] == []


def test_the_schema_tells_right_from_wrong() -> None:
    broken = COMPOSE | {"services": {"localstack": {"image": "a", "port": ["4566:4566"]}}}
    assert not Draft7Validator(SCHEMA).is_valid(broken)


def test_without_a_profile_there_are_localstack_and_its_deployment() -> None:
    assert SERVICES.keys() == {*SERVERS, *DEPLOYERS}
    profiles = {name: service.get("profiles", []) for name, service in SERVICES.items()}
    assert {name for name, needed in profiles.items() if not needed} == {"localstack", "deploy"}
    assert profiles["ministack"] == profiles["deploy-to-ministack"] == ["ministack"]


@pytest.mark.parametrize(("name", "port"), [("localstack", 4566), ("ministack", 4567)])
def test_a_server_is_reached_from_this_machine_only_and_says_when_it_is_ready(
    name: str, port: int
) -> None:
    service = SERVICES[name]
    assert service["ports"] == [f"127.0.0.1:{port}:4566"]
    assert f"http://localhost:4566/_{name}/health" in service["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned(name: str) -> None:
    assert re.search(r":\d+\.\d+", SERVICES[name]["image"])


def test_the_ministack_is_the_one_that_the_tests_run_against() -> None:
    version = REQUIREMENTS[0].removeprefix("ministack==")
    assert SERVICES["ministack"]["image"] == f"ministackorg/ministack:{version}-full"


def test_only_localstack_sees_dockers_socket_and_nobody_needs_a_token() -> None:
    with_socket = {name for name, one in SERVICES.items() if "docker.sock" in json.dumps(one)}
    assert with_socket == {"localstack"}
    assert SERVICES["localstack"]["image"] == "localstack/localstack:4.14.0"
    assert not any("TOKEN" in json.dumps(one.get("environment", {})) for one in SERVICES.values())


def test_localstack_serves_what_a_stack_needs() -> None:
    wanted = {"s3", "lambda", "iam", "sqs", "logs", "sts"}
    assert set(SERVICES["localstack"]["environment"]["SERVICES"].split(",")) == wanted


def test_every_setting_is_explained() -> None:
    settings = [line for line in TEXT.splitlines() if re.match(r"      [A-Z_]+: ", line)]
    assert len(settings) == sum(len(one.get("environment", {})) for one in SERVICES.values())
    assert [line for line in settings if " # " not in line] == []


@pytest.mark.parametrize(("name", "server"), DEPLOYERS.items())
def test_a_deployment_waits_for_its_server_and_ends(name: str, server: str) -> None:
    service = SERVICES[name]
    assert service["depends_on"] == {server: {"condition": "service_healthy"}}
    assert service["environment"]["AWS_ENDPOINT_URL"] == f"http://{server}:4566"
    assert (service["restart"], ".:/project:ro" in service["volumes"]) == ("no", True)


@pytest.mark.parametrize("name", DEPLOYERS)
def test_what_a_deployment_runs_deploys_to_the_address_it_is_given(
    name: str, pixelater: Pixelater, moto: str
) -> None:
    """Installing is left out, and played in tests/live/test_compose.py."""
    *shell, script = SERVICES[name]["command"]
    program, *arguments = script.splitlines()[-1].removeprefix("exec ").split()
    assert (shell, program) == (["sh", "-ec"], "~/.cache/venv/bin/pixelater")
    done = pixelater(*arguments, AWS_ENDPOINT_URL=moto)
    assert (done.code, "Upload photos to  s3://pixelater-source-bucket/\n" in done.out) == (0, True)


def test_the_function_runs_in_the_python_of_ministacks_image() -> None:
    assert Stack("0", "us-east-1").runtime == "python3.13"
    assert "Python, 3.13 as `pixelater deploy` has by default" in TEXT
