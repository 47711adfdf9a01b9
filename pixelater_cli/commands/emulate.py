"""`pixelater emulate`: the whole pipeline on this machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import browser_options, options
from pixelater_cli.cli.completion import complete_profile
from pixelater_cli.cli.look_settings import note_file_settings, read_stack_looks
from pixelater_cli.commands.serve import RemoteOptions, serve_on_other_server, serve_until_stopped
from pixelater_cli.emulator.weather.kinds import Kind, parse_kinds
from pixelater_cli.errors import PixelaterError, UnusablePath, UsageError, on_interrupt
from pixelater_cli.hosts import is_loopback, is_number
from pixelater_cli.local import object_key, photo_search
from pixelater_cli.local.files import place_below, prepare_folder, read_whole, write_whole
from pixelater_cli.local.photo_search import PhotoFile

if TYPE_CHECKING:
    from pixelater_cli.aws.photo_settings import PhotoSettings
    from pixelater_cli.emulator.pipeline import Deployed, Emulator
    from pixelater_cli.results.emulate import EmulatedPhoto

PORT, HOST, TIME_SCALE = 4566, "127.0.0.1", 60
SERVE_OPTIONS, REMOTE_OPTIONS = "Serving (without PATHS)", "Serving on another emulator"
_serving = partial(typer.Option, rich_help_panel=SERVE_OPTIONS)
_remote = partial(typer.Option, rich_help_panel=REMOTE_OPTIONS)


def _read_address(host: str) -> str:
    """Return a host in lower case. Raises UsageError for an incomplete address such as 127.1."""
    if not is_number(host) and not any(letter.isalpha() for letter in host):
        raise UsageError(
            f"--host: {host!r} is not an address", "Give a host name or a complete IP address."
        )
    return host.lower()


def emulate(
    context: typer.Context,
    paths: options.MaybePhotos = None,
    out: options.Out = Path("pixelated"),
    max_pixels: options.MaxPixels = None,
    max_seconds: options.MaxSeconds = None,
    max_memory: options.MaxMemory = None,
    max_written: options.MaxWritten = None,
    cors: browser_options.Cors = None,
    cache_control: browser_options.CacheControl = "",
    port: Annotated[
        int,
        _serving(help="Port to listen on; 0 picks a free port.", min=0, max=65535, metavar="N"),
    ] = PORT,
    host: Annotated[
        str,
        _serving(help="Address to listen on.", metavar="NAME", callback=_read_address),
    ] = HOST,
    persist: Annotated[
        Path | None,
        _serving(
            help="Folder to keep objects and failures in.",
            metavar="DIR",
            click_type=options.PathWord(file_okay=False),
        ),
    ] = None,
    watch: Annotated[
        bool,
        _serving("--watch", help="Redeploy when the function's code changes."),
    ] = False,
    time_scale: Annotated[
        float,
        _serving(help="Run retry delays N times faster than AWS.", min=1, max=10000, metavar="N"),
    ] = TIME_SCALE,
    enforce_iam: Annotated[
        bool,
        _serving("--enforce-iam", help="Enforce the IAM role of each function."),
    ] = False,
    weather: Annotated[
        str | None,
        _serving(
            help="Behave as AWS does on a bad day: all, or order, stale, newborn, slow, throttle, "
            "faults.",
            metavar="KINDS",
            show_default=False,
        ),
    ] = None,
    weather_seed: Annotated[
        int,
        _serving(
            help="Seed of the weather: one seed decides the same for the same requests.",
            min=0,
            metavar="N",
        ),
    ] = 0,
    backend: Annotated[
        Literal["localstack", "ministack"] | None,
        _remote(help="localstack or ministack, in a container.", metavar="NAME"),
    ] = None,
    endpoint_url: Annotated[
        str | None,
        _remote(
            help="AWS emulator that is already running.",
            metavar="URL",
            envvar="PIXELATER_ENDPOINT_URL",
            show_envvar=False,
        ),
    ] = None,
    stack: Annotated[str, _remote(help="Name of the stack.", metavar="NAME")] = "pixelater",
    profile: Annotated[
        str | None,
        _remote(help="AWS profile.", metavar="NAME", autocompletion=complete_profile),
    ] = None,
    region: Annotated[str | None, _remote(help="AWS region.", metavar="NAME")] = None,
    yes_real_aws: Annotated[
        bool,
        _remote("--yes-real-aws", help="Allow --endpoint-url to be AWS itself."),
    ] = False,
    json: options.Json = False,
) -> None:
    """Run the whole pipeline on this machine.

    Starts a local S3 and Lambda and deploys the stack to them, as `pixelater deploy` does. With
    PATHS, uploads the photos, lets the S3 events invoke the deployed function, and downloads the
    mosaics. Without PATHS, serves any S3 client until Ctrl-C, prints events, and shows a web page
    to drop photos on. Needs no Docker, AWS account or network.

    \b
    Examples:
      pixelater emulate photo.jpg
      pixelater emulate
      pixelater emulate --port 0 --persist kept --watch
      pixelater emulate --weather all --weather-seed 7
      pixelater emulate --backend localstack

    \b
    Exit codes:
      0    all photos are done; also if serving was ended by Ctrl-C
      1    a photo failed, or the emulator could not start
      2    wrong command line, environment variable or pixelater.toml
      130  interrupted by Ctrl-C before that
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    settings: PhotoSettings = {
        **read_stack_looks(context),
        "max_pixels": max_pixels,
        "max_seconds": max_seconds,
        "max_memory": max_memory,
        "max_written": max_written,
        "cors": browser_options.read_origins(cors or ()),
        "cache_control": browser_options.read_cache_control(cache_control),
    }
    note_file_settings(context)
    if not (endpoint_url or backend) and (stack != "pixelater" or profile or region):
        raise UsageError(
            "--stack, --profile and --region are for an emulator that is already running",
            "Add --endpoint-url or --backend, or omit them.",
        )
    if weather is None and weather_seed:
        raise UsageError(
            "--weather-seed has no effect without --weather", "Add --weather, or omit it."
        )
    if paths:
        given = {
            "--port": port != PORT,
            "--host": host != HOST,
            "--persist": persist,
            "--watch": watch,
            "--time-scale": time_scale != TIME_SCALE,
            "--enforce-iam": enforce_iam,
            "--weather": weather is not None,
            "--endpoint-url": endpoint_url,
            "--backend": backend,
        }
        if any(given.values()):
            names = [name for name, value in given.items() if value]
            raise UsageError(
                f"{', '.join(names)} cannot be combined with photos",
                "Omit the photos to serve, and upload them with any S3 client.",
            )
        with on_interrupt("the emulator is stopped; mosaics saved so far are complete"):
            _process_all(paths, out, settings, json)
    elif endpoint_url or backend:
        if weather is not None:
            raise UsageError(
                "--weather is for pixelater's own emulator",
                "Omit --endpoint-url and --backend, or --weather.",
            )
        place = serve_on_other_server(
            RemoteOptions(endpoint_url or "", backend, stack, profile, region, settings),
            yes_real_aws,
            watch,
        )
        serve_until_stopped(place, exposed=False, json=json)
    else:
        from pixelater_cli.emulator.serve.local import ServeOptions, serve_local

        kinds = frozenset[Kind]() if weather is None else parse_kinds(weather)
        serve_options = ServeOptions(
            port, host, persist, watch, time_scale, enforce_iam, kinds, weather_seed, settings
        )
        serve_until_stopped(serve_local(serve_options), not is_loopback(host), json)


