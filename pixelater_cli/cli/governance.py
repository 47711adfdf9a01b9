"""Settings for governed accounts: an existing role, a boundary, a path, a key, tags; checked.

Each function raises BadSetting for what AWS would refuse later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pixelater_cli.aws.stack import Stack
from pixelater_cli.errors import BadSetting, UsageError

TAG_TEXT = r"[\w\s.:/=+@-]"
"""What all services take in tags
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating)."""

MOST_TAGS = 49
"""S3 takes 50 tags, and one is pixelater's own."""

PATH = r"/(?:[\x21-\x7e]{1,510}/)?"
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""

KEY = (
    r"(?:arn:[a-z-]+:kms:(?P<region>[a-z0-9-]+):\d{12}:)?"
    r"(?:alias/[\w/-]{1,256}|(?(region)key/)(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))"
)
"""https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id"""


def read_tags(values: Iterable[str]) -> tuple[str, ...]:
    """Parse the values of --tag. Raises BadSetting, also for a tag that is given twice.

    IAM takes one tag of names that differ in case only.

    >>> read_tags(["team=imaging,stage=test", "team=imaging"])
    ('stage=test', 'team=imaging')
    """
    tags: dict[str, str] = {}
    for tag in (part.strip() for value in values for part in value.split(",")):
        name, equals, value = tag.partition("=")
        reason = _find_fault(name, value) if equals else "has no ="
        if reason:
            raise BadSetting("tag", f"{tag!r} {reason}", "Write a tag like this: team=imaging")
        others = [each for each in tags.items() if each[0].lower() == name.lower()]
        if others and others != [(name, value)]:
            problem = f"{'='.join(others[0])!r} and {tag!r} are the same tag"
            raise BadSetting("tag", problem, "Give each tag one value, whatever the case.")
        tags[name] = value
    if len(tags) > MOST_TAGS:
        problem = f"{len(tags)} tags; S3 takes {MOST_TAGS} next to pixelater's own"
        raise BadSetting("tag", problem, f"Use at most {MOST_TAGS}.")
    return tuple(sorted(f"{name}={value}" for name, value in tags.items()))


def _find_fault(name: str, value: str) -> str:
    if name.lower().startswith(("aws:", "pixelater:")):
        return f"starts with {name.partition(':')[0]}:, which is reserved"
    if not re.fullmatch(TAG_TEXT + "{1,128}", name):
        return "does not have a name of 1 to 128 letters, digits, spaces and _ . : / + - @"
    if not re.fullmatch(TAG_TEXT + "{0,256}", value):
        return "does not have a value of up to 256 letters, digits, spaces and _ . : / = + - @"
    return ""


def check_governance(stack: Stack) -> None:
    """Raise BadSetting or UsageError for a key, a role, a boundary or a path that cannot work."""
    _check_key(stack)
    _check_arn(stack, "function-role", stack.function_role, "role", [stack.account])
    boundary = stack.permissions_boundary
    _check_arn(stack, "permissions-boundary", boundary, "policy", [stack.account, "aws"])
    if not re.fullmatch(PATH, stack.role_path):
        problem = f"{stack.role_path!r} is not a path of IAM"
        raise BadSetting("role-path", problem, "Write it like this: /team/")
    if stack.function_role and (boundary or stack.role_path != "/"):
        raise UsageError(
            "--function-role names an existing role, which is not changed",
            "Omit --permissions-boundary and --role-path.",
        )


def _check_key(stack: Stack) -> None:
    if not stack.kms_key:
        return
    found = re.fullmatch(KEY, stack.kms_key)
    if found is None:
        problem = f"{stack.kms_key!r} is not a KMS key"
        raise BadSetting("kms-key", problem, "Write its ARN, its ID, or alias/NAME.")
    region = found["region"] or stack.region
    if stack.region not in (region, "REGION"):
        problem = f"the key is in {region}, the stack in {stack.region}"
        raise BadSetting("kms-key", problem, "Use a key of the stack's region.")


def _check_arn(stack: Stack, option: str, arn: str, kind: str, accounts: list[str]) -> None:
    if not arn:
        return
    pattern = rf"arn:{stack.partition}:iam::(\d{{12}}|aws):{kind}/(?:[\x21-\x7e]+/)?[\w+=,.@-]+"
    found = re.fullmatch(pattern, arn, re.ASCII)
    if found is None:
        example = f"arn:{stack.partition}:iam::123456789012:{kind}/NAME"
        problem = f"{arn!r} is not the ARN of a {kind}"
        raise BadSetting(option, problem, f"Write it like this: {example}")
    if found[1] not in accounts and stack.account != "ACCOUNT":
        problem = f"the {kind} is in account {found[1]}, the stack in {stack.account}"
        raise BadSetting(option, problem, f"Name a {kind} of the stack's account.")
