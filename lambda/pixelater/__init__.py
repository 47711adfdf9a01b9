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
from pixelater.placeholder.preview import Preview, make_preview
from pixelater.style import Style

__version__ = "0.2.0.dev0"

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
    "Preview",
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
    "pixelate",
]

former_names.register()
