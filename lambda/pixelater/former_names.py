"""Modules of 0.1.0 that have moved: their names stay importable, with a DeprecationWarning.

Version 0.1.0 documented no module of the library. The names that it exported from `pixelater` are
still exported; the table lists the modules behind them, from which programs could import.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

MOVED = {
    "blocks": "grid",
    "deflate": "encode.deflate",
    "encoding": "style encode.formats encode.encoder",
    "huffman": "encode.huffman",
    "jpeg": "encode.jpeg",
    "means": "averaging",
    "modes": "decode.color_modes",
    "mosaic": "grid naming",
    "picture": "errors decode.limits decode.identify decode.orientation decode.photo",
    "png": "encode.png",
    "scans": "decode.jpeg_scans",
    "webp": "encode.webp",
}
"""Former module -> modules that have its names now. Those that import from others come last."""


class _FormerModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return find(self.__name__.removeprefix("pixelater."), name)


def register() -> None:
    """Make the former modules importable, except for `mosaic`, which exists."""
    for module in MOVED.keys() - {"mosaic"}:
        name = f"pixelater.{module}"
        sys.modules[name] = _FormerModule(name)
        setattr(sys.modules["pixelater"], module, sys.modules[name])


def find(module: str, name: str) -> Any:
    """Return an object by its former name, and warn. Raises AttributeError."""
    if not name.startswith("_"):
        for place in MOVED[module].split():
            found = import_module(f"pixelater.{place}")
            if name in vars(found):
                import warnings

                exported = name in sys.modules["pixelater"].__all__
                now = "pixelater" if exported else found.__name__
                message = f"pixelater.{module}.{name} has moved: import {name} from {now}"
                warnings.warn(message, DeprecationWarning, stacklevel=3)
                return vars(found)[name]
    raise AttributeError(f"module 'pixelater.{module}' has no attribute {name!r}")
