"""The pixelater engine: what runs in AWS Lambda, and what `pixelater run` runs."""

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
)
from pixelater.grid import GRIDS, BadGrids, parse_grids
from pixelater.mosaic import Mosaic, make_mosaics, pixelate
from pixelater.naming import name_mosaic
from pixelater.style import Style

__all__ = [
    "GRIDS",
    "BadCrop",
    "BadGrids",
    "Damaged",
    "MissingDecoder",
    "Mosaic",
    "MosaicFailed",
    "NotAPicture",
    "PictureError",
    "Style",
    "ThumbnailOnly",
    "TooLarge",
    "Truncated",
    "make_mosaics",
    "name_mosaic",
    "parse_grids",
    "pixelate",
]
