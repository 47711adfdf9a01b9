"""State of a function's role, as it was found. No I/O."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RoleState:
    """The function's role as it was found: not a setting.

    IAM gives a role that was deleted and created again another ID, and what was granted to the one
    before is void. `id` is "" if the role does not exist; `taken` is the ID of the role that the
    function took, as far as a tag says; `generation` counts how often it has taken it anew, the
    next time included if it must (`anew`).
    """

    id: str = ""
    taken: str = ""
    generation: int = 0
    anew: bool = False
