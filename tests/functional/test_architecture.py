"""The shape of the code: who may import whom, who may print, what stays pure and light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = sorted((ROOT / "lambda" / "pixelater").glob("*.py"))
CLI = sorted(path for path in (ROOT / "pixelater_cli").rglob("*.py"))
MODULES = [*ENGINE, *CLI]

TALKS_TO_AWS = ("handler.py", "storage.py", "failures.py")
"""The function's modules that know boto3; failures.py only its errors."""

PURE_AWS = {"collections", "dataclasses", "json", "pixelater_cli", "typing"}
PURE_LOG = PURE_AWS | {"datetime", "math", "signal"}
PURE = {
    "lambda/pixelater/delivery.py": {"collections", "dataclasses", "hashlib", "typing", "urllib"},
    "lambda/pixelater/events.py": {"collections", "dataclasses", "json", "typing", "urllib"},
    "pixelater_cli/drawing.py": {"collections", "itertools", "typing"},
    "pixelater_cli/page.py": {"base64", "collections", "html", "pixelater_cli"},
    "pixelater_cli/names.py": {
        "collections",
        "pathlib",
        "pixelater_cli",
        "re",
        "string",
        "typing",
    },
    "lambda/pixelater/blocks.py": {"PIL", "collections", "itertools", "typing"},
    "lambda/pixelater/modes.py": {"PIL", "math", "typing"},
    "lambda/pixelater/means.py": {
        "PIL",
        "collections",
        "itertools",
        "math",
        "operator",
        "pixelater",
        "typing",
    },
    "pixelater_cli/aws/stack.py": {"dataclasses", "re", "typing"},
    "pixelater_cli/aws/documents.py": {"pixelater_cli"},
    "pixelater_cli/aws/facts.py": {
        "collections",
        "dataclasses",
        "operator",
        "pixelater_cli",
        "typing",
    },
    "pixelater_cli/aws/buckets.py": PURE_AWS,
    "pixelater_cli/aws/function.py": PURE_AWS | {"functools"},
    "pixelater_cli/aws/resources.py": PURE_AWS,
    "pixelater_cli/aws/mosaics.py": {
        "collections",
        "dataclasses",
        "datetime",
        "pixelater",
        "pixelater_cli",
    },
    "pixelater_cli/aws/failures.py": PURE_AWS | {"urllib"},
    "pixelater_cli/aws/log_lines.py": PURE_AWS | {"re"},
    "pixelater_cli/aws/traffic.py": PURE_AWS,
    "pixelater_cli/aws/backfill.py": PURE_AWS | {"urllib"},
    "pixelater_cli/aws/plan.py": {"collections", "dataclasses", "pixelater_cli"},
    "pixelater_cli/aws/platforms.py": {"collections", "pixelater_cli", "re"},
    "pixelater_cli/aws/trigger.py": PURE_AWS,
    "pixelater_cli/aws/deployer.py": {"pixelater_cli"},
    "pixelater_cli/aws/contents.py": {"collections", "pathlib"},
    "pixelater_cli/emulator/happenings.py": {"dataclasses", "json", "pixelater_cli"},
    "pixelater_cli/emulator/function.py": {"collections", "dataclasses", "json", "typing"},
    "pixelater_cli/emulator/limits.py": set(),
    "pixelater_cli/emulator/log_lines.py": PURE_LOG,
    "pixelater_cli/emulator/records.py": {
        "dataclasses",
        "json",
        "pixelater_cli",
        "typing",
        "urllib",
    },
    "pixelater_cli/emulator/schedule.py": {"dataclasses", "pixelater_cli", "typing"},
    **{
        path.relative_to(ROOT).as_posix(): {
            "collections",
            "dataclasses",
            "io",
            "textwrap",
            "datetime",
            "json",
            "pathlib",
            "pixelater_cli",
            "typing",
            "zipfile",
        }
        for path in sorted(ROOT.glob("pixelater_cli/results/*.py"))
    },
}

LAYERS = {
    "pixelater_cli.app": {
        "pixelater_cli",
        "commands",
        "config",
        "output",
        "errors",
        "help",
        "loading",
    },
    "pixelater_cli.config": {"errors"},
    "pixelater_cli.loading": {"commands", "help"},
    "pixelater_cli.help": {"errors"},
    "pixelater_cli.completion": {"files", "errors"},
    "pixelater_cli.machine": {"results"},
    "pixelater_cli.commands": {
        "pixelater_cli",
        "commands",
        "batch",
        "files",
        "machine",
        "completion",
        "memory",
        "names",
        "saving",
        "previews",
        "sheet",
        "page",
        "output",
        "errors",
        "results",
        "aws",
        "emulator",
    },
    "pixelater_cli.emulator": {"emulator", "aws", "errors", "files"},
    "pixelater_cli.aws": {"aws", "errors"},
    "pixelater_cli.batch": {"files", "previews", "errors"},
    "pixelater_cli.previews": {"drawing"},
    "pixelater_cli.drawing": set(),
    "pixelater_cli.sheet": {"previews"},
    "pixelater_cli.page": {"previews"},
    "pixelater_cli.files": {"errors"},
    "pixelater_cli.memory": {"files", "errors"},
    "pixelater_cli.names": {"errors"},
    "pixelater_cli.saving": {"batch", "files", "memory", "names", "errors", "results"},
    "pixelater_cli.output": {"aws", "drawing", "errors", "results"},
    "pixelater_cli.results": {"results", "aws"},
    "pixelater_cli.errors": set(),
}


def imports(path: Path) -> Iterator[str]:
    """List the modules a file imports, as dotted names, those inside functions included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (
                names
                if node.module in ("pixelater_cli", "pixelater_cli.aws")
                else [str(node.module)]
            )


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", ENGINE, ids=relative)
def test_the_engine_knows_nothing_of_the_command_line(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    assert not roots & {"pixelater_cli", "typer", "rich", "moto"}
    assert path.name in TALKS_TO_AWS or not roots & {"boto3", "botocore"}


@pytest.mark.parametrize(("name", "allowed"), PURE.items())
def test_a_pure_module_imports_nothing_that_reads_or_writes(name: str, allowed: set[str]) -> None:
    assert {module.split(".")[0] for module in imports(ROOT / name)} <= allowed


@pytest.mark.parametrize("path", CLI, ids=relative)
def test_imports_point_one_way(path: Path) -> None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    layer = next((name for name in LAYERS if module.startswith(name)), None)
    if layer is None:
        assert module in ("pixelater_cli.__init__", "pixelater_cli.__main__")
        return
    ours = {name for name in imports(path) if name.split(".")[0] == "pixelater_cli"}
    used = {name.split(".")[1] if "." in name else name for name in ours}
    assert used - {"__version__"} <= LAYERS[layer]


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_only_output_prints(path: Path) -> None:
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    prints = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
    assert not prints or path.name == "output.py"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_says_in_one_sentence_what_it_owns_and_stays_short(path: Path) -> None:
    text = path.read_text()
    first = (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0]
    assert first.endswith(".")
    assert len(text.splitlines()) <= 320


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from pixelater_cli import app; heavy = set(sys.argv[1:]); "
        "print(sorted(heavy & set(sys.modules)))"
    )
    path = f"{ROOT}{':' if sys.platform != 'win32' else ';'}{ROOT / 'lambda'}"
    command = [sys.executable, "-c", script, "PIL", "boto3", "moto", "pixelater", "rich"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert done.stdout.strip() == "[]"
