"""Result of `pixelater rollback`, as JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CommandResult

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

    def render(self) -> Iterator[str]:
        yield f"{self.function}: rolled back from version {self.left} to {self.function_version}"
