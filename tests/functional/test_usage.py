"""Wrong command lines: what is wrong, and which command has the help."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.conftest import Pixelater

MUST = "must be a whole number"
RUN_HELP = "See: pixelater run --help"


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("run x.jpg --sheet", "option '--sheet' requires an argument", "See: pixelater run --help"),
        (
            "package --out",
            "option '--out' requires an argument",
            "See: pixelater package --help",
        ),
        ("run x.jpg --quality 200", "--quality: 200 is not from 1 to 100", RUN_HELP),
        ("run x.jpg --quality x", "--quality: 'x' is not a whole number", RUN_HELP),
        (
            "run x.jpg --jobs 0",
            f"--jobs: {MUST} of at least 1, not 0",
            "See: pixelater run --help",
        ),
        (
            "backfill --rate x",
            "--rate: must be a number of at least 0.01, not 'x'",
            "See: pixelater backfill --help",
        ),
        (
            "run x.jpg --format jpgg",
            "--format: 'jpgg' is not one of same, auto, jpeg, png, webp, gif, tiff, bmp, avif, "
            "ktx2",
            "Did you mean jpeg?",
        ),
        (
            "failures lits",
            "invalid value for 'ACTION': 'lits' is not one of 'list', 'retry', 'drop'",
            "Did you mean list?",
        ),
        (
            "deploy --grids 8 16",
            "got unexpected extra argument(s) (16)",
            "Separate the numbers with commas: --grids 8,16",
        ),
        (
            "run x.jpg --grids 8 16 32",
            "16 does not exist",
            "Separate the numbers with commas: --grids 8,16,32",
        ),
        ("logs --since 0m", "--since: '0m' must be longer than 0", "Write it like 30s, 10m or 2h."),
        (
            "rollback --to x",
            "--to: 'x' is not a version number",
            "Write a number, such as 3.",
        ),
        (
            "backfill --role x",
            "--role is for --via s3-batch",
            "Add --via s3-batch, or omit --role.",
        ),
        (
            "deploy --tag team=a --tag team=b",
            "--tag: 'team=a' and 'team=b' are the same tag",
            "Give each tag one value, whatever the case.",
        ),
        (
            "deploy --tag team=a,Team=a",
            "--tag: 'team=a' and 'Team=a' are the same tag",
            "Give each tag one value, whatever the case.",
        ),
        (
            "deploy --prefix a*",
            "--prefix: 'a*' has a *, which S3 does not take in filters, not even as a wildcard",
            "Write the beginning or the end of keys: 2026/, .jpg",
        ),
        (
            "deploy --suffix *.jpg",
            "--suffix: '*.jpg' has a *, which S3 does not take in filters, not even as a wildcard",
            "Write the beginning or the end of keys: 2026/, .jpg",
        ),
        (
            "status --stack My_Stack",
            "--stack: 'My_Stack' cannot be part of a bucket's name",
            "Use at most 20 lower-case letters, digits and single hyphens, a letter first.",
        ),
        (
            "emulate x.jpg --port 1",
            "--port cannot be combined with photos",
            "Omit the photos to serve, and upload them with any S3 client.",
        ),
        (
            "emulate --weather-seed 3",
            "--weather-seed has no effect without --weather",
            "Add --weather, or omit it.",
        ),
        (
            "emulate --weather all,stale",
            "--weather: all cannot be combined with other kinds",
            "Use order, stale, newborn, slow, throttle, faults, or all.",
        ),
        (
            "emulate x.jpg --watch --weather all",
            "--watch, --weather cannot be combined with photos",
            "Omit the photos to serve, and upload them with any S3 client.",
        ),
    ],
)
def test_wrong_command_line_is_explained_before_signing_in(
    pixelater: Pixelater, line: str, message: str, hint: str
) -> None:
    done = pixelater(*line.split())
    assert (done.code, done.out, done.err) == (2, "", f"error: {message}\n  {hint}\n")


def test_number_in_settings_file_is_explained_like_an_option(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    (tmp_path / "pixelater.toml").write_text("memory = 5\n")
    done = pixelater("deploy")
    assert (done.code, done.err) == (
        2,
        f"error: pixelater.toml: memory: {MUST} from 128 to 10240, not 5\n"
        "  See: pixelater deploy --help\n",
    )


@pytest.mark.parametrize("option", ["--log-days 2", "--stack My_Stack", "--grids x"])
def test_deploy_checks_options_before_signing_in(pixelater: Pixelater, option: str) -> None:
    done = pixelater("deploy", *option.split())
    assert done.code == 2
    assert done.err.startswith(f"error: {option.split(maxsplit=1)[0]}: ")


@pytest.mark.parametrize(
    ("path", "problem"),
    [("nope.jpg", "does not exist"), ("*.nope", "no files match this pattern")],
)
def test_missing_path_is_to_be_checked(pixelater: Pixelater, path: str, problem: str) -> None:
    done = pixelater("run", path)
    assert (done.code, done.err) == (1, f"error: {path}: {problem}\n  Check the path.\n")


def test_help_words_ranges(pixelater: Pixelater) -> None:
    page = " ".join(pixelater("deploy", "--help").out.split())
    assert "128 to 10240]" in page
    assert "[at least 1]" in page
    assert "<=" not in page + pixelater("run", "--help").out


def test_folder_of_the_state_that_is_a_file_is_named(pixelater: Pixelater, tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.touch()
    done = pixelater("emulate", "--port", "0", "--persist", file)
    assert (done.code, done.err) == (
        2,
        f"error: {file} is a file, not a folder\n  Name a folder.\n",
    )


def test_folder_of_the_state_that_cannot_be_made_names_its_option(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    done = pixelater("emulate", "--port", "0", "--persist", tmp_path / "file" / "kept")
    assert (done.code, done.err) == (
        1,
        f"error: cannot use {tmp_path / 'file' / 'kept'} as the folder for the state: "
        "not a directory\n  Choose another with --persist.\n",
    )
