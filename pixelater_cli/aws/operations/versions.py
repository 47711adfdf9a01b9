"""Published versions of the function, and the alias that points to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws.deploy.adoption import add_role_state
from pixelater_cli.aws.deploy.executor import apply, read_state
from pixelater_cli.aws.deploy.transition import make_restoration, make_transition
from pixelater_cli.aws.errors import missing_resource_error, read_error, translate_errors
from pixelater_cli.aws.former import remember_former
from pixelater_cli.aws.operations.stack_secret import add_secret
from pixelater_cli.aws.operations.stack_settings import RecordedSettings, find_settings
from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.resources.code import settings_property
from pixelater_cli.aws.resources.function import FORMER_GRIDS, NO_FUNCTION
from pixelater_cli.aws.retries import Sleep
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import ALIAS, Document, Stack
from pixelater_cli.errors import AwsError
from pixelater_function.metadata_secret import VARIABLE


def find_version(account: Account, stack: Stack) -> str | None:
    """Find the version that the alias points to."""
    with translate_errors():
        try:
            answer = account.clients["lambda"].get_alias(FunctionName=stack.function, Name=ALIAS)
        except ClientError as error:
            if read_error(error)[0] not in NO_FUNCTION:
                raise
            return None
    version: str = answer["FunctionVersion"]
    return version


def require_version(account: Account, stack: Stack) -> str:
    """Return the version that the alias points to. Raises AwsError if nothing is deployed."""
    current = find_version(account, stack)
    if current is None:
        raise missing_resource_error(stack.function, stack.name)
    return current


def find_versions(account: Account, stack: Stack) -> tuple[str | None, str | None]:
    """Find the version that the alias points to, and the newest one."""
    current = find_version(account, stack)
    return current, None if current is None else list_versions(account, stack)[-1]


def roll_back(account: Account, stack: Stack, to: str | None, sleep: Sleep) -> tuple[str, str, str]:
    """Activate a version, or the previous one, with its settings.

    Return the version that was active, the one that was chosen, and the one that is active: that is
    a new one with the code and settings of the chosen one, if need be (`restore`). `stack` has the
    settings of now. The role may do what both versions need until the alias has moved. Raises
    AwsError.
    """
    current = require_version(account, stack)
    stack = add_secret(account, stack, sleep)
    recorded = find_settings(account, stack)
    original = current if recorded is None else recorded.find_original(current)
    failed = [] if recorded is None else recorded.failed
    wanted = choose_version(
        stack, list_versions(account, stack), current, to, original=original, failed=failed
    )
    target = stack if recorded is None else recorded.find(wanted)
    return current, wanted, restore(account, stack, target, (current, wanted), sleep)


def restore(
    account: Account,
    stack: Stack,
    target: Stack,
    versions: tuple[str, str],
    sleep: Sleep,
    *,
    failed: bool = False,
) -> str:
    """Go from the settings of now, and a version, to earlier settings, and theirs.

    Return the version that is active. The earlier version does not know of grids that only a later
    one made: their mosaics would become stale. If there are any, or if its secret is not that of
    now, a version with the same code and settings that knows of them takes its place. `failed` is
    whether the smoke test of the version of now has failed: later rollbacks pass it over. Raises
    AwsError.
    """
    current, wanted = versions
    recorded = find_settings(account, stack)
    history = None if recorded is None else recorded.leave(current, wanted)
    target = remember_former(target, stack)
    transition = make_restoration(target, wanted, stack, history)
    state = read_state(account, transition.after, sleep)
    outputs = {**state.outputs, "Version": wanted}
    for steps in (transition.plan(state.found), transition.plan_end(state.found)):
        apply(account, steps, outputs, lambda _step: None, sleep)
    package = _find_package(account, target, wanted)
    active = wanted
    if package is not None:
        target = add_role_state(account, target, sleep)
        active = _publish_copy(account, target, package, wanted, sleep)
    broken = current if failed and current != wanted else None
    recorded = find_settings(account, target)
    if recorded is not None and (broken or active != wanted):
        noted = recorded.note(active, original=wanted, failed=broken)
        _write_history(account, recorded, noted, sleep)
    return active


def note_success(account: Account, stack: Stack, sleep: Sleep) -> None:
    """Let rollbacks no longer pass over the active version, whose smoke test may have failed once.

    Lambda publishes no second version of the same code and configuration: the next deploy
    activates the one whose test failed. Raises AwsError.
    """
    recorded = find_settings(account, stack)
    if recorded is None or not recorded.failed:
        return
    active = find_version(account, stack)
    if active in recorded.failed:
        _write_history(account, recorded, recorded.leave(active, active), sleep)


def _write_history(
    account: Account, recorded: RecordedSettings, history: Document, sleep: Sleep
) -> None:
    steps = settings_property(recorded.current, history).steps(recorded.document)
    apply(account, steps, {}, lambda _step: None, sleep)


def _publish_copy(
    account: Account, stack: Stack, package: Package, version: str, sleep: Sleep
) -> str:
    """Publish a version with the code and settings of an active one, and return its number."""
    recorded = find_settings(account, stack)
    history = None if recorded is None else recorded.leave(version, None)
    transition = make_transition(stack, package, stack, (), history)
    state = read_state(account, transition.after, sleep)
    apply(account, transition.plan(state.found), state.outputs, lambda _step: None, sleep)
    return find_version(account, stack) or version


def _find_package(account: Account, stack: Stack, version: str) -> Package | None:
    """Find the package of a version that does not know of all former grids, or of the secret.

    None otherwise, also of a version that has no secret: its code is from before secrets.
    Zips of versions that were deployed long ago are deleted.
    """
    with translate_errors(f"read version {version} of {stack.function}"):
        found = account.clients["lambda"].get_function_configuration(
            FunctionName=stack.function, Qualifier=version
        )
        variables = found.get("Environment", {}).get("Variables", {})
        known = set(variables.get(FORMER_GRIDS, "").split(","))
        has_secret = not stack.secret or variables.get(VARIABLE, stack.secret) == stack.secret
        if set(stack.former_grids) <= known and has_secret:
            return None
        for key in list_zips(account, stack):
            place = {**stack.owned(stack.code_bucket), "Key": key}
            sha256 = account.clients["s3"].head_object(**place)["Metadata"].get("sha256")
            if sha256 == found["CodeSha256"]:
                return Package(key.rpartition("/")[2].removesuffix(".zip"), sha256, b"")
    return None


def list_zips(account: Account, stack: Stack) -> list[str]:
    """List the keys of the zips, the oldest first. Raises botocore's errors."""
    where = {**stack.owned(stack.code_bucket), "Prefix": f"{stack.function}/"}
    pages = account.clients["s3"].get_paginator("list_objects_v2").paginate(**where)
    found = [entry for page in pages for entry in page.get("Contents", [])]
    found.sort(key=itemgetter("LastModified"))
    return [entry["Key"] for entry in found if entry["Key"].endswith(".zip")]


