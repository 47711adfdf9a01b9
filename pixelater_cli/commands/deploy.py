"""`pixelater deploy`: create or update a stack, or show the plan."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import browser_options, options
from pixelater_cli.cli.completion import save_stack
from pixelater_cli.cli.governance import check_governance, read_tags
from pixelater_cli.cli.look_settings import read_stack_looks
from pixelater_cli.cli.stack_lookup import check_name
from pixelater_cli.errors import BadSetting, MissingRegion, NotSignedIn, UsageError
from pixelater_cli.results import CHANGES_PENDING

if TYPE_CHECKING:
    from pixelater_cli.aws.deploy.deployment import Deployment
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack
    from pixelater_cli.results.deploy import DeployResult

# fmt: off
LOG_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)
# fmt: on
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""


def deploy(
    context: typer.Context,
    stack: options.StackName = "pixelater",
    source_bucket: options.SourceBucket = "",
    destination_bucket: options.DestinationBucket = "",
    prefix: options.Prefix = "",
    suffix: options.Suffix = "",
    max_pixels: options.MaxPixels = None,
    max_seconds: options.MaxSeconds = None,
    max_memory: options.MaxMemory = None,
    max_written: options.MaxWritten = None,
    memory: options.MemoryOption = None,
    concurrency: options.Concurrency = None,
    log_days: options.LogDays = 30,
    runtime: options.RuntimeOption = "python3.13",
    architecture: options.Architecture = None,
    mirror_deletes: options.MirrorDeletes = False,
    cors: browser_options.Cors = None,
    cache_control: browser_options.CacheControl = "",
    kms_key: options.KmsKey = "",
    function_role: options.FunctionRole = "",
    permissions_boundary: options.PermissionsBoundary = "",
    role_path: options.RolePath = "/",
    tag: options.Tags = None,
    smoke_test: options.SmokeTestOption = True,
    plain_names: options.PlainNames = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    print_policy: options.PrintedPolicy = None,
    plan: options.Plan = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Create or update the pipeline in AWS.

    Creates three buckets, a role, a log group, a failure queue, the function and the notification
    that invokes it for every uploaded photo. Changes only what differs; other settings of the
    buckets are kept. Settings can also be given as environment variables (PIXELATER_MEMORY) or in
    pixelater.toml.

    \b
    Examples:
      pixelater deploy --plan
      pixelater deploy --profile work --region eu-central-1
      pixelater deploy --stack holiday --prefix 2026/ --grids 8,16
      pixelater deploy --endpoint-url http://localhost:4566

    \b
    Exit codes:
      0    deployed, or nothing to change
      1    AWS refused a request, or the smoke test failed
      2    wrong command line, environment variable or pixelater.toml
      3    something would change (--plan), or you answered no
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.aws.stack import DEFAULT_MEMORY, Stack
    from pixelater_cli.aws.stack_looks import fit_memory, warn_of_memory

    requested = Stack(
        account="",
        region="",
        name=stack,
        runtime=runtime,
        memory_mb=memory or DEFAULT_MEMORY,
        concurrency=concurrency,
        log_days=log_days,
        max_pixels=max_pixels,
        max_seconds=max_seconds,
        max_memory=max_memory,
        max_written=max_written,
        prefix=prefix,
        suffix=suffix,
        adopted_source=source_bucket,
        adopted_destination=destination_bucket,
        mirror_deletes=mirror_deletes,
        cors=browser_options.read_origins(cors or ()),
        cache_control=browser_options.read_cache_control(cache_control),
        kms_key=kms_key,
        function_role=function_role,
        permissions_boundary=permissions_boundary,
        role_path=role_path,
        custom_tags=read_tags(tag or ()),
        **read_stack_looks(context),
    )
    if memory is None:
        requested = fit_memory(requested)
    elif warning := warn_of_memory(requested):
        console.note(warning)
    check_name(requested)
    _check(requested)
    account = _sign_in(profile, region, endpoint_url, needed=print_policy is None)
    wanted = requested.in_account(
        account,
        plain_names=plain_names,
        runtime=account.emulated_runtime or runtime,
        architecture=architecture or _choose_architecture(account),
        server=account.server.name,
    )
    check_name(wanted)
    _check(wanted)
    check_governance(wanted)
    if print_policy is not None:
        _print_policy(wanted, print_policy)
        return
    result = _deploy(account, wanted, smoke_test=smoke_test, plan=plan, yes=yes)
    console.show(result, json)
    raise typer.Exit(result.exit_code)


def _sign_in(
    profile: str | None, region: str | None, endpoint_url: str | None, *, needed: bool
) -> Account:
    """Sign in; without credentials, return an account of placeholders if that is enough."""
    from pixelater_cli.aws.identity import placeholder_account
    from pixelater_cli.aws.session import connect

    try:
        return connect(profile, region, endpoint_url, time.sleep)
    except (MissingRegion, NotSignedIn) as error:
        if needed:
            raise
        account = placeholder_account(region)
        console.note(f"warning: {error}; replace ACCOUNT and REGION with yours")
        return account


def _deploy(
    account: Account, stack: Stack, *, smoke_test: bool, plan: bool, yes: bool
) -> DeployResult:
    """Read the current state, plan, ask, apply and verify."""
    import time
    from dataclasses import replace

    from platformdirs import user_cache_path

    from pixelater_cli.aws.deploy.deployment import apply_plan, finish, prepare, verify
    from pixelater_cli.aws.operations.pruning import prune
    from pixelater_cli.aws.package import builder
    from pixelater_cli.local.detector_package import read_detectors

    detectors = read_detectors(stack)
    if account.emulated_runtime == builder.local_runtime():
        contents = builder.gather_for_emulator(detectors)
    else:
        cache = user_cache_path("pixelater")
        with progress.spinner(builder.GATHERING, progress.PATIENCE_SECONDS):
            contents = builder.gather_for_lambda(
                stack.runtime, stack.architecture, cache, detectors
            )
    deployment = prepare(account, stack, contents, time.sleep)
    result = _describe(deployment, contents.digest, applied=not plan)
    if plan or not deployment.all_steps:
        return result
    if not (yes or console.confirm(result.render_plan(), result.question)):
        raise typer.Exit(CHANGES_PENDING)
    with progress.steps(len(deployment.steps)) as done:
        unsettled = apply_plan(deployment, done, time.sleep, time.monotonic)
    result = replace(result, unsettled=unsettled)
    save_stack(stack.name)
    if smoke_test:
        with progress.spinner("testing the stack with a small image"):
            seconds = verify(deployment, time.sleep, time.monotonic)
        result = replace(result, smoke_test_seconds=seconds)
    with progress.steps(len(deployment.last_steps)) as done:
        finish(deployment, done, time.sleep)
    if not account.emulated:
        prune(account, deployment.stack, contents.digest)
    return result


def _describe(deployment: Deployment, digest: str, *, applied: bool) -> DeployResult:
    from pixelater_cli.aws.deploy.plan import list_changes
    from pixelater_cli.aws.stack_notes import note_former, note_rekognition
    from pixelater_cli.results.deploy import DeployResult, find_limits, to_planned_steps

    stack = deployment.stack
    return DeployResult(
        account=stack.account,
        region=stack.region,
        endpoint_url=deployment.account.endpoint_url,
        stack=stack.name,
        source_bucket=stack.source_bucket,
        destination_bucket=stack.destination_bucket,
        prefix=stack.prefix,
        suffix=stack.suffix,
        limits=find_limits(stack),
        function=stack.alias_arn,
        package=digest,
        applied=applied,
        changes=list_changes(deployment.transition.after, deployment.state.found),
        steps=to_planned_steps(deployment.all_steps),
        notes=(*note_rekognition(stack), *note_former(stack)),
    )


def _print_policy(stack: Stack, user: str) -> None:
    import json

    from pixelater_cli.aws.deploy.deployer_policy import POLICIES

    console.show_text(json.dumps(POLICIES[user](stack), indent=2))


def _choose_architecture(account: Account) -> str:
    """Return arm64 for AWS, where it is 20 % cheaper, and this machine's for an emulator."""
    from pixelater_cli.aws.package.builder import local_architecture

    return local_architecture() if account.emulated else "arm64"


