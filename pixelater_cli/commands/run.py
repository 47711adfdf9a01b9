"""`pixelater run`: pixelate local photos.

Annotations are not strings here: Typer would evaluate those of the options four times, which takes
a tenth of the start.
"""

import dataclasses
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import options, sprite_options
from pixelater_cli.cli.usage_errors import join_grids
from pixelater_cli.errors import UnusablePath, UsageError, on_interrupt
from pixelater_cli.local import name_template, photo_search, workers
from pixelater_cli.local.output_file import Output, read_output
from pixelater_cli.local.photo_search import Search
from pixelater_cli.local.preview_output import Gallery
from pixelater_cli.local.workers import JobResult

if TYPE_CHECKING:
    from pixelater_cli.local.writer import MosaicWriter
    from pixelater_cli.results.run import LeftFile, PixelatedPhoto, RunResult
    from pixelater_cli.results.run_plan import RunPlan
    from pixelater_cli.results.spritesheet import SpritesheetResult

OUTPUT_OPTIONS, WORK_OPTIONS = "Output", "Processing"
UNFINISHED = "mosaics saved so far are complete; run it again for the others"
REMADE = "mosaics that are not recorded in it are regenerated"
PREVIEW_OPTIONS = "Preview (regenerates all mosaics)"


def run(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATHS...",
            help='Photos, folders, patterns such as "*.jpg", or - for stdin.',
            click_type=options.PathWord(readable=False),
        ),
    ],
    out: Annotated[
        str,
        typer.Option(
            "--out",
            "-o",
            help="Output folder, file name for one mosaic, or - for stdout.",
            metavar="DIR|FILE",
            rich_help_panel=OUTPUT_OPTIONS,
            click_type=options.PathWord(readable=False),
        ),
    ] = "pixelated",
    name: Annotated[
        str,
        typer.Option(
            help="File name template with {stem}, {grid}, {suffix}, {ext} and {parent}.",
            metavar="TEMPLATE",
            rich_help_panel=OUTPUT_OPTIONS,
        ),
    ] = name_template.DEFAULT_NAME,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Regenerate all mosaics; overwrite files that pixelater did not create.",
            rich_help_panel=OUTPUT_OPTIONS,
        ),
    ] = False,
    max_pixels: options.MaxPixels = None,
    max_seconds: options.MaxSeconds = None,
    max_memory: options.MaxMemory = None,
    max_written: options.MaxWritten = None,
    show: Annotated[
        bool,
        typer.Option(
            "--show", help="Draw the mosaics in the terminal.", rich_help_panel=PREVIEW_OPTIONS
        ),
    ] = False,
    sheet: Annotated[
        str,
        typer.Option(
            help="Write a contact sheet of photos and mosaics.",
            metavar="FILE.png",
            rich_help_panel=PREVIEW_OPTIONS,
            show_default=False,
        ),
    ] = "",
    html: Annotated[
        str,
        typer.Option(
            help="Write a self-contained page with before/after sliders.",
            metavar="FILE",
            rich_help_panel=PREVIEW_OPTIONS,
            show_default=False,
        ),
    ] = "",
    spritesheet: sprite_options.Spritesheet = "",
    sheet_json: sprite_options.SheetJson = "hash",
    extrude: sprite_options.Extrude = 0,
    padding: sprite_options.Padding = 0,
    mipmaps: sprite_options.Mipmaps = False,
    ktx2: sprite_options.Ktx2 = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            help="Number of worker processes; default: one per CPU.",
            min=1,
            metavar="N",
            rich_help_panel=WORK_OPTIONS,
        ),
    ] = None,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan",
            "--dry-run",
            help="List what would be written, and exit.",
            rich_help_panel=WORK_OPTIONS,
        ),
    ] = False,
    json: options.Json = False,
) -> None:
    """Pixelate photos on this machine.

    Writes one mosaic per grid, at the photo's size and in its format, without metadata. Folders
    are searched recursively (linked folders are not), and their structure is kept. Photos whose
    mosaics are up to date are skipped. Input photos are never overwritten; other files are
    overwritten only if they are named like mosaics, if an earlier run created them, or with
    --force. Unreadable photos are reported, and the others are still processed. The look and the
    limits can also be given as environment variables (PIXELATER_PALETTE) or in pixelater.toml.

    \b
    Examples:
      pixelater run photo.jpg
      pixelater run holiday --out small --grids 16 --format webp
      pixelater run photo.jpg --preset pixel-art
      pixelater run walk.gif --preset sprite --spritesheet walk.png
      pixelater run *.jpg --name "{grid}/{stem}{suffix}"
      pixelater run - --grids 8 --out - < photo.jpg > mosaic.jpg

    \b
    Exit codes:
      0    all photos are done or up to date
      1    some photos failed, or none was found
      2    wrong command line, environment variable or pixelater.toml
      3    --plan: something would be written
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.cli.look_settings import note_file_settings, read_look
    from pixelater_cli.cli.region_options import check_look, read_regions
    from pixelater_cli.local.mipmap_files import check_mipmaps, fit_look
    from pixelater_cli.results.run import explain_png

    started = time.monotonic()
    gallery = Gallery(show, sheet, html)
    gallery.check(json, out, plan)
    sprite_options.refuse_useless(context, spritesheet)
    settings = read_look(context)
    _check_numbers(paths, settings.words.get("grids", ""))
    regions = read_regions(context)
    look = (
        check_look(settings, textures=mipmaps or ktx2 or bool(spritesheet))
        if regions
        else fit_look(settings.look, mipmaps, ktx2, settings.get_option("format"))
    )
    named = "ktx2" if ktx2 else settings.get_option("format")
    output = read_output(out, name, look, named)
    job = workers.Job(
        look.grids,
        output.style,
        exact=look.exact,
        preview=gallery.wanted,
        max_pixels=max_pixels,
        max_seconds=max_seconds,
        max_memory=max_memory,
        max_written=max_written,
        regions=regions,
        mipmaps=mipmaps,
    )
    note_file_settings(context)
    check_mipmaps(output, wanted=mipmaps, plan=plan)
    if spritesheet:
        gallery.check_alone(out, plan, mipmaps)
        drawn = _draw_sheet(
            paths, spritesheet, job, (sheet_json, extrude, padding), jobs, overwrite=force
        )
        console.show(drawn, json)
        raise typer.Exit(drawn.exit_code)
    if out == "-":
        _pass_through(paths, job, output)
        return
    sheets = gallery.find_earlier_sheet()
    with progress.spinner("searching for photos", progress.PATIENCE_SECONDS):
        search, writer = _prepare(
            paths, output, job, sheets, replace=force, require_photos=not json
        )
    if plan:
        listed = _make_plan(out, search, job, writer, force)
        console.show(listed, json)
        raise typer.Exit(listed.exit_code)
    gallery.check_free(writer.owners, replace=force)
    again = force or gallery.wanted
    try:
        work = writer.make_all(search.photos, job, jobs or workers.count_cpus(), force=again)
        with on_interrupt(UNFINISHED), closing(work) as made:
            done = _follow(made, len(search.photos), gallery)
    finally:
        writer.cache.save()
    console.note_unless_quiet(*explain_png(done, job.style))
    with progress.spinner("writing the preview", progress.PATIENCE_SECONDS):
        shown = gallery.write(writer.owners, replace=force)
    console.note_verbose(*(f"skipped: {path}" for path in search.passed_over))
    if writer.cache.problem:
        console.note(f"warning: {writer.cache.path}: {writer.cache.problem}; {REMADE}")
    result = _sum_up(out, done, search, shown, time.monotonic() - started)
    console.show(result, json)
    raise typer.Exit(result.exit_code)


def _sum_up(
    out: str,
    done: "Sequence[PixelatedPhoto]",
    search: Search,
    shown: tuple[str, str],
    seconds: float,
) -> "RunResult":
    """Return the result of a run: `shown` are the paths of sheet and page."""
    from pixelater_cli.results.run import PixelatedPhoto, RunResult

    missing = (
        PixelatedPhoto(str(path), error=reason, hint=photo_search.advise(reason))
        for path, reason in search.problems
    )
    photos, passed_over = (*done, *missing), len(search.passed_over)
    return RunResult(out, photos, passed_over, round(seconds, 3), *shown, _list_left(search))


def _list_left(search: Search) -> "tuple[LeftFile, ...]":
    from pixelater_cli.results.run import LeftFile

    return tuple(LeftFile(str(path), kind) for path, kind in search.not_pixelated)


def _draw_sheet(
    paths: Sequence[str],
    sheet: str,
    job: workers.Job,
    placing: "tuple[Any, int, int]",
    jobs: int | None,
    *,
    overwrite: bool,
) -> "SpritesheetResult":
    """Write a spritesheet instead of mosaics."""
    from pixelater_cli.local.spritesheet_output import SheetOptions, write_spritesheet

    cpus = jobs or workers.count_cpus()
    return write_spritesheet(paths, sheet, job, SheetOptions(*placing), cpus, overwrite=overwrite)


def _make_plan(
    out: str, search: Search, job: workers.Job, writer: "MosaicWriter", force: bool
) -> "RunPlan":
    from pixelater_cli.local.run_plan import plan_photos
    from pixelater_cli.results.run_plan import RunPlan

    planned = plan_photos(search, job, writer, again=force)
    return RunPlan(out, planned, len(search.passed_over), _list_left(search))


def _prepare(
    paths: Sequence[str],
    output: Output,
    job: workers.Job,
    sheets: frozenset[str],
    *,
    replace: bool,
    require_photos: bool,
) -> "tuple[Search, MosaicWriter]":
    """Find the photos, and the mosaics that earlier runs made of them in the same folder."""
    from pixelater_cli.local.run_cache import format_settings, load_cache
    from pixelater_cli.local.writer import MosaicWriter, find_own_photos

    cache = load_cache(output.folder)
    known = sheets | cache.list_mosaics()
    search = photo_search.search_words(paths, Path(output.out), known)
    if require_photos:
        photo_search.require_photos(search)
    output.check_photos(search.photos)
    settings = format_settings(dataclasses.replace(job, preview=False), output.template.text)
    owners = find_own_photos(search.photos)
    for path in photo_search.list_foreign_mosaics(search, known):
        owners.add(path, path)
    names = output.folder, output.template
    return search, MosaicWriter(*names, settings, cache, owners, replace=replace)


def _check_numbers(paths: Sequence[str], grids: str) -> None:
    """Raise UsageError for numbers that are not photos, but grids after a space."""
    numbers = [path for path in paths if path.isdecimal() and not Path(path).exists()]
    if numbers and grids:
        raise UsageError(f"{numbers[0]} does not exist", join_grids([grids, *numbers]))


def _follow(
    made: "Iterator[tuple[PixelatedPhoto, JobResult]]", total: int, gallery: Gallery
) -> "list[PixelatedPhoto]":
    """Collect the results; meanwhile show progress, or the mosaics, and log each photo."""
    done = []
    # Drawings take the place of a bar.
    for photo, result in progress.track(made, 1 if gallery.show else total, "pixelating"):
        done.append(photo)
        gallery.add(photo.photo, result.preview)
        how = f"{result.seconds:.2f} s" if photo.mosaics else "failed"
        how = "up to date" if photo.up_to_date else how
        notes = (f"{photo.photo}: {message}" for message in result.messages)
        console.note_verbose(f"{photo.photo}: {how}", *notes, *result.traceback.splitlines())
    return done


def _pass_through(paths: Sequence[str], job: workers.Job, output: Output) -> None:
    """Write the mosaic of one photo to stdout."""
    search = photo_search.search_words(paths, Path("-"))
    photo_search.require_photos(search)
    output.check_photos(search.photos)
    (photo,) = search.photos
    with progress.spinner("pixelating", progress.PATIENCE_SECONDS):
        (made,) = workers.run_jobs([photo_search.read_source(photo)], job, jobs=1)
    console.note_verbose(*made.messages, *made.traceback.splitlines())
    if made.error:
        raise UnusablePath(f"{photo.path}: {made.error}", made.hint)
    (mosaic,) = made.mosaics
    console.note(*(f"warning: {photo.path}: {warning}" for warning in mosaic.warnings))
    console.write_bytes(mosaic.data)