def choose_version(
    stack: Stack,
    versions: Sequence[str],
    current: str,
    to: str | None,
    *,
    original: str,
    failed: Sequence[str],
) -> str:
    """Choose the version to go back to: `to`, or the one before `original`. Raises AwsError. Pure.

    The current version is a copy of `original` if an earlier rollback has published it. `failed`
    are versions whose smoke test failed.
    """
    others = [version for version in versions if version != current]
    earlier = [each for each in others if int(each) < int(original) and each not in failed]
    wanted = to or (earlier[-1] if earlier else None)
    if wanted == current:
        raise AwsError(
            f"version {current} is already active", "Choose another version, or omit --to."
        )
    if wanted is None:
        copy = "" if current == original else f", a copy of version {original},"
        raise AwsError(
            f"version {current}{copy} is active, and there is no earlier version",
            "Deploy the code and settings that you want: pixelater deploy",
        )
    if wanted not in others:
        choice = f"Choose one of {', '.join(sorted(others, key=int))}, or omit --to."
        raise AwsError(
            f"{stack.function} has no version {to}",
            choice if others else f"Version {current} is the only one.",
        )
    return wanted


def list_versions(account: Account, stack: Stack) -> list[str]:
    """List the numbers of the published versions, the oldest first."""
    paginator: Any = account.clients["lambda"].get_paginator("list_versions_by_function")
    with translate_errors():
        pages = paginator.paginate(FunctionName=stack.function)
        versions = [entry["Version"] for page in pages for entry in page["Versions"]]
    return sorted((version for version in versions if version != "$LATEST"), key=int)
