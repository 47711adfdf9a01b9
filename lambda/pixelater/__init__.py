"""The pixelater engine: what runs in AWS Lambda, and what `pixelater run` runs."""

from pixelater.encoding import Style
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
from pixelater.mosaic import (
    GRIDS,
    BadGrids,
    Mosaic,
    make_mosaics,
    name_mosaic,
    parse_grids,
    pixelate,
)

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
