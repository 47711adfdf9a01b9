"""Previews in the words of web pages: HTML, CSS, and the properties of Next.js's Image.

Names of files are untrusted: they are escaped for the place where they are written.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Sequence
from pathlib import PurePath
from urllib.parse import quote

from pixelater_cli.results.preview import PreviewedPhoto


def format_html(photos: Sequence[PreviewedPhoto]) -> str:
    """Format an <img> for each photo, with its size, so that nothing moves when it is loaded."""
    return "\n".join(map(_format_image, photos))


def _format_image(photo: PreviewedPhoto) -> str:
    attributes = {
        "src": make_url(photo.photo),
        "width": str(photo.width),
        "height": str(photo.height),
        "alt": "",
        "loading": "lazy",
        "decoding": "async",
        "style": f"background:{_format_background(photo)}",
    }
    if photo.has_alpha:
        attributes["onload"] = "this.style.background='none'"
    written = " ".join(f'{name}="{html.escape(text)}"' for name, text in attributes.items())
    return f"<img {written}>"


def format_css(photos: Sequence[PreviewedPhoto]) -> str:
    """Format a rule for each photo, which applies to an <img> with its path as src.

    CSS does not tell whether a photo is loaded, so a photo with alpha has no background: it would
    stay visible through the photo.
    """
    return "\n".join(map(_format_rule, photos))


def _format_rule(photo: PreviewedPhoto) -> str:
    background = f"background: {_format_background(photo)};"
    if photo.has_alpha:
        background = "/* no background, which would stay visible: the photo is transparent */"
    return (
        f'img[src="{make_url(photo.photo)}"] {{\n'
        f"  aspect-ratio: {photo.width} / {photo.height};\n"
        f"  {background}\n"
        "}"
    )


def format_next(photos: Sequence[PreviewedPhoto]) -> str:
    """Format the properties of Next.js's Image: an object for one photo, a list for several.

    https://nextjs.org/docs/app/api-reference/components/image#blurdataurl
    """
    objects = [
        {
            "src": make_url(photo.photo),
            "width": photo.width,
            "height": photo.height,
            "blurDataURL": photo.data_uri,
        }
        for photo in photos
    ]
    return json.dumps(objects[0] if len(objects) == 1 else objects, indent=2)


FORMATS: dict[str, Callable[[Sequence[PreviewedPhoto]], str]] = {
    "html": format_html,
    "next": format_next,
    "css": format_css,
}

STARTS = (
    b'{"version": ',
    b"<img src=",
    b"img[src=",
    b'{\n  "src": ',
    b'[\n  {\n    "src": ',
    b"[]",
)
"""What files of previews begin with."""


def make_url(path: str) -> str:
    """Make a relative URL of a path, of letters, digits, / and escapes only.

    >>> make_url("a folder/50%.jpg"), make_url("javascript:x.jpg"), make_url("//host/x.jpg")
    ('a%20folder/50%25.jpg', 'javascript%3Ax.jpg', '/host/x.jpg')
    """
    posix = re.sub("^/+", "/", PurePath(path).as_posix())
    return quote(posix, errors="surrogateescape")


def _format_background(photo: PreviewedPhoto) -> str:
    """Format a background; a data URI in Base64 has no character that url() cannot hold."""
    if not photo.data_uri:
        return photo.dominant_color
    return f"{photo.dominant_color} url({photo.data_uri}) center/cover no-repeat"
