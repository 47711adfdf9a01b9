"""Messages of decoders that do not name the photo: lines on stderr, and Python's warnings.

libtiff writes to file descriptor 2 of the process, and so may any library in C. This is for
programs that own their process: the function, and `pixelater run`. `pixelate` itself never touches
the descriptors or the warnings of the program that calls it.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from PIL import Image

STDERR = 2
MAX_MESSAGES = 10
MAX_CHARACTERS = 300
PIPE_BYTES = 65_536
"""What a pipe holds on Linux (pipe(7)); whatever does not fit is dropped."""


@contextmanager
def catch_messages() -> Iterator[list[str]]:
    """Catch what decoders write to stderr, and their warnings: the first lines of each.

    Pillow's warning of many pixels is left out: sizes are checked here. The list is filled when the
    context ends. One thread at a time may be in it. Whatever another thread writes to stderr
    meanwhile is caught, too: see `detach_stderr`.
    """
    messages: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with _catch_stderr() as lines:
            yield messages
    texts = (" ".join(str(text).split()) for text in (*lines, *(one.message for one in caught)))
    messages += [text[:MAX_CHARACTERS] for text in dict.fromkeys(texts)][:MAX_MESSAGES]


def detach_stderr() -> None:
    """Let Python write to a copy of stderr's descriptor, so that progress is not caught."""
    stream = sys.stderr
    with suppress(AttributeError, OSError, ValueError):  # There may be none, or one in memory.
        if stream.fileno() == STDERR:
            copy = os.dup(STDERR)
            # Line by line, as Python opens stderr. It is never closed: it replaces stderr.
            sys.stderr = open(copy, "w", 1, stream.encoding, stream.errors)  # noqa: PTH123, SIM115


@contextmanager
def _catch_stderr() -> Iterator[list[str]]:
    """Catch the lines that are written to stderr's descriptor.

    A process may have none; Python sets pipes of Windows to non-blocking only since 3.12.
    """
    lines: list[str] = []
    if sys.platform == "win32":
        yield lines
        return
    try:
        kept = os.dup(STDERR)
    except OSError:
        yield lines
        return
    reader, writer = os.pipe()
    for end in (reader, writer):
        os.set_blocking(end, False)  # A full pipe must not stop a decoder.
    os.dup2(writer, STDERR)
    os.close(writer)
    try:
        yield lines
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        with suppress(BlockingIOError):
            lines += os.read(reader, PIPE_BYTES).decode(errors="replace").splitlines()
        os.close(reader)
