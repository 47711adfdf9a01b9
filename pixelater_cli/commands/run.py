"""`pixelater run`: pixelate local photos.

Annotations are not strings here: Typer would evaluate those of the options four times, which takes
a tenth of the start.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import options, sprite_options
from pixelater_cli.cli.usage_errors import join_grids
from pixelater_cli.errors import UsageError, on_interrupt
from pixelater_cli.local import name_template, photo_run, workers
from pixelater_cli.local.output_file import read_output
from pixelater_cli.local.preview_output import Gallery

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
    check_faces: Annotated[
        bool,
        typer.Option(
            "--check-faces",
            help="Count the cells on the largest face, and warn where people may be recognized "
            "(regenerates all mosaics).",
            rich_help_panel=WORK_OPTIONS,
        ),
    ] = False,
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
    from pixelater_cli.cli.region_options import (
        check_look,
        note_untaken_regions,
        read_audio,
        read_regions,
    )
    from pixelater_cli.local.mipmap_files import check_mipmaps, fit_look
    from pixelater_cli.results.run import explain_png

    started = time.monotonic()
    gallery = Gallery(show, sheet, html)
    gallery.check(json, out, plan)
    sprite_options.refuse_useless(context, spritesheet)
    settings = read_look(context)
    _check_numbers(paths, settings.words.get("grids", ""))
    regions, audio = read_regions(context), read_audio(context)
    if check_faces and (regions or spritesheet or plan):
        raise UsageError(
            "--check-faces is for mosaics of whole photos that are written",
            "Omit it, or --spritesheet, --plan and options of regions.",
        )
    look = (
        check_look(settings, textures=mipmaps or ktx2 or bool(spritesheet))
        if regions
        else fit_look(settings.look, mipmaps, ktx2, settings.get_option("format"))
    )
    output = read_output(out, name, look, "ktx2" if ktx2 else settings.get_option("format"))
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
        check_faces=check_faces,
    )
    note_file_settings(context)
    note_untaken_regions(context)
    _require_detectors(job)
    check_mipmaps(output, wanted=mipmaps, plan=plan)
    cpus = jobs or workers.count_cpus()
    if spritesheet:
        gallery.check_alone(out, plan, mipmaps)
        drawn = photo_run.draw_sheet(
            paths, spritesheet, job, (sheet_json, extrude, padding), cpus, overwrite=force
        )
        console.show(drawn, json)
        raise typer.Exit(drawn.exit_code)
    if out == "-":
        photo_run.pass_through(paths, job, output)
        return
    sheets = gallery.find_earlier_sheet()
    with progress.spinner("searching for photos", progress.PATIENCE_SECONDS):
        given = settings.get_option("format"), audio
        search, writer = photo_run.prepare(
            paths, output, job, sheets, given, replace=force, require_photos=not json
        )
    if plan:
        listed = photo_run.make_plan(out, search, job, writer, force)
        console.show(listed, json)
        raise typer.Exit(listed.exit_code)
    gallery.check_free(writer.owners, replace=force)
    with on_interrupt(UNFINISHED):
        done, films = photo_run.make_all(search, job, writer, gallery, cpus, audio, again=force)
    console.note_unless_quiet(*explain_png(done, job.style))
    with progress.spinner("writing the preview", progress.PATIENCE_SECONDS):
        report = photo_run.make_report(job, done, films, search)
        shown = gallery.write(writer.owners, report, replace=force)
    console.note_verbose(*(f"skipped: {path}" for path in search.passed_over))
    if writer.cache.problem:
        console.note(f"warning: {writer.cache.path}: {writer.cache.problem}; {REMADE}")
    result = photo_run.sum_up(out, done, films, search, shown, job, time.monotonic() - started)
    console.show(result, json)
    raise typer.Exit(result.exit_code)


def _require_detectors(job: workers.Job) -> None:
    """Raise an error if what a run searches cannot be found, before the first photo is read."""
    kinds = job.regions.kinds if job.regions else ()
    if kinds or job.check_faces:
        from pixelater_cli.local.detector_check import require_detectors

        require_detectors(kinds or ("faces",))


def _check_numbers(paths: Sequence[str], grids: str) -> None:
    """Raise UsageError for numbers that are not photos, but grids after a space."""
    numbers = [path for path in paths if path.isdecimal() and not Path(path).exists()]
    if numbers and grids:
        raise UsageError(f"{numbers[0]} does not exist", join_grids([grids, *numbers]))
