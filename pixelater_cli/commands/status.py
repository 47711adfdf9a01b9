"""`pixelater status`: show a stack's resources, traffic and errors."""

from __future__ import annotations

import time
from dataclasses import replace

import typer

from pixelater_cli import console
from pixelater_cli.cli import options
from pixelater_cli.cli.stack_lookup import find_stack


def status(
    stack: options.StackName = "pixelater",
    plain_names: options.PlainNames = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    json: options.Json = False,
) -> None:
    """Show a stack's resources, traffic and errors.

    Each resource is present, missing or drifted (its settings differ from what deploy would set).
    Traffic, errors and the estimated monthly cost are those of the last hour.

    \b
    Examples:
      pixelater status
      pixelater status --stack holiday --region eu-central-1
      pixelater status --quiet

    \b
    Exit codes:
      0    all resources are present and as deployed
      1    AWS refused a request
      2    wrong command line, environment variable or pixelater.toml
      3    deploy would change something
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.aws.deploy.adoption import add_role_state
    from pixelater_cli.aws.deploy.executor import read_state
    from pixelater_cli.aws.deploy.plan import list_changes
    from pixelater_cli.aws.operations import health, versions
    from pixelater_cli.aws.operations.metadata_survey import MetadataSurvey, survey_metadata
    from pixelater_cli.aws.operations.queue_metrics import read_queue_metrics
    from pixelater_cli.aws.operations.stack_secret import add_secret
    from pixelater_cli.aws.operations.stale_mosaics import count_stale
    from pixelater_cli.aws.package.package import Package
    from pixelater_cli.aws.resources.catalog import list_properties
    from pixelater_cli.aws.resources.property import EXISTS
    from pixelater_cli.aws.stack_looks import list_looks
    from pixelater_cli.aws.stack_notes import note_rekognition
    from pixelater_cli.results.status import StatusResult, to_resource_states

    account, found = find_stack(stack, plain_names, profile, region, endpoint_url)
    found = add_role_state(account, add_secret(account, found, time.sleep), time.sleep)
    package = Package("", "", b"")
    properties = list_properties(found, package)
    state = read_state(account, properties, time.sleep)
    code = state.found[(f"function {found.function}", "code")]
    package = replace(package, sha256=code["CodeSha256"] if code else "")
    properties = tuple(p for p in list_properties(found, package) if p.key[0] != "zip ")
    traffic, errors = health.read_last_hour(account, found, time.time())
    undelivered, oldest_days = read_queue_metrics(account, found, time.time())
    version, newest = versions.find_versions(account, found)
    buckets = (found.source_bucket, found.destination_bucket)
    has_buckets = all(state.found[(f"bucket {bucket}", EXISTS)] for bucket in buckets)
    survey = survey_metadata(account, found) if has_buckets else MetadataSurvey()
    result = StatusResult(
        account=found.account,
        region=found.region,
        endpoint_url=account.endpoint_url,
        stack=found.name,
        function_version=version,
        newest_version=newest,
        failures=health.count_failures(account, found),
        undelivered_failures=undelivered,
        oldest_failure_days=oldest_days,
        stale_photos=count_stale(account, found) if has_buckets else None,
        clear_mosaics=survey.clear,
        unknown_secrets=dict(survey.unknown),
        leftover_mosaics=dict(survey.leftover),
        errors=errors,
        traffic=traffic,
        looks=list_looks(found),
        notes=tuple(note_rekognition(found)),
        cors=found.cors,
        cache_control=found.cache_control,
        resources=to_resource_states(properties, list_changes(properties, state.found)),
    )
    console.show(result, json)
    raise typer.Exit(result.exit_code)
