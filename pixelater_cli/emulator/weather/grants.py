"""What roles may do, as IAM and KMS know it so far: new policies spread, grants stay behind.

IAM: "changes that I make are not always immediately visible"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html). KMS: Lambda's grant to decrypt
environment variables is for the unique ID of a role. A role that was deleted and created again has
another one, so the function cannot start until it has taken another role and this one again, or is
created again (https://github.com/serverless/examples/issues/279).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock

from pixelater_cli.emulator.weather.calls import Call
from pixelater_cli.emulator.weather.chance import Chance

SESSION_PREFIX = "ASIA"
"""Access keys of roles' sessions begin like this:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""

SPREAD_SECONDS = (2.0, 20.0)

UNDECRYPTABLE = (
    "Lambda was unable to decrypt the environment variables because KMS access was denied. Please "
    "check the function's KMS key settings. KMS Exception: AccessDeniedException KMS Message: The "
    "ciphertext refers to a customer master key that does not exist, does not exist in this "
    "region, or you are not allowed to access."
)


@dataclass(frozen=True)
class _Grant:
    """The role that a function took, and how often that role had been created by then."""

    role: str
    creation: int


class Grants:
    """Follows policies, roles and the functions that take them. Thread-safe."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._created: Counter[str] = Counter()
        self._taken: dict[str, _Grant] = {}
        self._reached: set[str] = set()
        self._changed: float | None = None
        self._lock = Lock()

    def note(self, call: Call, now: float) -> None:
        """Note a call that was carried out."""
        with self._lock:
            if call.action == "iam:CreateRole":
                self._created[call.names["role"]] += 1
            elif call.action == "iam:PutRolePolicy":
                self._changed = now
            elif call.action == "lambda:DeleteFunction":
                self._taken.pop(call.names.get("function", ""), None)
            elif call.operation in ("CreateFunction", "UpdateFunctionConfiguration"):
                self._take(call.names.get("function", ""), call.names.get("role", ""))
            elif call.service == "s3" and _is_session(call):
                self._reached.add(call.names.get("bucket", ""))

    def _take(self, function: str, role: str) -> None:
        """Let a function take a role, if it is another one than before."""
        before = self._taken.get(function)
        if role and (before is None or before.role != role):
            self._taken[function] = _Grant(role, self._created[role])

    def denies(self, call: Call, now: float) -> bool:
        """Return whether S3 has not heard yet that a role may use a bucket."""
        bucket = call.names.get("bucket", "")
        with self._lock:
            known, changed = bucket in self._reached, self._changed
        if call.service != "s3" or not _is_session(call) or known or changed is None:
            return False
        share = self._chance.fix("spread", f"{bucket} {changed}")
        least, most = SPREAD_SECONDS
        return now < changed + least + (most - least) * share

    def is_undecryptable(self, function: str) -> bool:
        """Return whether the role of a function was created again after the function took it."""
        with self._lock:
            grant = self._taken.get(function)
            return grant is not None and self._created[grant.role] != grant.creation


def _is_session(call: Call) -> bool:
    return call.access_key.startswith(SESSION_PREFIX)
