"""Mosaics of videos: whole frames for several grids at once, or the regions that are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pixelater_cli.results.formatting import format_count
from pixelater_cli.video import planes
from pixelater_cli.video.sound import ENCODERS, is_held
from pixelater_cli.video.writer import VideoError, VideoWriter

COMPLETE = 0.8
"""With a smaller share of the frames that a file speaks of, it is taken to be cut off."""

NAMES = {"video": "other video", "subtitle": "subtitle", "attachment": "attachment"}
"""Kinds of streams, in words."""

Audio = Literal["copy", "drop"]


@dataclass
class VideoSummary:
    """What was done: the number of frames, and what of the file was not kept, in words."""

    frames: int = 0
    notes: list[str] = field(default_factory=list)


class Editor(Protocol):
    """Makes the frames of the outputs from those of the video."""

    def add(self, frame: Any) -> Iterator[list[Any]]:
        """Add a frame; return those that are finished, one for each output."""

    def finish(self) -> Iterator[list[Any]]:
        """Return the rest."""


class GridEditor:
    """Whole frames in cells, for each grid."""

    def __init__(self, grids: Sequence[int]) -> None:
        self.grids = grids

    def add(self, frame: Any) -> Iterator[list[Any]]:
        """Return the frame in the cells of each grid."""
        step, size = planes.find_step(frame), (frame.width, frame.height)
        made = []
        for grid in self.grids:
            mosaic = planes.make_like(frame)
            planes.paint_cells(frame, mosaic, planes.find_grid(size, grid, step))
            made.append(mosaic)
        yield made

    def finish(self) -> Iterator[list[Any]]:
        """Return nothing: no frame waits."""
        return iter(())


def pixelate_video(
    path: Path,
    outputs: Sequence[Path],
    container: str,
    editor: Editor,
    summary: VideoSummary,
    audio: Audio = "copy",
    follow: Callable[[int, int], None] = lambda _done, _total: None,
) -> None:
    """Write a video with other frames, to one or several files. Raises VideoError.

    `follow` is called with the number of frames so far, and of all as far as the file says (0:
    unknown).
    """
    import av

    try:
        with closing(av.open(str(path))) as source:
            _transcode(source, outputs, container, editor, summary, audio, follow)
    except av.FFmpegError as error:
        reason = error.strerror or str(error)
        raise VideoError(f"it cannot be decoded or encoded: {reason}") from error


def _transcode(
    source: Any,
    outputs: Sequence[Path],
    container: str,
    editor: Editor,
    summary: VideoSummary,
    audio: Audio,
    follow: Callable[[int, int], None],
) -> None:
    video = _choose_video(source)
    video.thread_type = "AUTO"
    sounds = list(source.streams.audio) if audio == "copy" else []
    summary.notes += _list_notes(source, video, sounds, container)
    total = video.frames or _estimate_frames(video, source)
    writers: list[VideoWriter] = []
    early: list[Any] = []
    try:
        for packet in source.demux(video, *sounds):
            if packet.stream.type == "audio":
                early += [packet] if packet.dts is not None else []
            else:
                for frame in map(_make_editable, packet.decode()):
                    writers = writers or _open_all(outputs, container, video, frame, sounds)
                    summary.frames += 1
                    _write_all(editor.add(frame), writers)
                    follow(summary.frames, total)
            if writers:
                _copy(early, writers)
        if not writers:
            raise VideoError("it has no frame that can be decoded")
        if summary.frames < COMPLETE * total:
            summary.notes.append(
                f"only {summary.frames} of about {total} frames could be read: it may be cut off"
            )
        _write_all(editor.finish(), writers)
    except BaseException:
        for writer in writers:
            writer.abandon()
        raise
    for writer in writers:
        writer.finish()


def _choose_video(source: Any) -> Any:
    """Return the first video that is not a picture, such as a cover. Raises VideoError."""
    import av

    attached = av.stream.Disposition.attached_pic
    videos = [stream for stream in source.streams.video if not stream.disposition & attached]
    if not videos:
        raise VideoError("it has no video stream")
    return videos[0]


def _list_notes(source: Any, video: Any, sounds: Sequence[Any], container: str) -> Iterator[str]:
    """List what of a file is not kept, or not as it is."""
    import av

    attached = av.stream.Disposition.attached_pic
    kinds: dict[str, int] = {}
    for stream in source.streams:
        if stream is video or stream.type == "audio":
            continue
        is_cover = stream.type == "video" and stream.disposition & attached
        kind = "picture" if is_cover else NAMES.get(stream.type, "data stream")
        kinds[kind] = kinds.get(kind, 0) + 1
    if chapters := len(source.chapters()):
        kinds["chapter"] = chapters
    if kinds:
        named = ", ".join(format_count(count, kind) for kind, count in kinds.items())
        yield f"not kept: {named}"
    for codec in dict.fromkeys(
        sound.codec_context.name for sound in sounds if not is_held(container, sound)
    ):
        name = ENCODERS[container][0].removeprefix("lib")
        yield f"sound is encoded again, as {name}: {container} files do not hold {codec}"


def _estimate_frames(video: Any, source: Any) -> int:
    seconds = float(source.duration or 0) / 1_000_000
    return round(seconds * float(video.average_rate or 0))


def _make_editable(frame: Any) -> Any:
    """Convert a frame to a format whose planes can be edited, if it has another."""
    name = frame.format.name
    if name in planes.EDITABLE:
        return frame
    deep = max(component.bits for component in frame.format.components) > 8
    return frame.reformat(format="yuv420p10le" if deep else "yuv420p")


def _open_all(
    outputs: Sequence[Path], container: str, video: Any, frame: Any, sounds: Sequence[Any]
) -> list[VideoWriter]:
    writers = []
    for output in outputs:
        writer = VideoWriter(output, container, video, frame.format.name)
        writer.set_rotation(frame.rotation)
        writer.set_light(frame)
        for sound in sounds:
            writer.add_sound(sound)
        writers.append(writer)
    return writers


def _write_all(made: Iterator[list[Any]], writers: Sequence[VideoWriter]) -> None:
    for frames in made:
        for frame, writer in zip(frames, writers, strict=True):
            writer.write(frame)


def _copy(packets: list[Any], writers: Sequence[VideoWriter]) -> None:
    """Write packets of audio to all outputs."""
    for packet in packets:
        for writer in writers:
            writer.write_sound(packet)
    packets.clear()
