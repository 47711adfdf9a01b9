"""Commands that hints name, with the options of the stack that the user has given."""

from __future__ import annotations

import re
import shlex
from typing import Any

STACK_COMMAND = re.compile(
    r"\bpixelater (?:backfill|deploy|destroy|failures|logs|push|rollback|status)\b"
)
STACK_OPTIONS = ("stack", "plain_names", "profile", "region", "endpoint_url")


def repeat_options(text: str, context: Any) -> str:
    """Add the stack's options on the command line to the commands in a text.

    Options from the environment and from pixelater.toml apply to the next command anyway.
    """
    words = []
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name)
        is_given = source is not None and source.name == "COMMANDLINE"
        # The --region of `run` is another one, of photos.
        if parameter.name not in STACK_OPTIONS or not is_given or not parameter.expose_value:
            continue
        flag, value = parameter.opts[0], context.params[parameter.name]
        if flag not in text:
            words += [flag] if value is True else [flag, shlex.quote(str(value))]
    return STACK_COMMAND.sub(lambda command: " ".join([command[0], *words]), text)
