"""What a shell completes, as it asks for it: with environment variables of Typer's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.conftest import Pixelater


def complete(pixelater: Pixelater, *words: str, **environment: str) -> list[str]:
    """Ask as bash does for what the last word may become."""
    done = pixelater(
        _PIXELATER_COMPLETE="complete_bash",
        COMP_WORDS=" ".join(["pixelater", *words]),
        COMP_CWORD=str(len(words)),
        **environment,
    )
    assert (done.code, done.err) == (0, "")
    return done.out.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("ro",), ["rollback"]),
        (("run", "--gr"), ["--grids"]),
        (("run", "--format", "w"), ["webp"]),
    ],
)
def test_commands_options_and_values_are_completed(
    pixelater: Pixelater, words: tuple[str, ...], expected: list[str]
) -> None:
    assert complete(pixelater, *words) == expected


def test_profiles_come_from_the_aws_configuration(pixelater: Pixelater, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "[default]\nregion = x\n[profile work]\n[ profile  worn out ]\n[sso-session wo]\n"
    )
    (tmp_path / "credentials").write_text("[worker]\naws_access_key_id = [wo]\n[play]\n")
    environment = {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }
    found = complete(pixelater, "status", "--profile", "work", **environment)
    assert found == ["work", "worker"]
    assert "default" in complete(pixelater, "deploy", "--profile", "d", **environment)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\0"])
def test_without_a_readable_configuration_nothing_is_completed(
    pixelater: Pixelater, tmp_path: Path, content: bytes | None
) -> None:
    if content:
        (tmp_path / "config").write_bytes(content)
    environment = {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    assert complete(pixelater, "status", "--profile", "", **environment) == []


def test_stacks_that_were_looked_at_are_completed(
    pixelater: Pixelater, moto: str, tmp_path: Path
) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert complete(pixelater, "status", "--stack", "", **cache) == []
    for name in ("blue", "black", "red", "blue"):
        pixelater("status", "--stack", name, "--endpoint-url", moto, **cache)
    assert complete(pixelater, "destroy", "--stack", "bl", **cache) == ["black", "blue"]


def test_the_script_for_a_shell_is_shown_and_installed(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    shell = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    shown = pixelater("--show-completion", "bash", **shell)
    assert shown.code == 0
    assert "_PIXELATER_COMPLETE=complete_bash" in shown.out
    installed = pixelater("--install-completion", "bash", **shell)
    assert (installed.code, "completion installed in" in installed.out) == (0, True)
    written = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert any("_PIXELATER_COMPLETE" in path.read_text() for path in written)
