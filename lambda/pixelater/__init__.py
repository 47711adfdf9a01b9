"""The pixelater engine: what runs in AWS Lambda, and what `pixelater run` runs."""

from pixelater.encoding import Style
from pixelater.mosaic import (
    GRIDS,
    BadGrids,
    Mosaic,
    make_mosaics,
    name_mosaic,
    parse_grids,
    pixelate,
)
from pixelater.picture import (
    Damaged,
    MissingDecoder,
    MosaicFailed,
    NotAPicture,
    PictureError,
    TooLarge,
    Truncated,
)

__all__ = [
    "GRIDS",
    "BadGrids",
    "Damaged",
    "MissingDecoder",
    "Mosaic",
    "MosaicFailed",
    "NotAPicture",
    "PictureError",
    "Style",
    "TooLarge",
    "Truncated",
    "make_mosaics",
    "name_mosaic",
    "parse_grids",
    "pixelate",
]
