"""Result of `pixelater rollback`, as JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import wrap

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.results.shared_fields import AccountNumber, RegionName, StackName


@dataclass(frozen=True)
class RollbackResult(CommandResult):
    """Result of `pixelater rollback`."""

    command: ClassVar[Literal["rollback"]] = "rollback"
    account: AccountNumber
    region: RegionName
    stack: StackName
    function: Annotated[str, Doc("name of the function")]
    left: Annotated[str, Doc("version that was active before")]
    function_version: Annotated[str, Doc("version that is active now")]
    chosen: Annotated[
        str,
        Doc(
            "version that was chosen; the active one is another one if the chosen one does not "
            "know of grids whose mosaics exist: it has the same code and settings, and knows them"
        ),
    ]

    def render(self) -> Iterator[str]:
        yield f"{self.function}: rolled back from version {self.left} to {self.chosen}"
        if self.function_version != self.chosen:
            yield from wrap(
                f"Version {self.function_version} is version {self.chosen}, and keeps mosaics of "
                "other grids up to date.",
                indent="  ",
            )
