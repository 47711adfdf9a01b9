"""What Lambda refuses, and S3 of notifications for functions."""

from __future__ import annotations

import secrets
import time
from functools import partial
from typing import Any

from pixelater_cli.aws.package.builder import Contents, pack
from tests.strictness.site import (
    LAMBDA_API,
    LAMBDA_GUIDE,
    S3_API,
    S3_GUIDE,
    Answer,
    Site,
    list_cases,
)

SOURCE = "def handle(event, context):\n    return {number}\n"
SECONDS = 60

STATES = f"{LAMBDA_GUIDE}/functions-states.html"
NOTIFICATIONS = f"{S3_API}/API_PutBucketNotificationConfiguration.html"
FILTERS = f"{S3_GUIDE}/notification-how-to-filtering.html"
PERMISSIONS = f"{S3_GUIDE}/grant-destinations-permissions-to-s3.html"


def zip_code(number: int = 1) -> bytes:
    return pack(Contents("", {"app.py": SOURCE.format(number=number).encode()})).data


def create(site: Site, code: bytes | None = None, **more: Any) -> tuple[str, Answer]:
    """Create a function; return its name, too."""
    name = f"strict-{secrets.token_hex(4)}"
    parameters = {
        "FunctionName": name,
        "Runtime": "python3.13",
        "Role": site.role,
        "Handler": "app.handle",
        "Code": {"ZipFile": code or zip_code()},
        **more,
    }
    return name, site.call("lambda", "create_function", **parameters)


def make(site: Site, **more: Any) -> str:
    """Create a function and wait until it is active."""
    name, answer = create(site, **more)
    assert answer.status == 201, answer.body
    wait(site, name)
    return name


def wait(site: Site, name: str) -> dict[str, Any]:
    """Wait until a function is active and its last change has ended."""
    deadline = time.monotonic() + SECONDS
    while True:
        told: dict[str, Any] = site.clients["lambda"].get_function_configuration(FunctionName=name)
        if (told["State"], told.get("LastUpdateStatus")) == ("Active", "Successful"):
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.1)


def update_code(site: Site, name: str, number: int, **more: Any) -> Answer:
    code = {"FunctionName": name, "ZipFile": zip_code(number), **more}
    return site.call("lambda", "update_function_code", **code)


def configure(site: Site, name: str, **more: Any) -> Answer:
    settings = {"FunctionName": name, "Timeout": 9, **more}
    return site.call("lambda", "update_function_configuration", **settings)


def create_then(operation: str, site: Site) -> Answer:
    """Do something with a function that was created just now."""
    name, _ = create(site)
    if operation == "update_function_code":
        return update_code(site, name, 2)
    return site.call("lambda", operation, FunctionName=name)


def update_then(operation: str, site: Site) -> Answer:
    """Do something with a function that is being updated."""
    name = make(site)
    update_code(site, name, 2)
    if operation == "update_function_code":
        return update_code(site, name, 3)
    if operation == "update_function_configuration":
        return configure(site, name)
    return site.call("lambda", operation, FunctionName=name)


def see_it_pend(site: Site) -> Answer:
    """Look at a function as it is created, and until it is active."""
    name, answer = create(site)
    assert answer.told["State"] == "Pending", answer.told
    assert wait(site, name)["State"] == "Active"
    return answer


def see_it_update(site: Site) -> Answer:
    """Look at a function while it is updated, and until that has ended."""
    name = make(site)
    before = wait(site, name)["RevisionId"]
    answer = update_code(site, name, 2)
    assert answer.told["LastUpdateStatus"] == "InProgress", answer.told
    assert wait(site, name)["RevisionId"] != before
    return answer


def with_revision(operation: str, revision: str, site: Site) -> Answer:
    name = make(site)
    wrong = revision or wait(site, name)["RevisionId"]
    if operation == "update_function_code":
        return update_code(site, name, 2, RevisionId=wrong)
    if operation == "update_function_configuration":
        return configure(site, name, RevisionId=wrong)
    return site.call("lambda", operation, FunctionName=name, RevisionId=wrong)


def make_alias(site: Site) -> str:
    name = make(site)
    functions = site.clients["lambda"]
    version = functions.publish_version(FunctionName=name)["Version"]
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    return name


def update_alias(site: Site) -> Answer:
    name = make_alias(site)
    parameters = {"FunctionName": name, "Name": "live", "RevisionId": "0" * 8}
    return site.call("lambda", "update_alias", **parameters)


def delete_version(qualifier: str, site: Site) -> Answer:
    name = make_alias(site)
    return site.call("lambda", "delete_function", FunctionName=name, Qualifier=qualifier)


def permit(site: Site, name: str, **more: Any) -> Answer:
    permission = {
        "FunctionName": name,
        "StatementId": "s3",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": f"arn:aws:s3:::{site.bucket}",
        "SourceAccount": site.account,
        **more,
    }
    return site.call("lambda", "add_permission", **permission)


def permit_twice(site: Site) -> Answer:
    name = make(site)
    assert permit(site, name).status == 201
    return permit(site, name)


