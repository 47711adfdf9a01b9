"""The pages show what the commands print now, and their links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs import refresh_output
from docs.session import SessionError
from pixelater_cli.cli.lazy_group import COMMAND_NAMES
from tests.functional.conftest import Pixelater

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
LINKED = (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
BLOCKS = {
    block["arguments"]: block["output"]
    for page in refresh_output.PAGES
    for block in refresh_output.BLOCK.finditer(page.read_text())
}


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
        for part in refresh_output.PART.finditer(page)
    ]


def test_the_help_of_every_command_is_shown() -> None:
    shown = {f"{name} --help" for name in COMMAND_NAMES}
    assert shown == {arguments for arguments in BLOCKS if arguments.endswith(" --help")}


@pytest.mark.parametrize("arguments", BLOCKS)
def test_a_page_shows_what_the_command_prints(arguments: str) -> None:
    assert without_numbers(refresh_output.run(arguments)) == without_numbers(BLOCKS[arguments])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("sh") is None, reason="pages are played in a POSIX shell")
@pytest.mark.parametrize("path", refresh_output.SESSIONS, ids=lambda path: path.name)
def test_a_page_that_is_one_session_shows_what_its_commands_print(path: Path) -> None:
    page = path.read_text()
    assert read_parts(refresh_output.play(page)) == read_parts(page)


@pytest.mark.skipif(shutil.which("sh") is None, reason="pages are played in a POSIX shell")
def test_a_page_that_is_one_session_keeps_what_its_commands_set_and_stops_where_one_fails() -> None:
    page = "<!-- run: A=1 -->\n```console\n$ echo $A; ls\nold\n$ cat; echo end\n```\n"
    shown = "<!-- run: A=1 -->\n```console\n$ echo $A; ls\n1\nexamples\n$ cat; echo end\nend\n```\n"
    assert refresh_output.play(page) == shown
    with pytest.raises(SessionError, match=r"^false: exit code 1"):
        refresh_output.play("```console\n$ false\n```")


@given(
    st.recursive(
        st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)
    )
)
def test_laid_out_json_is_the_same_json(value: object) -> None:
    assert json.loads(refresh_output.lay_out(value)) == value


USES = re.findall(r"^\| (\w+) \| `pixelater ([^`]*)` \|", README, re.MULTILINE)


@pytest.mark.parametrize("command", [command for _, command in USES])
def test_the_command_of_each_use_works(
    pixelater: Pixelater, moto: str, tmp_path: Path, command: str
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    assert pixelater(*shlex.split(command), AWS_ENDPOINT_URL=moto).code == 0


@pytest.mark.parametrize("page", LINKED, ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE) if heading else []
        slugs = [re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings]
        assert not heading or heading in slugs, link


def test_the_changelog_tells_of_this_version() -> None:
    from pixelater_cli import __version__

    released, _, _ = __version__.partition(".dev")
    assert f"## {released} (" in (ROOT / "CHANGELOG.md").read_text()


def test_the_example_photo_has_what_must_be_stripped() -> None:
    from PIL import ExifTags, Image

    with Image.open(ROOT / "examples" / "photo.jpg") as photo:
        exif = photo.getexif()
        assert (photo.size, exif[0x0112]) == ((1600, 1200), 6)
        assert exif.get_ifd(0x8825)[2] == (51, 28, 40)
        assert exif.get_ifd(ExifTags.IFD.IFD1)[0x0202] > 0
