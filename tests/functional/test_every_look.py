"""Every option of looks, and each preset: the same bytes in run and in a deployed function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tests.functional.conftest import Pixelater
from tests.functional.test_rules import place
from tests.pipeline import PHOTO, Pipeline, Place, remove
from tests.unit.test_function_looks import LOOKS

__all__ = ["place"]


def list_options(words: Mapping[str, str]) -> list[str]:
    """List the options of `run` for these words."""
    given = (
        [f"--{name}"] if word == "true" else [f"--{name}", word] for name, word in words.items()
    )
    return [option for options in given for option in options]


def test_run_and_function_make_the_same_bytes_of_every_look(
    place: Place, pixelater: Pixelater, tmp_path: Path
) -> None:
    """One stack with a rule for each word of looks and for each preset.

    Documents are made by pipelines only: `run` does not have the word for them.
    """
    own = replace(place, stack=f"{place.stack}-l", folder=tmp_path)
    rules = dict(enumerate(words for words in LOOKS.values() if "placeholders" not in words))
    tables = [
        "\n".join(
            ["[[rules]]", f'prefix = "{n}/"', *(f'{name} = "{words[name]}"' for name in words)]
        )
        for n, words in rules.items()
    ]
    (tmp_path / "pixelater.toml").write_text("\n\n".join(tables))
    try:
        ruled = Pipeline(own, own.run("deploy", "--yes", "--no-smoke-test"))
        (tmp_path / "pixelater.toml").unlink()
        (tmp_path / "photo.jpg").write_bytes(PHOTO)
        wanted = dict[str, bytes]()
        for number, words in rules.items():
            ruled.put(f"{number}/photo.jpg", PHOTO)
            done = pixelater("run", "photo.jpg", "--out", f"{number}", *list_options(words))
            assert done.code == 0, done.err
            made = (tmp_path / f"{number}").iterdir()
            wanted |= {f"{number}/{path.name}": path.read_bytes() for path in made}
        assert ruled.get(list(wanted)) == wanted
        assert len(wanted) >= len(rules)
    finally:
        remove(own)
