"""The shape of the code: who may import whom, who may print, what stays pure and light."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import draw_architecture

ROOT = Path(__file__).parents[2]
ENGINE = sorted((ROOT / "lambda" / "pixelater").glob("*.py"))
CLI = sorted(path for path in (ROOT / "pixelater_cli").rglob("*.py"))
MODULES = [*ENGINE, *CLI]
PAGE = ROOT / "docs" / "ARCHITECTURE.md"

TALKS_TO_AWS = ("handler.py", "storage.py", "failures.py")
"""The function's modules that know boto3; failures.py only its errors."""

PURE_AWS = {"collections", "dataclasses", "json", "pixelater_cli", "typing"}
PURE_LOG = PURE_AWS | {"datetime", "math", "signal"}
PURE = {
    "lambda/pixelater/delivery.py": {
        "collections",
        "dataclasses",
        "hashlib",
        "itertools",
        "typing",
        "urllib",
    },
    "lambda/pixelater/events.py": {"collections", "dataclasses", "json", "typing", "urllib"},
    "pixelater_cli/addresses.py": {"ipaddress", "urllib"},
    "pixelater_cli/drawing.py": {"collections", "itertools", "typing"},
    "pixelater_cli/marks.py": set(),
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
    "lambda/pixelater/profile_elements.py": {"collections", "math", "re", "struct"},
    "lambda/pixelater/profiles.py": {"collections", "itertools", "pixelater", "struct"},
    "lambda/pixelater/means.py": {
        "PIL",
        "collections",
        "itertools",
        "math",
        "operator",
        "pixelater",
        "typing",
    },
    "pixelater_cli/aws/server.py": {"collections", "dataclasses", "pixelater_cli", "urllib"},
    "pixelater_cli/aws/stack.py": {"dataclasses", "pixelater_cli", "re", "typing"},
    "pixelater_cli/aws/documents.py": {"pixelater_cli"},
    "pixelater_cli/aws/facts.py": {"collections", "dataclasses", "pixelater_cli", "typing"},
    "pixelater_cli/aws/buckets.py": PURE_AWS,
    "pixelater_cli/aws/function.py": PURE_AWS | {"functools"},
    "pixelater_cli/aws/resources.py": PURE_AWS | {"operator"},
    "pixelater_cli/aws/mosaics.py": {
        "collections",
        "dataclasses",
        "datetime",
        "pixelater",
        "pixelater_cli",
    },
    "pixelater_cli/aws/failures.py": PURE_AWS,
    "pixelater_cli/aws/log_lines.py": PURE_AWS | {"re"},
    "pixelater_cli/aws/traffic.py": PURE_AWS,
    "pixelater_cli/aws/backfill.py": PURE_AWS,
    "pixelater_cli/aws/canonical.py": PURE_AWS,
    "pixelater_cli/aws/keys.py": {"urllib"},
    "pixelater_cli/aws/plan.py": {"collections", "dataclasses", "pixelater_cli"},
    "pixelater_cli/aws/platforms.py": {"collections", "pixelater_cli", "re"},
    "pixelater_cli/aws/trigger.py": PURE_AWS | {"fnmatch", "itertools"},
    "pixelater_cli/aws/deployer.py": {"pixelater_cli"},
    "pixelater_cli/aws/contents.py": {"collections", "pathlib"},
    "pixelater_cli/emulator/backlog.py": {"collections", "heapq", "itertools", "pixelater_cli"},
    "pixelater_cli/emulator/happenings.py": {"dataclasses", "json", "pixelater_cli"},
    "pixelater_cli/emulator/function.py": {"collections", "dataclasses", "json", "typing"},
    "pixelater_cli/emulator/limits.py": set(),
    "pixelater_cli/emulator/origins.py": {"collections", "functools", "pixelater_cli", "typing"},
    "pixelater_cli/emulator/log_lines.py": PURE_LOG,
    "pixelater_cli/emulator/records.py": {
        "dataclasses",
        "json",
        "pixelater_cli",
        "typing",
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
    "pixelater_cli.app": {"config", "output", "errors", "help", "loading"},
    "pixelater_cli.config": {"errors"},
    "pixelater_cli.loading": {"commands", "help"},
    "pixelater_cli.help": {"errors"},
    "pixelater_cli.completion": {"files", "errors"},
    "pixelater_cli.machine": {"errors", "results"},
    "pixelater_cli.commands": {
        "addresses",
        "commands",
        "batch",
        "files",
        "machine",
        "completion",
        "config",
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
    "pixelater_cli.emulator": {"addresses", "emulator", "aws", "errors", "files"},
    "pixelater_cli.aws": {"addresses", "aws", "errors"},
    "pixelater_cli.batch": {"files", "previews", "errors"},
    "pixelater_cli.previews": {"drawing"},
    "pixelater_cli.drawing": set(),
    "pixelater_cli.sheet": {"marks", "previews"},
    "pixelater_cli.page": {"marks", "previews"},
    "pixelater_cli.files": {"errors", "marks"},
    "pixelater_cli.marks": set(),
    "pixelater_cli.memory": {"files", "errors"},
    "pixelater_cli.names": {"errors"},
    "pixelater_cli.saving": {"batch", "files", "memory", "names", "errors", "results"},
    "pixelater_cli.output": {"aws", "drawing", "errors", "results"},
    "pixelater_cli.results": {"results", "aws"},
    "pixelater_cli.addresses": set(),
    "pixelater_cli.errors": set(),
}


USES_THE_ENGINE = {"aws", "batch", "commands", "emulator", "files", "memory", "previews", "saving"}


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


def find_layer(path: Path) -> str | None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return next((one for one in LAYERS if f"{module}.".startswith(f"{one}.")), None)


def list_used(path: Path) -> set[str]:
    """List the layers that a module imports."""
    ours = {name for name in imports(path) if name.split(".")[0] == "pixelater_cli"}
    used = {name.split(".")[1] if "." in name else name for name in ours}
    return used - {"__version__"}


@pytest.mark.parametrize("path", CLI, ids=relative)
def test_imports_point_one_way(path: Path) -> None:
    layer = find_layer(path)
    if layer is None:
        assert path.name in ("__init__.py", "__main__.py")
        return
    assert list_used(path) <= LAYERS[layer]
    uses_the_engine = "pixelater" in {name.split(".")[0] for name in imports(path)}
    assert not uses_the_engine or layer.split(".")[1] in USES_THE_ENGINE


def test_no_layer_may_import_what_it_does_not() -> None:
    used: dict[str, set[str]] = {layer: set() for layer in LAYERS}
    engine = set()
    for path in CLI:
        layer = find_layer(path)
        if layer is not None:
            used[layer] |= list_used(path)
            if "pixelater" in {name.split(".")[0] for name in imports(path)}:
                engine.add(layer.split(".")[1])
    assert (used, engine) == (LAYERS, USES_THE_ENGINE)


def test_no_layer_comes_back_to_itself_through_others() -> None:
    left = {name.split(".")[1]: set(may) - {name.split(".")[1]} for name, may in LAYERS.items()}
    while left:
        lowest = [name for name, may in left.items() if not may & left.keys()]
        assert lowest, left
        for name in lowest:
            del left[name]


def test_the_page_on_architecture_says_who_may_import_whom() -> None:
    rows = read_table("## Who may import whom")
    told = {re.sub(r"[*`]", "", part): set(re.findall(r"`(\w+)`", may)) for part, _, may in rows}
    expected = {name.split(".")[1]: set(may) for name, may in LAYERS.items()}
    assert told == {name: may - {name} for name, may in expected.items()}
    assert {re.sub(r"[*`]", "", part) for part, _, _ in rows if "**" in part} == USES_THE_ENGINE


def test_the_page_on_architecture_says_what_is_pure() -> None:
    told = {
        f"{folder.strip('`')}/{name}.py"
        for folder, names in read_table("## What is pure")
        for name in re.findall(r"`(\w+)`", names)
    }
    assert told == {name for name in PURE if not name.startswith("pixelater_cli/results/")}


def test_every_module_the_page_on_architecture_names_is_there() -> None:
    text = PAGE.read_text()
    links: list[str] = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
    names = {path.name for path in MODULES}
    assert set(re.findall(r"`(\w+\.py)`", text)) <= names
    drawn = [name for box in draw_architecture.CODE for name in box.modules]
    assert [name for name in drawn if not (ROOT / name).exists()] == []


def test_the_drawing_is_the_one_its_script_draws() -> None:
    assert draw_architecture.PICTURE.read_text() == draw_architecture.draw()


def read_table(heading: str) -> list[list[str]]:
    """Read the cells of the table below a heading of docs/ARCHITECTURE.md."""
    _, _, section = PAGE.read_text().partition(f"{heading}\n")
    lines = section.partition("\n## ")[0].splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


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
