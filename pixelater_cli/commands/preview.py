"""`pixelater preview`: placeholders of local photos, and an index of those of a stack.

Annotations are not strings here: see `run`.
"""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import options
from pixelater_cli.errors import UnusablePath, UsageError, on_interrupt
from pixelater_cli.local import photo_search, workers
from pixelater_cli.local.files import write_whole

if TYPE_CHECKING:
    from pixelater_cli.local.photo_search import PhotoFile
    from pixelater_cli.local.workers import JobResult
    from pixelater_cli.results.preview import PreviewedPhoto, PreviewResult

OUTPUT_OPTIONS, WORK_OPTIONS = "Output", "Processing"
LOCAL_OPTIONS = ("budget", "jobs", "max_pixels", "max_seconds", "max_memory")
STACK_OPTIONS = ("prefix", "stack", "plain_names", "profile", "region", "endpoint_url")
UNFINISHED = "run it again: previews made so far are not made again"
REMADE = "previews that are not recorded in it are made again"


def preview(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATHS]...",
            help='Photos, folders, patterns such as "*.jpg", or - for stdin.',
            click_type=options.PathWord(readable=False),
        ),
    ] = None,
    budget: Annotated[
        int,
        typer.Option(
            help="Most characters of a data URI; 0: none.",
            min=0,
            max=10_000,
            metavar="N",
            rich_help_panel=OUTPUT_OPTIONS,
        ),
    ] = 400,
    form: Annotated[
        Literal["html", "next", "css"] | None,
        typer.Option(
            "--as",
            help="Print html (<img>), next (for Next.js's Image) or css (a rule for each photo).",
            metavar="NAME",
            rich_help_panel=OUTPUT_OPTIONS,
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            help="Write the JSON document, or what --as prints, into a file.",
            metavar="FILE",
            rich_help_panel=OUTPUT_OPTIONS,
            click_type=options.PathWord(readable=False),
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Make all previews again; overwrite a file that pixelater did not create.",
            rich_help_panel=OUTPUT_OPTIONS,
        ),
    ] = False,
    from_stack: Annotated[
        bool,
        typer.Option(
            "--from-stack",
            help="Read the preview documents of a stack, instead of photos.",
            rich_help_panel=options.STACK,
        ),
    ] = False,
    prefix: Annotated[
        str,
        typer.Option(
            help="Read only those of keys with this prefix.",
            metavar="TEXT",
            rich_help_panel=options.STACK,
        ),
    ] = "",
    stack: options.StackName = "pixelater",
    plain_names: options.PlainNames = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    max_pixels: options.MaxPixels = None,
    max_seconds: options.MaxSeconds = None,
    max_memory: options.MaxMemory = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            help="Number of worker processes; default: one per CPU.",
            min=1,
            metavar="N",
            rich_help_panel=WORK_OPTIONS,
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Make placeholders of photos for web pages and apps.

    For each photo: its upright size, its dominant color, a ThumbHash, a BlurHash, and a small
    picture without metadata as a data URI. With 100 characters or fewer, the ThumbHash shows more
    than a data URI. Photos are found as by pixelater run, and previews that are up to date are not
    made again. Unreadable photos are reported, and the others are still processed. With
    --from-stack, merges the documents that a stack deployed with --placeholders has written.

    \b
    Examples:
      pixelater preview photo.jpg
      pixelater preview photos --out previews.json
      pixelater preview photos --as html --budget 800
      pixelater preview photo.jpg --as next
      pixelater preview --from-stack --stack holiday --out index.json

    \b
    Exit codes:
      0    all previews are made or up to date
      1    some photos failed, or documents cannot be read, or none was found
      2    wrong command line
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.cli.hints import repeat_options
    from pixelater_cli.cli.look_settings import note_file_settings
    from pixelater_cli.cli.stack_lookup import require_stack
    from pixelater_cli.cli.stack_previews import merge_documents
    from pixelater_cli.local import previews
    from pixelater_cli.local.preview_cache import load_preview_cache
    from pixelater_cli.results.preview import PreviewedPhoto, PreviewResult
    from pixelater_cli.results.problems import LeftFile

    started = time.monotonic()
    if form and json:
        raise UsageError("--as and --json both write to stdout", "Omit one of them.")
    if form == "next" and not budget:
        raise UsageError("--as next needs data URIs", "Omit --budget 0.")
    _check_place(context, paths, from_stack)
    file = Path(out) if out and out != "-" else None
    if from_stack:
        if file:
            _check_file(file, (), overwrite=force)
        place = (stack, plain_names, profile, region, endpoint_url)
        found = merge_documents(*require_stack(*place), prefix)
        seconds = round(time.monotonic() - started, 3)
        photos = (replace(one, hint=repeat_options(one.hint, context)) for one in found.photos)
        merged = replace(found, photos=tuple(photos), seconds=seconds, out=str(file or ""))
        _show(merged, form, json)
        raise typer.Exit(merged.exit_code)
    note_file_settings(context, STACK_OPTIONS)
    search = photo_search.search_words(paths or [], file or Path("-"))
    if not json:
        photo_search.require_photos(search)
    if file:
        _check_file(file, search.photos, overwrite=force)
    job = previews.PreviewJob(budget, max_pixels, max_seconds, max_memory)
    cache = load_preview_cache()
    work = previews.make_all(search.photos, job, jobs or workers.count_cpus(), cache, force=force)
    try:
        with on_interrupt(UNFINISHED), closing(work) as made:
            done = _follow(made, len(search.photos))
    finally:
        cache.save()
    console.note_verbose(*(f"skipped: {path}" for path in search.passed_over))
    if cache.problem:
        console.note(f"warning: {cache.path}: {cache.problem}; {REMADE}")
    missing = tuple(
        PreviewedPhoto(str(path), error=reason, hint=photo_search.advise(reason))
        for path, reason in search.problems
    )
    seconds = round(time.monotonic() - started, 3)
    left = tuple(LeftFile(str(path), kind) for path, kind in search.not_pixelated)
    result = PreviewResult(
        budget, (*done, *missing), len(search.passed_over), seconds, str(file or ""), left
    )
    _show(result, form, json)
    raise typer.Exit(result.exit_code)


