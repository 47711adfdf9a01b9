"""The settings that a stack, and each version of its function, were deployed with."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import read_error, translate_errors
from pixelater_cli.aws.resources.code import (
    COPIES,
    FAILED,
    VERSION,
    VERSIONS,
    leave_out_history,
    settings_object,
)
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import NO_SETTINGS, Document, Stack
from pixelater_cli.aws.stack_looks import read_looks

ABSENT = ("NoSuchBucket", "NoSuchKey")


@dataclass(frozen=True)
class RecordedSettings:
    """The document of settings: those that were written last, and those of earlier versions.

    Settings are written before the version that they are for is published, so its number may not be
    known then. `base` is the stack without settings.
    """

    base: Stack
    document: Document

    @property
    def current(self) -> Stack:
        """The stack with the settings that were written last."""
        return _read_settings(self.base, self.document)

    def find(self, version: str) -> Stack:
        """Find the settings of a version.

        A version without an entry has those of the next one that has: only its code was changed.
        """
        known: Document = self.document.get(VERSIONS, {})
        if self.document.get(VERSION) == version:
            return self.current
        later = sorted((name for name in known if int(name) >= int(version)), key=int)
        return _read_settings(self.base, known[later[0]]) if later else self.current

    def leave(self, live: str | None, version: str | None) -> Document:
        """Return the history that new settings are written with, while version `live` runs.

        They are of `version`; None: of one that is not published yet. If the smoke test of `live`
        failed once, it has succeeded since, or a user has chosen it.
        """
        known = dict(self.document.get(VERSIONS, {}))
        if live is not None:
            known[live] = self.find(live).settings
        if version is not None:
            known.pop(version, None)
        kept = {name: self.document[name] for name in (COPIES, FAILED) if name in self.document}
        if live in self.failed:
            kept[FAILED] = [each for each in self.failed if each != live]
        return {VERSIONS: known, **kept} | ({} if version is None else {VERSION: version})

    @property
    def failed(self) -> list[str]:
        """The versions whose smoke test failed."""
        return list(self.document.get(FAILED, ()))

    def find_original(self, version: str) -> str:
        """Return the version whose code and settings a version has: mostly itself."""
        copies: Document = self.document.get(COPIES, {})
        return str(copies.get(version, version))

    def note(self, active: str, *, original: str, failed: str | None) -> Document:
        """Return the history with the version that the active one copies, and one that failed."""
        copies = dict(self.document.get(COPIES, {}))
        if active != original:
            copies[active] = self.find_original(original)
        listed = dict.fromkeys([*self.failed, *([failed] if failed else [])])
        return {**self.leave(None, active), COPIES: copies, FAILED: list(listed)}


def load_settings(account: Account, stack: Stack) -> Stack:
    """Return the stack with the settings it was deployed with, if any. Raises AwsError."""
    recorded = find_settings(account, stack)
    return stack if recorded is None else recorded.current


def find_settings(account: Account, stack: Stack) -> RecordedSettings | None:
    """Find the settings that the stack was deployed with. Raises AwsError."""
    with translate_errors():
        try:
            answer = account.clients["s3"].get_object(**settings_object(stack))
        except ClientError as error:
            if read_error(error)[0] not in ABSENT:
                raise
            return None
        return RecordedSettings(stack, json.loads(answer["Body"].read()))


def _read_settings(stack: Stack, document: Document) -> Stack:
    known = {field.name for field in fields(Stack)} - set(NO_SETTINGS)
    settings = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in leave_out_history(document).items()
        if name in known
    }
    former = tuple(map(str, settings.pop("former_grids", ())))
    return read_looks(replace(stack, **{"grids": ()} | settings, former_grids=former), document)