def _process_all(paths: list[Path], out: Path, settings: PhotoSettings, json: bool) -> NoReturn:
    """Upload photos to the emulated pipeline, and save their mosaics."""
    from pixelater_cli.emulator.pipeline import deploy_to, start_emulator
    from pixelater_cli.results.emulate import EmulatedPhoto, EmulateResult
    from pixelater_cli.results.problems import format_left

    search = photo_search.find_photos(paths, out)
    console.note(*format_left(search.not_pixelated))
    prepare_folder(out)
    with start_emulator() as emulator:
        with progress.spinner("deploying to a local S3 and Lambda"):
            deployed = deploy_to(emulator, **settings)
        keys: dict[str, PhotoFile] = {}
        sent = (_process(emulator, deployed, photo, out, keys) for photo in search.photos)
        done = tuple(progress.track(sent, len(search.photos)))
    missing = tuple(
        EmulatedPhoto(str(path), error=reason, hint=photo_search.advise(reason))
        for path, reason in search.problems
    )
    result = EmulateResult(
        out=str(out),
        source_bucket=deployed.stack.source_bucket,
        destination_bucket=deployed.stack.destination_bucket,
        steps=deployed.steps,
        photos=done + missing,
    )
    console.show(result, json)
    raise typer.Exit(result.exit_code)


def _process(
    emulator: Emulator,
    deployed: Deployed,
    photo: PhotoFile,
    out: Path,
    keys: dict[str, PhotoFile],
) -> EmulatedPhoto:
    """Upload a photo, save its mosaics and documents, and compare them with those of the library.

    `keys` are the keys in use, with their photos.
    """
    from pixelater import PictureError
    from pixelater_cli.emulator.expected_objects import find_detector, make_expected
    from pixelater_cli.emulator.pipeline import send_photo
    from pixelater_cli.results.emulate import EmulatedPhoto, SavedDocument
    from pixelater_cli.results.run import SavedMosaic, format_warnings

    try:
        key, data = object_key.choose_key(photo), read_whole(photo.path)
        if keys.setdefault(key, photo) is not photo:
            raise UnusablePath(f"its key {key} is also that of {keys[key].path}")
        journey = send_photo(emulator, deployed, key, data)
        for name, content in journey.objects:
            write_whole(place_below(out, name), content)
    except PixelaterError as error:
        return EmulatedPhoto(str(photo.path), error=str(error), hint=error.hint)
    if journey.error:
        return EmulatedPhoto(str(photo.path), key, error=journey.error)
    try:
        expected = make_expected(
            deployed.stack, key, data, lambda name: find_detector(name, deployed.account)
        )
    except PictureError as error:  # This process may have less memory than the function.
        return EmulatedPhoto(str(photo.path), key, error=str(error))
    saved = {name: (str(out / name), len(content)) for name, content in journey.objects}
    mosaics = expected.mosaics
    return EmulatedPhoto(
        photo=str(photo.path),
        key=key,
        milliseconds=round(journey.outcome.milliseconds, 1),
        cold=journey.outcome.cold,
        identical=expected.match(dict(journey.objects)),
        mosaics=tuple(
            SavedMosaic(mosaics[name].grid, *saved[name]) for name in mosaics if name in saved
        ),
        documents=tuple(
            SavedDocument(each.kind, *saved[each.name(key)])
            for each in expected.documents
            if each.name(key) in saved
        ),
        warnings=format_warnings((mosaic.grid, mosaic.warnings) for mosaic in mosaics.values()),
    )