def _check_place(context: typer.Context, paths: list[str] | None, from_stack: bool) -> None:
    """Raise UsageError unless there are photos or a stack, and options are for what there is."""
    from pixelater_cli.cli.look_settings import get_source

    if not (paths or from_stack):
        hint = "Name photos or folders of photos, or add --from-stack."
        raise UsageError("no photos", hint)
    useless = LOCAL_OPTIONS if from_stack else STACK_OPTIONS
    given = [
        f"--{name.replace('_', '-')}"
        for name in useless
        if get_source(context, name) == "COMMANDLINE"
    ]
    if from_stack and paths:
        raise UsageError(
            "--from-stack cannot be combined with photos", "Omit the photos, or --from-stack."
        )
    if given:
        have, them = ("has", "it") if len(given) == 1 else ("have", "them")
        with_it = "with" if from_stack else "without"
        raise UsageError(
            f"{', '.join(given)} {have} no effect {with_it} --from-stack", f"Omit {them}."
        )


def _check_file(path: Path, photos: "tuple[PhotoFile, ...]", *, overwrite: bool) -> None:
    """Raise UnusablePath for a photo, and without `overwrite` for a file of another program."""
    from pixelater_cli.local.file_owners import find_own_photos
    from pixelater_cli.results.preview_text import STARTS

    try:
        find_own_photos(photos).check_free(path)
    except UnusablePath as error:
        raise UnusablePath(str(error), "Choose another file with --out.") from error
    if overwrite or not os.path.lexists(path):
        return
    head = photo_search.read_head(path)
    if head and not head.startswith(STARTS):
        raise UnusablePath(
            f"{path} already exists and was not created by pixelater",
            "Choose another name, or overwrite it with --force.",
        )


def _follow(
    made: "Iterator[tuple[PreviewedPhoto, JobResult]]", total: int
) -> "list[PreviewedPhoto]":
    """Collect the results; meanwhile show progress, and log each photo."""
    done = []
    for photo, result in progress.track(made, total):
        done.append(photo)
        how = "failed" if photo.error else f"{result.seconds:.2f} s"
        how = "up to date" if photo.up_to_date else how
        notes = (f"{photo.photo}: {message}" for message in result.messages)
        console.note_verbose(f"{photo.photo}: {how}", *notes, *result.traceback.splitlines())
    return done


def _show(result: "PreviewResult", form: str | None, json: bool) -> None:
    """Write the file, and print the result; what --as makes is all of stdout unless in a file."""
    text = _format(result, form) if form or result.out else ""
    if result.out:
        write_whole(Path(result.out), f"{text}\n".encode("ascii"))
    elif form:
        console.note(*result.render_problems())
        console.show_text(text)
        return
    console.show(result, json)


def _format(result: "PreviewResult", form: str | None) -> str:
    """Format what the file has: the form that --as names, or a document."""
    if not form:
        return console.format_document(_settle(result))
    from pixelater_cli.results.preview_text import FORMATS

    return FORMATS[form](result.previewed)


def _settle(result: "PreviewResult") -> "PreviewResult":
    """Leave out how the result came about: so a file is the same as long as the photos are."""
    photos = tuple(replace(photo, up_to_date=False) for photo in result.photos)
    return replace(result, seconds=0.0, photos=photos)
