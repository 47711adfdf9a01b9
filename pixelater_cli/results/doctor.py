"""Result of `pixelater doctor`, as JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import wrap

if TYPE_CHECKING:
    from typing_extensions import Doc


PURPOSES = {
    "run": "Photos on this machine (pixelater run)",
    "emulate": "The pipeline on this machine (pixelater emulate)",
    "deploy": "AWS (pixelater deploy)",
    "compose": "Optional: an emulator in a container (docker compose)",
}


@dataclass(frozen=True)
class Check:
    """One check of this machine."""

    purpose: Annotated[Literal["run", "emulate", "deploy", "compose"], Doc("what needs it")]
    name: Annotated[str, Doc("what was checked")]
    works: Annotated[bool, Doc("whether it works")]
    found: Annotated[str, Doc("what was found")]
    advice: Annotated[str, Doc("what to do if it does not work")] = ""
    required: Annotated[bool, Doc("false: optional for its purpose")] = True


@dataclass(frozen=True)
class DoctorResult(CommandResult):
    """Result of `pixelater doctor`."""

    command: ClassVar[Literal["doctor"]] = "doctor"
    colors: ClassVar[Mapping[str, str]] = {"works": "green", "lacks": "yellow", "fails": "red"}
    pixelater: Annotated[str, Doc("pixelater's version")]
    checks: Annotated[tuple[Check, ...], Doc("results of all checks")]

    @property
    def exit_code(self) -> int:
        local = [check for check in self.checks if check.purpose == "run" and check.required]
        return int(not all(check.works for check in local))

    def render(self) -> Iterator[str]:
        yield f"pixelater {self.pixelater}"
        for purpose, title in PURPOSES.items():
            checks = [check for check in self.checks if check.purpose == purpose]
            if checks:
                yield ""
                yield title
            for check in checks:
                yield from _format_check(check)

    def render_quiet(self) -> Iterator[str]:
        for check in self.checks:
            if not check.works:
                yield from _format_check(check)


def _format_check(check: Check) -> Iterator[str]:
    verdict = "works" if check.works else "fails" if check.required else "lacks"
    yield from wrap(f"{verdict}  {check.name}: {check.found}", indent=" " * 9)
    if check.advice and not check.works:
        yield from wrap(" " * 7 + check.advice, indent=" " * 9)
