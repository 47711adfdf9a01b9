"""Which files of an earlier download are not of the current upload of their photo. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from pixelater.outputs import concerns_regions, parse_outputs
from pixelater_cli.aws.operations.mosaics import choose_outputs
from pixelater_cli.aws.stack import Stack


def list_stale(
    stack: Stack,
    key: str,
    current: Collection[str],
    is_saved: Callable[[str], bool],
    is_photo: Callable[[str], bool],
    *,
    has_failed: bool = False,
) -> Iterator[str]:
    """List the names that an earlier upload of a photo may have left, and that are saved.

    `current` are the names of now. A mosaic with another suffix than its photo's belongs to the
    photo of that name, if there is one. If the photo `has_failed`, only pictures with hidden
    regions and their lists are stale: they would say what is hidden in a photo that nobody knows.
    """
    outputs = (*choose_outputs(stack, key), *parse_outputs(stack.former_grids))
    listed = set(current)
    for output in outputs:
        if has_failed and not concerns_regions(output):
            continue
        for name in output.list_names(key):
            if name in listed or not is_saved(name):
                continue
            listed.add(name)
            owner = output.find_owner(name)
            if owner == key or not is_photo(owner):
                yield name
