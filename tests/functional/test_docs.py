"""The pages show what the commands print now, and their links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs import session
from pixelater_cli.cli.lazy_group import COMMAND_NAMES
from tests.functional.conftest import Pixelater

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
GENERATED = [page for page in PAGES if "[[[cog" in page.read_text()]
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def name_page(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def without_numbers(text: str) -> str:
    """Put aside what differs from run to run: digests, numbers, and how wide they make a table."""
    text = re.sub(r"\b[0-9a-f]{12}\b|\b[0-9a-f]{32}\b", "DIGEST", text)
    return re.sub(r"[ ─]+", " ", re.sub(r"\d+(\.\d+)?", "N", text))


def outline(value: Any) -> Any:
    """Put a document's values aside: its fields and their types are left."""
    if isinstance(value, dict):
        return {name: outline(one) for name, one in value.items()}
    return [outline(one) for one in value] if isinstance(value, list) else type(value)


def read_parts(page: str) -> list[Any]:
    """Read what a page that is one session shows, without what differs from run to run."""
    return [
        without_numbers(part[0])
        if part["document"] is None
        else (part["command"], outline(json.loads(part["document"])))
        for part in session.PART.finditer(page)
    ]


@pytest.mark.parametrize("page", GENERATED, ids=name_page)
def test_generated_blocks_are_up_to_date(page: Path) -> None:
    cog = [sys.executable, "-m", "cogapp", "--check", "--diff", name_page(page)]
    done = subprocess.run(cog, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"python -m cogapp -r {name_page(page)}\n{done.stdout}"


def test_commands_page_has_the_help_of_every_command() -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text()
    assert re.findall(r'show\(cog, "(\w+) --help"\)', page) == list(COMMAND_NAMES)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("sh") is None, reason="sessions need a POSIX shell")
@pytest.mark.parametrize("path", session.PAGES, ids=name_page)
def test_session_pages_show_current_output(path: Path) -> None:
    page = path.read_text()
    assert read_parts(session.play(page)) == read_parts(page)


@pytest.mark.skipif(shutil.which("sh") is None, reason="sessions need a POSIX shell")
def test_session_keeps_its_state_and_stops_at_a_failure() -> None:
    page = "<!-- run: A=1 -->\n```console\n$ echo $A; ls\nold\n$ cat; echo end\n```\n"
    shown = "<!-- run: A=1 -->\n```console\n$ echo $A; ls\n1\nexamples\n$ cat; echo end\nend\n```\n"
    assert session.play(page) == shown
    with pytest.raises(session.SessionError, match=r"^false: exit code 1"):
        session.play("```console\n$ false\n```")


@given(
    st.recursive(
        st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_laid_out_json_keeps_its_value(value: object) -> None:
    assert json.loads(session.lay_out(value)) == value


USES = re.findall(r"^\| (\w+) \| `pixelater ([^`]*)` \|", README, re.MULTILINE)


@pytest.mark.parametrize("command", [command for _, command in USES])
def test_command_of_each_use_succeeds(
    pixelater: Pixelater, moto: str, tmp_path: Path, command: str
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    assert pixelater(*shlex.split(command), AWS_ENDPOINT_URL=moto).code == 0


def test_links_lead_to_existing_files_and_headings() -> None:
    links = [
        (page, link)
        for page in PAGES
        for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text())
    ]
    broken = [(name_page(page), link) for page, link in links if not leads_somewhere(page, link)]
    assert broken == []


def leads_somewhere(page: Path, link: str) -> bool:
    """Return whether a relative link leads to a file, and its fragment to a heading there."""
    name, _, heading = link.partition("#")
    target = page.parent / name if name else page
    if not heading:
        return target.exists()
    headings = HEADING.findall(target.read_text()) if target.exists() else []
    return heading in [re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings]


@pytest.mark.parametrize(
    ("link", "result"),
    [
        ("README.md", True),
        ("README.md#install", True),
        ("#install", True),
        ("absent.md", False),
        ("absent.md#install", False),
        ("README.md#absent", False),
    ],
)
def test_link_check_finds_broken_links(link: str, result: bool) -> None:
    assert leads_somewhere(ROOT / "README.md", link) is result


def test_product_texts_name_existing_pages() -> None:
    """Help texts, messages and docstrings that send readers to a page of docs/ name a real one."""
    sources = [
        path for name in ("pixelater_cli", "lambda") for path in ROOT.glob(f"{name}/**/*.py")
    ]
    named = {page for path in sources for page in re.findall(r"docs/[\w/-]+\.md", path.read_text())}
    assert named
    assert [page for page in sorted(named) if not (ROOT / page).exists()] == []


def test_ci_runs_the_test_command_of_readme() -> None:
    commands = [line for line in (ROOT / "README.md").read_text().splitlines() if "&&" in line]
    (test_command,) = [line for line in commands if line.endswith("-m pytest")]
    assert test_command in (ROOT / ".ci" / "run").read_text().splitlines()


def test_changelog_has_a_section_for_this_version() -> None:
    from pixelater_cli import __version__

    released, _, _ = __version__.partition(".dev")
    assert f"## {released} (" in (ROOT / "CHANGELOG.md").read_text()


def test_example_photo_has_metadata_to_remove() -> None:
    from PIL import ExifTags, Image

    with Image.open(ROOT / "examples" / "photo.jpg") as photo:
        exif = photo.getexif()
        assert (photo.size, exif[0x0112]) == ((1600, 1200), 6)
        assert exif.get_ifd(0x8825)[2] == (51, 28, 40)
        assert exif.get_ifd(ExifTags.IFD.IFD1)[0x0202] > 0
