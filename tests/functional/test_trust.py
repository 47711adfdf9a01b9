"""Endpoints and profiles of a pixelater.toml that the user did not name."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixelater_cli.cli.lazy_group import COMMAND_NAMES, load_command
from pixelater_cli.cli.trust import find_doubtful
from tests.functional.conftest import Environment, Pixelater
from tests.functional.terminals import answer

DOUBTFUL = 'endpoint-url = "http://192.0.2.1:4566"\nregion = "us-east-1"\n'
REFUSAL = """\
error: pixelater.toml is used only with consent: endpoint-url = 'http://192.0.2.1:4566'
  If you trust it, add --trust-config, or name it: pixelater --config
  pixelater.toml ...
"""
COMMANDS = {
    "backfill": ["--plan"],
    "deploy": ["--plan"],
    "destroy": ["--yes"],
    "doctor": [],
    "failures": [],
    "logs": [],
    "preview": ["--from-stack"],
    "push": ["photo.jpg"],
    "rollback": [],
    "status": [],
}
LOOPBACK = [
    "http://localhost:4566",
    "HTTP://LOCALHOST",
    "https://s3.localhost:4566/",
    "http://127.0.0.1:1",
    "http://127.3.2.1",
    "http://[::1]:4566",
    "http://[::ffff:127.0.0.1]",
]
ELSEWHERE = [
    "http://example.com:4566",
    "http://192.0.2.1",
    "http://localhost.example.com",
    "http://127.0.0.1.example.com",
    "http://127.0.0.1@example.com",
    "http://example.com\\@127.0.0.1",
    "http://example.com#@127.0.0.1",
    "http://example.com?@localhost",
    "http://2130706433",
    "http://127.1",
    "http://0.0.0.0:4566",
    "http://[::]",
    "//127.0.0.1",
    "ftp://127.0.0.1",
    "http://127.0.0.1\n.example.com",
    " http://127.0.0.1",
    "http://localhost/../x",
    "https://s3.eu-central-1.amazonaws.com",
    "nonsense",
]


@pytest.mark.parametrize("url", LOOPBACK)
def test_loopback_endpoint_needs_no_consent(url: str) -> None:
    assert list(find_doubtful({"endpoint-url": url})) == []


@pytest.mark.parametrize("url", ELSEWHERE)
def test_other_endpoint_needs_consent(url: str) -> None:
    assert list(find_doubtful({"endpoint-url": url})) == [("endpoint-url", url)]


def test_any_profile_needs_consent() -> None:
    settings = {"endpoint-url": LOOPBACK[0], "profile": "work", "stack": "mine"}
    assert list(find_doubtful(settings)) == [("profile", "work")]
    assert list(find_doubtful({"endpoint-url": "", "profile": ""})) == []


def test_every_command_that_connects_is_covered() -> None:
    connecting = [
        name
        for name in COMMAND_NAMES
        if any(parameter.name == "endpoint_url" for parameter in load_command(name).params)
    ]
    assert sorted(connecting) == sorted([*COMMANDS, "emulate"])  # `emulate` does not read the file.


@pytest.mark.parametrize("command", COMMANDS)
def test_doubtful_endpoint_is_refused_without_a_terminal(
    pixelater: Pixelater, tmp_path: Path, photo: Path, command: str
) -> None:
    Path(tmp_path, "pixelater.toml").write_text(DOUBTFUL)
    done = pixelater(command, *COMMANDS[command])
    assert (done.code, done.out, done.err) == (2, "", REFUSAL)


def test_preview_of_photos_needs_no_consent(
    pixelater: Pixelater, tmp_path: Path, photo: Path
) -> None:
    Path(tmp_path, "pixelater.toml").write_text(DOUBTFUL)
    done = pixelater("preview", "photo.jpg")
    assert (done.code, done.err) == (0, "")


PROFILE = 'profile = "none"\n'
NOT_FOUND = "The config profile (none) could not be found"


@pytest.mark.parametrize(
    "words",
    [
        ["status", "--trust-config"],
        ["--trust-config", "status"],
        ["--config", "pixelater.toml", "status"],
        ["status", "--profile", "none"],
    ],
)
def test_consent_on_the_command_line_is_enough(
    pixelater: Pixelater, tmp_path: Path, words: list[str]
) -> None:
    Path(tmp_path, "pixelater.toml").write_text(PROFILE)
    assert NOT_FOUND in pixelater(*words).err


@pytest.mark.parametrize(
    "variable", [{"PIXELATER_CONFIG": "pixelater.toml"}, {"PIXELATER_PROFILE": "none"}]
)
def test_variables_are_the_users_own(
    pixelater: Pixelater, tmp_path: Path, variable: dict[str, str]
) -> None:
    Path(tmp_path, "pixelater.toml").write_text(PROFILE)
    assert NOT_FOUND in pixelater("status", **variable).err


def test_endpoint_of_the_command_line_leaves_the_profile_doubtful(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    Path(tmp_path, "pixelater.toml").write_text(DOUBTFUL + PROFILE)
    done = pixelater("status", "--endpoint-url", "http://127.0.0.1:9")
    assert (done.code, "consent: profile = 'none'" in done.err) == (2, True)


@pytest.mark.parametrize(("word", "code"), [("n", 3), ("", 3), ("y", 2)])
def test_terminal_shows_the_settings_and_asks(
    clean_environment: Environment, tmp_path: Path, word: str, code: int
) -> None:
    Path(tmp_path, "pixelater.toml").write_text(PROFILE)
    ended, shown = answer(word, tmp_path, clean_environment, "status")
    assert ended == code
    assert "pixelater.toml in this folder sets:" in shown
    assert "  profile = 'none'" in shown
    assert "Go on? [y/N]" in shown
    assert (NOT_FOUND in shown) is (word == "y")


def test_local_commands_ask_nothing(pixelater: Pixelater, tmp_path: Path, photo: Path) -> None:
    Path(tmp_path, "pixelater.toml").write_text(DOUBTFUL + PROFILE)
    assert pixelater("run", photo).code == 0
    assert pixelater("status", "--help").code == 0
