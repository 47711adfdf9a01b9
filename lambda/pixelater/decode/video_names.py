"""File names of videos, known by their suffix."""

from __future__ import annotations

from pathlib import PurePosixPath

VIDEO_SUFFIXES = (
    ".3g2 .3gp .asf .avi .divx .f4v .flv .insv .lrv .m2t .m2ts .m2v .m4v .mjpeg .mjpg .mkv .mov "
    ".mp4 .mpe .mpeg .mpg .mpv .mts .mxf .ogv .qt .vob .webm .wmv"
)
"""As IANA registers them (https://www.iana.org/assignments/media-types/), and cameras write them.
Not .ts, .mod and .dv, which are mostly others: content tells."""


def is_video_name(name: str) -> bool:
    """Return whether a file name, or a key, is that of a video.

    >>> is_video_name("trips/clip.MP4"), is_video_name("trips/photo.jpg")
    (True, False)
    """
    return PurePosixPath(name).suffix.lower() in VIDEO_SUFFIXES.split()