def _check(stack: Stack) -> None:
    """Refuse what AWS would refuse later, and a function that would invoke itself."""
    if stack.source_bucket == stack.destination_bucket:
        raise UsageError(
            f"source and destination are both {stack.source_bucket}",
            "Name two buckets, because each mosaic would invoke the function again.",
        )
    adopted = {
        "source-bucket": stack.adopted_source,
        "destination-bucket": stack.adopted_destination,
    }
    for option, bucket in adopted.items():
        if not bucket:
            continue
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
            raise BadSetting(
                option, f"{bucket!r} is not a bucket name", "Write the bare name: our-photos."
            )
        if bucket in stack.named_buckets:
            raise BadSetting(
                option,
                f"{bucket} belongs to the stack",
                "Name another bucket, or omit the option to create one.",
            )
    browser_options.check_destination(stack.cors, stack.adopted_destination)
    if stack.log_days not in LOG_DAYS:
        allowed = ", ".join(str(days) for days in sorted(LOG_DAYS))
        problem = f"CloudWatch cannot keep logs for {stack.log_days} days"
        raise BadSetting("log-days", problem, f"Use one of {allowed}.")
    for option, text in (("prefix", stack.prefix), ("suffix", stack.suffix)):
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
        if "*" in text:
            problem = f"{text!r} has a *, which S3 does not take in filters, not even as a wildcard"
            raise BadSetting(option, problem, "Write the beginning or the end of keys: 2026/, .jpg")
    options.check_key_part("suffix", stack.suffix, options.ROOM_FOR_NAMES)
    both = len(stack.suffix.encode()) if stack.prefix else 0
    options.check_key_part("prefix", stack.prefix, options.ROOM_FOR_NAMES + both)
