"""pixelater.toml and the environment: settings that are not on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pixelater_cli.cli.config import CONFIG_KEYS, find_misspelled_variables, load_config
from pixelater_cli.cli.lazy_group import load_command
from tests.functional.command import Snapshot
from tests.functional.conftest import Connect, Pixelater
from tests.functional.posix import make_pipe


def read_memory(connect: Connect, function: str = "pixelater-function") -> Any:
    return connect("lambda").get_function_configuration(FunctionName=function)["MemorySize"]


def test_the_command_line_goes_before_the_environment_and_that_before_the_file(
    pixelater: Pixelater, moto: str, connect: Connect, tmp_path: Path
) -> None:
    settings = f'endpoint-url = "{moto}"\nmemory = 256\nprefix = "in/"\n'
    settings += "grids = [8, 16]\nsmoke-test = false\n"
    Path(tmp_path, "pixelater.toml").write_text(settings)
    first = pixelater("deploy", "--json")
    assert (first.code, json.loads(first.out)["smoke_test_seconds"]) == (0, None)
    function = connect("lambda").get_function_configuration(FunctionName="pixelater-function")
    assert function["MemorySize"] == 256
    assert function["Environment"]["Variables"]["PIXELATER_GRIDS"] == "8,16"
    assert pixelater("deploy", PIXELATER_MEMORY="512").code == 0
    assert read_memory(connect) == 512
    assert pixelater("deploy", "--memory", "640", PIXELATER_MEMORY="512").code == 0
    assert read_memory(connect) == 640


def test_every_command_on_a_stack_reads_the_file(
    pixelater: Pixelater, moto: str, tmp_path: Path
) -> None:
    Path(tmp_path, "settings.toml").write_text(f'stack = "photos"\nendpoint_url = "{moto}"\n')
    named = ["--config", "settings.toml"]
    assert pixelater(*named, "deploy").code == 0
    status = pixelater(*named, "status", "--json")
    assert (status.code, json.loads(status.out)["stack"]) == (0, "photos")
    destroyed = json.loads(pixelater(*named, "destroy", "--yes", "--json").out)
    assert (destroyed["stack"], destroyed["kept"]) == ("photos", [])


@pytest.mark.parametrize(
    "text",
    [
        "memry = 512",
        "yes = true",
        "log_dyas = 7",
        'region = ["eu-west-1"]',
        "memory = {min = 512}",
    ],
)
def test_a_setting_that_is_none_is_named_with_the_nearest(
    pixelater: Pixelater, tmp_path: Path, text: str, snapshot: Snapshot
) -> None:
    Path(tmp_path, "pixelater.toml").write_text(text)
    done = pixelater("status")
    assert (done.code, done.out, done.err) == (2, "", snapshot)


@pytest.mark.parametrize(
    "setting",
    [
        'memory = "much"',
        "memory = 64",
        "memory = 512.5",
        "log-days = true",
        'runtime = "python2"',
        "grids = [8, 0]",
        "log-days = 4",
        'stack = "No"',
        'source-bucket = "s3://a"',
        f'prefix = "{"a" * 1000}"',
    ],
    ids=lambda setting: setting.partition(" = ")[0],
)
def test_a_wrong_value_is_told_to_be_where_it_was_written(
    pixelater: Pixelater, tmp_path: Path, setting: str, moto: str, snapshot: Snapshot
) -> None:
    key, _, value = setting.partition(" = ")
    value = "8,0" if value == "[8, 0]" else value.strip('"')
    by_option = pixelater("deploy", "--plan", f"--{key}", value, "--endpoint-url", moto)
    variable = f"PIXELATER_{key.upper().replace('-', '_')}"
    by_variable = pixelater("deploy", "--plan", "--endpoint-url", moto, **{variable: value})
    Path(tmp_path, "pixelater.toml").write_text(setting)
    by_file = pixelater("deploy", "--plan", "--endpoint-url", moto)
    assert (by_option.code, by_variable.code, by_file.code) == (2, 2, 2)
    problems = {
        by_option.err.removeprefix(f"error: --{key}: "),
        by_variable.err.removeprefix(f"error: {variable}: "),
        by_file.err.removeprefix(f"error: pixelater.toml: {key}: "),
    }
    assert problems == snapshot


def test_a_file_that_is_no_toml_or_not_there_is_named(pixelater: Pixelater, tmp_path: Path) -> None:
    Path(tmp_path, "bad.toml").write_text("memory: 512")
    bad = pixelater("--config", "bad.toml", "status")
    assert (bad.code, bad.err.startswith("error: bad.toml is not TOML")) == (2, True)
    absent = pixelater("--config", "absent.toml", "status")
    assert absent.err.startswith("error: absent.toml: cannot read it: no such file")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"\0",
        b'stack = "\xff"',
        b"a = " + b"[" * 100_000,
        b"a = " + b"{a=" * 20_000,
        b"memory = " + b"9" * 5000,
        b"memory = 99999-99-99",
        b"memory = nan",
        b"memory = 1979-05-27",
        b"memory = 1" + b"0" * 4000,
        b"[stack]\nname = 1",
        b'"\\u0000" = 1',
        b"#" * 1_000_001,
    ],
    ids=lambda content: repr(content[:20]),
)
def test_settings_that_cannot_be_meant_are_refused(
    pixelater: Pixelater, tmp_path: Path, content: bytes
) -> None:
    Path(tmp_path, "pixelater.toml").write_bytes(content)
    done = pixelater("deploy", "--plan", "--endpoint-url", "http://127.0.0.1:9")
    assert (done.code, done.err.startswith("error: pixelater.toml")) == (2, True), done.err
    assert len(done.err.splitlines()) > 1


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_settings_that_are_no_file_are_refused(
    pixelater: Pixelater, tmp_path: Path, kind: str, snapshot: Snapshot
) -> None:
    make = Path.mkdir if kind == "folder" else make_pipe
    make(tmp_path / "pixelater.toml")
    done = pixelater("status")
    assert (done.code, done.err) == (2, snapshot)


def test_the_settings_are_the_options_of_deploy_that_do_not_say_what_to_do_now() -> None:
    options = {each.name.replace("_", "-") for each in load_command("deploy").params if each.envvar}
    assert options == set(CONFIG_KEYS)


def test_a_variable_that_is_nearly_one_of_ours_is_told() -> None:
    names = ["PIXELATER_STAK", "PIXELATER_FAILURES", "PIXELATER_HOME", "PIXELATER_MEMORY", "PATH"]
    assert list(find_misspelled_variables(names)) == [("PIXELATER_STAK", "PIXELATER_STACK")]


def test_a_misspelt_variable_is_warned_of_where_settings_count(
    pixelater: Pixelater, moto: str, photo: Path, snapshot: Snapshot
) -> None:
    done = pixelater("status", "--endpoint-url", moto, PIXELATER_STAK="mine")
    assert done.err == snapshot
    assert pixelater("run", photo, PIXELATER_STAK="mine").err == done.err.splitlines()[0] + "\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--profile", "none"], "The config profile (none) could not be found"),
        (["--region", "no where"], "Provided region_name 'no where' doesn't match"),
        ([], "no AWS region is set"),
    ],
)
def test_a_region_or_profile_that_is_none_is_a_wrong_command_line(
    pixelater: Pixelater, arguments: list[str], told: str
) -> None:
    done = pixelater("status", *arguments, AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b")
    assert (done.code, done.err.startswith(f"error: {told}")) == (2, True), done.err


@pytest.mark.parametrize("written", ['"https://a.example"', '["https://a.example"]'])
def test_emulate_takes_headers_but_no_origins_from_a_file(tmp_path: Path, written: str) -> None:
    """A downloaded file must not let the pages of others read what is in the emulator."""
    path = tmp_path / "pixelater.toml"
    path.write_text(f'cors = {written}\ncache-control = "no-cache"\n')
    configuration = load_config(path)
    origins = {"cors": ["https://a.example"]}
    assert configuration.choose("emulate") == {"cache_control": "no-cache"}
    assert configuration.choose("deploy") == {"cache_control": "no-cache", **origins}
    assert configuration.choose("run") == {}