def invoke(payload: bytes, kind: str, site: Site) -> Answer:
    path = f"/2015-03-31/functions/{make(site)}/invocations"
    headers = {"X-Amz-Invocation-Type": kind}
    return site.ask("POST", path, payload, headers, service="lambda")


def update_with(data: bytes, site: Site) -> Answer:
    name = make(site)
    return site.call("lambda", "update_function_code", FunctionName=name, ZipFile=data)


def update_from(key: str, site: Site) -> Answer:
    name = make(site)
    site.put("text", b"no zip")
    place = {"S3Bucket": site.bucket, "S3Key": key}
    return site.call("lambda", "update_function_code", FunctionName=name, **place)


def reserve(number: int, site: Site) -> Answer:
    name = make(site)
    reserved = {"FunctionName": name, "ReservedConcurrentExecutions": number}
    answer = site.call("lambda", "put_function_concurrency", **reserved)
    site.call("lambda", "delete_function_concurrency", FunctionName=name)
    return answer


def reserve_more(site: Site) -> Answer:
    """Reserve for a second function what the first has left."""
    name = make(site)
    reserved = {"FunctionName": name, "ReservedConcurrentExecutions": 800}
    site.call("lambda", "put_function_concurrency", **reserved)
    answer = reserve(101, site)
    site.call("lambda", "delete_function_concurrency", FunctionName=name)
    return answer


def configure_unknown(site: Site) -> Answer:
    path = f"/2015-03-31/functions/{make(site)}/configuration"
    return site.ask("PUT", path, b'{"Timeuot": 9}', service="lambda")


def publish_other(site: Site) -> Answer:
    return site.call("lambda", "publish_version", FunctionName=make(site), CodeSha256="b3RoZXI=")


def notify(site: Site, *targets: tuple[str, str], events: str = "s3:ObjectCreated:*") -> Answer:
    """Put notifications: each an ARN, and the XML of the rules of its filter."""
    elements = ""
    for number, (arn, rules) in enumerate(targets):
        filter_ = f"<Filter><S3Key>{rules}</S3Key></Filter>" if rules else ""
        elements += (
            f"<CloudFunctionConfiguration><Id>{number}</Id><CloudFunction>{arn}</CloudFunction>"
            f"<Event>{events}</Event>{filter_}</CloudFunctionConfiguration>"
        )
    body = f"<NotificationConfiguration>{elements}</NotificationConfiguration>"
    return site.ask("PUT", f"/{site.bucket}?notification", body.encode())


def rule(name: str, value: str) -> str:
    return f"<FilterRule><Name>{name}</Name><Value>{value}</Value></FilterRule>"


def notify_function(permission: dict[str, str] | None, site: Site) -> Answer:
    """Name a function that has this permission, or none."""
    name = make(site)
    if permission is not None:
        assert permit(site, name, **permission).status == 201
    answer = notify(site, (name_arn(site, name), ""))
    notify(site)
    return answer


def name_arn(site: Site, name: str) -> str:
    return f"arn:aws:lambda:us-east-1:{site.account}:function:{name}"


def notify_permitted(site: Site, *rules: str, events: str = "s3:ObjectCreated:*") -> Answer:
    """Name a function that S3 may invoke, once for each filter."""
    name = make(site)
    assert permit(site, name).status == 201
    answer = notify(site, *((name_arn(site, name), one) for one in rules), events=events)
    notify(site)
    return answer


OTHER_BUCKET = {"SourceArn": "arn:aws:s3:::another"}
OTHER_ACCOUNT = {"SourceAccount": "999999999999"}
OTHER_SERVICE = {"Principal": "sns.amazonaws.com"}
OTHER_ACTION = {"Action": "lambda:GetFunction"}

CONFLICT = "ResourceConflictException"
PRECONDITION = "PreconditionFailedException"
CONTENT = "InvalidRequestContentException"
PARAMETER = "InvalidParameterValueException"

