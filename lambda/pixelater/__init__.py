"""Pixelate photos: the library that AWS Lambda and `pixelater run` use.

>>> import io
>>> from PIL import Image
>>> file = io.BytesIO()
>>> Image.new("RGB", (640, 480), "teal").save(file, "PNG")
>>> for mosaic in pixelate(file.getvalue(), grids=[8, 16]):
...     print(mosaic.grid, mosaic.width, mosaic.height, mosaic.format)
8 640 480 PNG
16 640 480 PNG
"""

from typing import TYPE_CHECKING, Any

from pixelater import former_names
from pixelater.errors import (
    BadCrop,
    Damaged,
    MissingDecoder,
    MosaicFailed,
    NotAPicture,
    PictureError,
    ThumbnailOnly,
    TooLarge,
    Truncated,
    UnsupportedFormat,
)
from pixelater.grid import GRIDS, BadGrids, parse_grids
from pixelater.mosaic import Mosaic, make_mosaics, pixelate
from pixelater.naming import name_mosaic
from pixelater.style import Style

if TYPE_CHECKING:
    from pixelater.placeholder.preview import Preview, make_preview
    from pixelater.regions.hiding import Hiding
    from pixelater.regions.photo import RedactedPhoto, pixelate_regions
    from pixelater.regions.region import BadRegion, Region, parse_region

__version__ = "0.2.0.dev0"

__all__ = [
    "GRIDS",
    "BadCrop",
    "BadGrids",
    "BadRegion",
    "Damaged",
    "Hiding",
    "MissingDecoder",
    "Mosaic",
    "MosaicFailed",
    "NotAPicture",
    "PictureError",
    "Preview",
    "RedactedPhoto",
    "Region",
    "Style",
    "ThumbnailOnly",
    "TooLarge",
    "Truncated",
    "UnsupportedFormat",
    "__version__",
    "make_mosaics",
    "make_preview",
    "name_mosaic",
    "parse_grids",
    "parse_region",
    "pixelate",
    "pixelate_regions",
]

LOADED_LATER = {
    "BadRegion": "regions.region",
    "Hiding": "regions.hiding",
    "Preview": "placeholder.preview",
    "RedactedPhoto": "regions.photo",
    "Region": "regions.region",
    "make_preview": "placeholder.preview",
    "parse_region": "regions.region",
    "pixelate_regions": "regions.photo",
}
"""Names whose modules are loaded when they are used: most programs pixelate whole photos."""


def __getattr__(name: str) -> Any:
    if name not in LOADED_LATER:
        raise AttributeError(f"module 'pixelater' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"pixelater.{LOADED_LATER[name]}"), name)


former_names.register()
