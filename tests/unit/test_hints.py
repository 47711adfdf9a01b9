"""Commands that hints name keep the options of the stack."""

from __future__ import annotations

import pytest

from pixelater_cli.cli.hints import repeat_options
from pixelater_cli.cli.lazy_group import load_command


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        ([], "See: pixelater failures", "See: pixelater failures"),
        (
            ["--endpoint-url", "http://localhost:4566", "--stack", "holiday"],
            "See pixelater logs and pixelater failures.",
            "See pixelater logs --stack holiday --endpoint-url http://localhost:4566 and "
            "pixelater failures --stack holiday --endpoint-url http://localhost:4566.",
        ),
        (
            ["--profile", "my work", "--plain-names"],
            "Run pixelater deploy",
            "Run pixelater deploy --plain-names --profile 'my work'",
        ),
        (
            ["--stack", "holiday"],
            "Deploy it: pixelater deploy --stack holiday",
            "Deploy it: pixelater deploy --stack holiday",
        ),
        (["--stack", "holiday"], "Or: pixelater run photo.jpg", "Or: pixelater run photo.jpg"),
    ],
)
def test_command_in_hint_keeps_options_of_the_stack(
    arguments: list[str], text: str, expected: str
) -> None:
    command = load_command("status")
    with command.make_context("status", arguments) as context:
        assert repeat_options(text, context) == expected