CASES = [
    *list_cases(STATES, 201, "", {"a new function": see_it_pend}),
    *list_cases(STATES, 200, "", {"an update": see_it_update}),
    *list_cases(
        STATES,
        409,
        CONFLICT,
        {
            **{
                f"{operation} of a function that is pending": partial(create_then, operation)
                for operation in ("update_function_code", "publish_version", "invoke")
            },
            **{
                f"{operation} during an update": partial(update_then, operation)
                for operation in (
                    "update_function_code",
                    "update_function_configuration",
                    "publish_version",
                )
            },
        },
    ),
    *list_cases(
        f"{LAMBDA_API}/API_UpdateFunctionCode.html",
        412,
        PRECONDITION,
        {
            f"{operation} of another revision": partial(with_revision, operation, "0" * 8)
            for operation in (
                "update_function_code",
                "update_function_configuration",
                "publish_version",
            )
        },
    ),
    *list_cases(
        f"{LAMBDA_API}/API_UpdateFunctionCode.html",
        200,
        "",
        {"the revision that is named": partial(with_revision, "update_function_code", "")},
    ),
    *list_cases(
        f"{LAMBDA_API}/API_UpdateAlias.html",
        412,
        PRECONDITION,
        {"another revision of an alias": update_alias},
    ),
    *list_cases(
        f"{LAMBDA_API}/API_AddPermission.html",
        409,
        CONFLICT,
        {"the same statement again": permit_twice},
    ),
    *list_cases(
        f"{LAMBDA_API}/API_DeleteFunction.html",
        409,
        CONFLICT,
        {"deleting a version that an alias names": partial(delete_version, "1")},
    ),
    *list_cases(
        f"{LAMBDA_API}/API_DeleteFunction.html",
        400,
        PARAMETER,
        {"deleting $LATEST": partial(delete_version, "$LATEST")},
    ),
    *list_cases(
        f"{LAMBDA_API}/API_CreateFunction.html",
        400,
        PARAMETER,
        {
            "creating with what is no zip": lambda s: create(s, b"no zip")[1],
            "updating with what is no zip": partial(update_with, b"no zip"),
            "updating with half a zip": partial(update_with, zip_code()[:-30]),
            "updating from an object that is no zip": partial(update_from, "text"),
            "updating from an object that does not exist": partial(update_from, "none"),
            "publishing other code": publish_other,
        },
    ),
    *list_cases(
        f"{LAMBDA_GUIDE}/configuration-concurrency.html",
        400,
        PARAMETER,
        {
            "reserving 901 executions": partial(reserve, 901),
            "reserving 901 executions for two functions": reserve_more,
        },
    ),
    *list_cases(
        f"{LAMBDA_GUIDE}/configuration-concurrency.html",
        200,
        "",
        {"reserving 900 executions": partial(reserve, 900)},
    ),
    *list_cases(
        f"{LAMBDA_API}/API_UpdateFunctionConfiguration.html",
        400,
        PARAMETER,
        {"configuring what does not exist": configure_unknown},
    ),
    *list_cases(
        f"{LAMBDA_API}/API_ListFunctions.html",
        400,
        PARAMETER,
        {
            "functions after a marker that is none": lambda s: s.call(
                "lambda", "list_functions", Marker="garbage"
            ),
        },
    ),
    *list_cases(
        f"{LAMBDA_API}/API_Invoke.html#API_Invoke_Errors",
        400,
        CONTENT,
        {
            "invoking with what is no JSON": partial(invoke, b"{", "RequestResponse"),
            "sending what is no JSON": partial(invoke, b"{", "Event"),
            "invoking with NaN": partial(invoke, b"NaN", "RequestResponse"),
            "invoking with bytes": partial(invoke, b"\xff", "RequestResponse"),
        },
    ),
    *list_cases(
        NOTIFICATIONS,
        400,
        "InvalidArgument",
        {
            "a filter of another name": lambda s: notify_permitted(s, rule("middle", "a")),
            "a filter with two prefixes": lambda s: notify_permitted(
                s, rule("prefix", "a") + rule("Prefix", "b")
            ),
            "an event that does not exist": lambda s: notify_permitted(s, "", events="s3:Moved"),
            "a function that does not exist": lambda s: notify(s, (name_arn(s, "none"), "")),
            "an ARN that is none": lambda s: notify(s, ("garbage", "")),
        },
    ),
    *list_cases(
        PERMISSIONS,
        400,
        "InvalidArgument",
        {
            "a function without permission": partial(notify_function, None),
            "permission for another bucket": partial(notify_function, OTHER_BUCKET),
            "permission for another account": partial(notify_function, OTHER_ACCOUNT),
            "permission for another service": partial(notify_function, OTHER_SERVICE),
            "permission for another action": partial(notify_function, OTHER_ACTION),
        },
    ),
    *list_cases(
        PERMISSIONS,
        200,
        "",
        {
            "permission for this bucket": partial(notify_function, {}),
            "permission for a pattern": partial(
                notify_function, {"SourceArn": "arn:aws:s3:::strict-*"}
            ),
        },
    ),
    *list_cases(
        FILTERS,
        400,
        "InvalidArgument",
        {
            "two notifications for all": lambda s: notify_permitted(s, "", ""),
            "one for all and one for a prefix": lambda s: notify_permitted(
                s, "", rule("prefix", "a/")
            ),
            "prefixes that overlap": lambda s: notify_permitted(
                s, rule("prefix", "a/"), rule("prefix", "a/b/")
            ),
            "suffixes that overlap": lambda s: notify_permitted(
                s, rule("suffix", "jpg"), rule("suffix", ".jpg")
            ),
            "prefixes that overlap when decoded": lambda s: notify_permitted(
                s, rule("prefix", "a%3D"), rule("prefix", "a%3d1/")
            ),
        },
    ),
    *list_cases(
        FILTERS,
        200,
        "",
        {
            "prefixes that do not overlap": lambda s: notify_permitted(
                s, rule("prefix", "a/"), rule("prefix", "b/")
            ),
            "the same prefix with two suffixes": lambda s: notify_permitted(
                s,
                rule("prefix", "a/") + rule("suffix", ".jpg"),
                rule("prefix", "a/") + rule("suffix", ".png"),
            ),
        },
    ),
]
