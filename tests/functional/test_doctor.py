"""`pixelater doctor`: what works on this machine, and what to do for the rest."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from pixelater_cli import __version__
from pixelater_cli.results.doctor import Check, DoctorResult
from tests.functional.conftest import Done, Pixelater


def read(done: Done) -> dict[str, dict[str, object]]:
    """Give the checks of a JSON document by their name."""
    document = json.loads(done.out)
    assert (document["version"], document["command"]) == (1, "doctor")
    return {check["name"]: check for check in document["checks"]}


def write_docker(folder: Path, script: str) -> dict[str, str]:
    """Write a `docker` of our own, and give the environment in which it is the only one."""
    (folder / "bin").mkdir()
    (folder / "bin" / "docker").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bin" / "docker").chmod(0o755)
    return {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def test_without_an_account_what_works_here_works_and_the_rest_is_explained(
    pixelater: Pixelater,
) -> None:
    done = pixelater("doctor", PATH="")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[:3] == [
        f"pixelater {__version__}",
        "",
        "Photos on this machine (pixelater run)",
    ]
    (account,) = (n for n, line in enumerate(lines) if line == "AWS (pixelater deploy)")
    assert lines[account + 1 :] == [
        "  fails  settings: no AWS region is set",
        "         Name one: --region eu-central-1, or AWS_DEFAULT_REGION in the",
        "         environment.",
        "  fails  credentials: no AWS credentials were found",
        "         Sign in with `aws configure sso` or `aws configure`, name a profile",
        "         with --profile, or try it without an account: pixelater emulate",
        "         photo.jpg",
        "",
        "Optional: an emulator in a container (docker compose)",
        "  lacks  Docker: not installed",
        "         Only localstack-compose.yml needs Docker. Use pixelater emulate",
        "         instead.",
    ]
    assert all(len(line) <= 80 for line in lines if "/" not in line)


def test_the_document_names_every_check(pixelater: Pixelater) -> None:
    checks = read(pixelater("doctor", "--json", "--region", "eu-central-1"))
    assert list(checks) == [
        "Python",
        "Pillow",
        "more formats",
        "HEIC",
        "folder",
        "cache",
        "moto",
        "awslambdaric",
        "Docker",
        "settings",
        "credentials",
    ]
    assert checks["settings"]["found"] == "profile default, region eu-central-1"
    assert checks["credentials"] == {
        "purpose": "deploy",
        "name": "credentials",
        "works": False,
        "found": "no AWS credentials were found",
        "advice": "Sign in with `aws configure sso` or `aws configure`, name a profile with "
        "--profile, or try it without an account: pixelater emulate photo.jpg",
        "required": True,
    }


def test_it_says_who_is_signed_in_how_and_where(pixelater: Pixelater, moto: str) -> None:
    checks = read(
        pixelater(
            "doctor",
            "--json",
            "--endpoint-url",
            moto,
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
        )
    )
    assert checks["credentials"]["found"] == "from the environment"
    said = str(checks["identity"]["found"])
    assert said.startswith("arn:aws:sts::123456789012:user/moto, says ")
    assert moto.removeprefix("http://") in said


def test_credentials_are_found_in_the_profile_that_is_named(
    pixelater: Pixelater, moto: str, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(
        "[work]\naws_access_key_id = a\naws_secret_access_key = b\n"
    )
    environment = {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    done = pixelater("doctor", "--json", "--profile", "work", "--endpoint-url", moto, **environment)
    checks = read(done)
    assert checks["settings"]["found"] == "profile work, region us-east-1"
    assert checks["credentials"]["found"] == "from the credentials file"
    other = read(pixelater("doctor", "--json", "--profile", "play", **environment))
    assert other["settings"]["found"] == "The config profile (play) could not be found"


def test_an_endpoint_that_is_not_there_is_named(pixelater: Pixelater) -> None:
    checks = read(pixelater("doctor", "--json", "--endpoint-url", "http://127.0.0.1:1"))
    assert checks["identity"]["found"] == "no answer from http://127.0.0.1:1/"


def test_a_server_that_never_answers_is_not_waited_for(pixelater: Pixelater) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = pixelater("doctor", "--json", "--endpoint-url", f"http://127.0.0.1:{port}")
    assert done.code == 0
    assert str(read(done)["identity"]["found"]).startswith("no answer ")


@pytest.mark.parametrize(
    ("script", "works", "found"),
    [
        ("echo 27.1", True, "27.1"),
        ("echo no daemon >&2; exit 1", False, "installed, but the daemon does not answer"),
        ("exec sleep 60", False, "does not answer"),
    ],
)
def test_docker_is_asked_for_its_version(
    pixelater: Pixelater, tmp_path: Path, script: str, works: bool, found: str
) -> None:
    docker = read(pixelater("doctor", "--json", **write_docker(tmp_path, script)))["Docker"]
    assert (docker["works"], docker["found"], docker["required"]) == (works, found, False)


GOOD = Check("run", "Python", True, "3.13")
BAD = Check("run", "Pillow", False, "13, without JPEG", "Install it.")


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ((GOOD,), 0),
        ((GOOD, BAD), 1),
        ((GOOD, Check("run", "HEIC", False, "none", "Install it.", required=False)), 0),
        ((GOOD, Check("deploy", "identity", False, "none", "Sign in.")), 0),
        ((GOOD, Check("emulate", "moto", False, "none", "Install it.")), 0),
    ],
)
def test_the_exit_code_tells_whether_local_use_works(checks: tuple[Check, ...], code: int) -> None:
    assert DoctorResult("1", checks).exit_code == code


def test_what_fails_comes_with_what_to_do() -> None:
    assert list(DoctorResult("1", (GOOD, BAD)).render()) == [
        "pixelater 1",
        "",
        "Photos on this machine (pixelater run)",
        "  works  Python: 3.13",
        "  fails  Pillow: 13, without JPEG",
        "         Install it.",
    ]


@pytest.mark.parametrize(
    ("text", "works", "found", "advice"),
    [
        ("memory = 256", True, "pixelater.toml, 1 setting", ""),
        (
            "not = [valid",
            False,
            "pixelater.toml is not TOML: Invalid value (at line 1, column 8)",
            'Settings look like this: memory = 512, or: prefix = "in/"',
        ),
        (
            "memry = 5",
            False,
            "pixelater.toml: no such setting: memry",
            "Did you mean memory?",
        ),
    ],
)
def test_a_broken_file_of_settings_is_one_finding_among_others(
    pixelater: Pixelater, tmp_path: Path, text: str, works: bool, found: str, advice: str
) -> None:
    (tmp_path / "pixelater.toml").write_text(text)
    checks = read(pixelater("doctor", "--json"))
    file = checks["settings file"]
    assert (file["works"], file["found"], file["advice"]) == (works, found, advice)
    assert "credentials" in checks


def test_without_a_region_it_still_says_who_is_signed_in(pixelater: Pixelater) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    nowhere = {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1"}
    checks = read(pixelater("doctor", "--json", **keys, **nowhere))
    assert checks["settings"]["found"] == "no AWS region is set"
    assert checks["credentials"]["found"] == "from the environment"
    assert checks["identity"]["found"] == "no answer from http://127.0.0.1:1/"
