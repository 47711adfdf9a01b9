"""Mosaics of videos: whole frames for several grids at once, or the regions that are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pixelater_cli.video import planes
from pixelater_cli.video.tracking import Box, Tracker, Waiting
from pixelater_cli.video.writer import VideoError, VideoWriter

Audio = Literal["copy", "drop"]

CUT = 22.0
"""Mean difference of brightness, of 255, between two frames of which the second is after a cut."""

SAMPLED = 16
"""Every such pixel across and down is compared."""

PAD = 0.3
"""What boxes are grown by on each side, as a share of their size."""


@dataclass
class VideoSummary:
    """What was done: numbers of frames, of boxes in all of them, and the most in one."""

    frames: int = 0
    boxes: int = 0
    most: int = 0
    seconds: float = 0.0
    sides: list[float] = field(default_factory=list)


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
        import av

        step, size = planes.find_step(frame), (frame.width, frame.height)
        made = []
        for grid in self.grids:
            mosaic = av.VideoFrame(*size, frame.format.name)
            mosaic.pts, mosaic.time_base = frame.pts, frame.time_base
            planes.paint_cells(frame, mosaic, planes.find_grid(size, grid, step))
            made.append(mosaic)
        yield made

    def finish(self) -> Iterator[list[Any]]:
        """Return nothing: no frame waits."""
        return iter(())


@dataclass(frozen=True)
class RegionStyle:
    """How boxes are hidden: cells across the shorter side, or one color; grown by `pad`."""

    cells: int = 6
    color: tuple[int, int, int] | None = None
    pad: float = PAD


class RegionEditor:
    """Frames in which boxes are hidden, those that `detect` finds in some of them."""

    def __init__(
        self,
        detect: Callable[[Any], Sequence[Box]],
        style: RegionStyle,
        summary: VideoSummary,
    ) -> None:
        self._tracker = Tracker[Any](detect)
        self._style = style
        self._summary = summary
        self._before: Any = None
        self._color: Sequence[int] | None = None

    def add(self, frame: Any) -> Iterator[list[Any]]:
        """Add a frame; return those whose boxes are known, hidden."""
        is_cut = self._is_cut(frame)
        yield from map(self._hide, self._tracker.add(frame, is_cut=is_cut))

    def finish(self) -> Iterator[list[Any]]:
        """Return the frames that wait."""
        yield from map(self._hide, self._tracker.finish())

    def _is_cut(self, frame: Any) -> bool:
        """Return whether a frame differs much from the one before."""
        samples, *_ = next(planes.list_planes(frame))
        brightness = samples[::SAMPLED, ::SAMPLED].astype(int)
        before, self._before = self._before, brightness
        if before is None or before.shape != brightness.shape:
            return False
        scale = 1 if samples.dtype.itemsize == 1 else 2 ** (frame.format.components[0].bits - 8)
        return bool(abs(brightness - before).mean() > CUT * scale)

    def _hide(self, waiting: Waiting[Any]) -> list[Any]:
        frame = waiting.frame
        if waiting.boxes:
            frame.make_writable()
            step = planes.find_step(frame)
            for box in waiting.boxes:
                area = planes.grow(box, self._style.pad, (frame.width, frame.height), step)
                if area is not None:
                    self._paint(frame, area, step)
        self._summary.boxes += len(waiting.boxes)
        self._summary.most = max(self._summary.most, len(waiting.boxes))
        return [frame]

    def _paint(self, frame: Any, area: tuple[int, int, int, int], step: tuple[int, int]) -> None:
        if self._style.color is None:
            sides = planes.find_cells(area, self._style.cells, step)
            planes.paint_cells(frame, frame, sides)
            return
        if self._color is None:
            self._color = planes.find_samples(self._style.color, frame)
        planes.paint_color(frame, area, self._color)


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
    if not source.streams.video:
        raise VideoError("it has no video stream")
    video = source.streams.video[0]
    video.thread_type = "AUTO"
    sounds = list(source.streams.audio) if audio == "copy" else []
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
        _write_all(editor.finish(), writers)
    except BaseException:
        for writer in writers:
            writer.abandon()
        raise
    for writer in writers:
        writer.finish()


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
        for sound in sounds:
            writer.add_audio(sound)
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
            writer.write_packet(packet)
    packets.clear()
