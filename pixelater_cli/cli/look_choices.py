"""The words that options of looks can have, for completion and for hints."""

import os
from contextlib import suppress
from pathlib import Path

import typer

PALETTE_SUFFIXES = (".hex", ".txt", ".gpl", ".pal", ".act", ".ase", ".aco", ".png")
"""Of the files that are completed; others are read by content, too."""


def list_choices(option: str) -> tuple[str, ...]:
    """List the words of an option that has a few, for completion and for hints."""
    from pixelater import style
    from pixelater.palette.builtin import BUILT_IN
    from pixelater.presets import PRESETS
    from pixelater.redaction import DETECTORS

    choices: dict[str, tuple[str, ...]] = {
        "preset": tuple(PRESETS),
        "format": style.FORMATS,
        "cells": style.CELLS,
        "size": ("photo", "native"),
        "palette": ("none", *BUILT_IN),
        "dither": style.DITHERS,
        "tone": style.TONES,
        "kernel": style.KERNELS,
        "only": ("faces", "text", "faces,text", "none"),
        "detector": DETECTORS,
    }
    return choices.get(option, ())


def complete_preset(ctx: typer.Context) -> list[str]:
    """Return all presets, those of the settings file included: Typer chooses by prefix."""
    from pixelater_cli.cli.config import CONFIG_NAME, load_config
    from pixelater_cli.errors import UsageError

    names = list(list_choices("preset"))
    with suppress(UsageError):  # The Tab key must not print errors.
        names += load_config(Path(ctx.find_root().params.get("config") or CONFIG_NAME)).presets
    return names


def complete_palette_file(incomplete: str) -> list[str]:
    """Return the palette files whose path begins so, with those folders that may have some."""
    folder, name = os.path.split(incomplete)
    with suppress(OSError):
        found = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
        return [
            os.path.join(folder, entry.name) + "/" * entry.is_dir()  # noqa: PTH118 - keeps ./
            for entry in found
            if entry.name.startswith(name)
            and (entry.is_dir() or entry.name.lower().endswith(PALETTE_SUFFIXES))
        ]
    return []
