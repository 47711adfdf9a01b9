"""`pixelater run` with videos that have sound, subtitles, chapters, attachments and HDR."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pixelater_cli.video.light import list_light_options
from tests.clips import SECRET
from tests.functional.conftest import Pixelater
from tests.rich_clips import HDR, LIGHT, list_streams, measure_sound, write_rich_clip

pytest.importorskip("av", reason="PyAV is not installed")

MADE = "pixelated/pixelated-4x4-clip.mp4"


def run(pixelater: Pixelater, name: str, *options: str) -> list[str]:
    """Pixelate a video; return the warnings."""
    done = pixelater("run", name, "--grids", "4", "--json", *options)
    assert done.code == 0, done.out
    (video,) = json.loads(done.out)["videos"]
    return list(video["warnings"])


@pytest.mark.parametrize(
    ("name", "sound", "codec"),
    [
        ("clip.mp4", "aac", "aac"),
        ("clip.mkv", "ac3", "ac3"),
        ("clip.mkv", "flac", "flac"),
        ("clip.mkv", "libopus", "opus"),
        ("clip.mov", "alac", "alac"),
    ],
)
def test_sound_is_copied(
    pixelater: Pixelater, tmp_path: Path, name: str, sound: str, codec: str
) -> None:
    write_rich_clip(tmp_path / name, sound=sound)
    assert run(pixelater, name) == []
    _, (kind, made, language) = list_streams(tmp_path / MADE)
    assert (kind, made.removeprefix("lib"), language) == ("audio", codec, "eng")
    seconds, loudest = measure_sound(tmp_path / MADE)
    assert (abs(seconds - 1) < 0.1, loudest > 5000) == (True, True)


@pytest.mark.parametrize(
    ("name", "sound"),
    [("clip.mkv", "pcm_s16le"), ("clip.mov", "pcm_s16le"), ("clip.mkv", "vorbis")],
)
def test_sound_that_mp4_does_not_hold_is_encoded(
    pixelater: Pixelater, tmp_path: Path, name: str, sound: str
) -> None:
    write_rich_clip(tmp_path / name, sound=sound)
    (warning,) = run(pixelater, name)
    assert warning == f"sound is encoded again, as aac: mp4 files do not hold {sound}"
    assert list_streams(tmp_path / MADE)[1] == ("audio", "aac", "eng")
    seconds, loudest = measure_sound(tmp_path / MADE)
    assert (abs(seconds - 1) < 0.1, loudest > 5000) == (True, True)


def test_sound_of_webm_is_copied(pixelater: Pixelater, tmp_path: Path) -> None:
    write_rich_clip(tmp_path / "clip.webm", codec="libvpx-vp9", sound="libopus")
    run(pixelater, "clip.webm")
    made = list_streams(tmp_path / "pixelated" / "pixelated-4x4-clip.webm")
    assert [(kind, codec.removeprefix("lib")) for kind, codec, _ in made] == [
        ("video", "vp9"),
        ("audio", "opus"),
    ]


def test_sound_can_be_dropped(pixelater: Pixelater, tmp_path: Path) -> None:
    write_rich_clip(tmp_path / "clip.mp4", sound="aac")
    run(pixelater, "clip.mp4", "--audio", "drop")
    assert [kind for kind, _, _ in list_streams(tmp_path / MADE)] == ["video"]


@pytest.mark.parametrize("name", ["clip.mkv", "clip.mp4", "clip.mov"])
def test_what_else_is_in_a_file_goes_and_is_named(
    pixelater: Pixelater, tmp_path: Path, name: str
) -> None:
    write_rich_clip(tmp_path / name, sound="aac", extras=True)
    assert SECRET.encode() in (tmp_path / name).read_bytes()
    (warning,) = run(pixelater, name)
    attached = "1 subtitle, 1 attachment, 1 picture, " if name == "clip.mkv" else ""
    assert warning.replace("1 data stream, ", "") == f"not kept: {attached}1 chapter"
    assert [kind for kind, _, _ in list_streams(tmp_path / MADE)] == ["video", "audio"]
    data = (tmp_path / MADE).read_bytes()
    assert [needle for needle in (SECRET.encode(), b"+47.0") if needle in data] == []


def test_hdr_and_ten_bits_stay(pixelater: Pixelater, tmp_path: Path) -> None:
    import av

    write_rich_clip(tmp_path / "clip.mkv", format="yuv420p10le", colors=HDR)
    run(pixelater, "clip.mkv")
    with av.open(str(tmp_path / MADE)) as source:
        context = source.streams.video[0].codec_context
        found = {name: int(getattr(context, name)) for name in HDR}
        assert (context.pix_fmt, found) == ("yuv420p10le", HDR)


def test_light_of_hdr_stays(pixelater: Pixelater, tmp_path: Path) -> None:
    """x265 writes it for each key frame, and PyAV returns it with frames."""
    import av

    light = f"master-display={LIGHT['mastering-display']}:max-cll={LIGHT['cll']}"
    params = {"x265-params": f"log-level=none:repeat-headers=1:{light}"}
    path = tmp_path / "clip.mkv"
    write_rich_clip(
        path, codec="libx265", format="yuv420p10le", colors=HDR, count=5, options=params
    )
    run(pixelater, "clip.mkv")
    for made in (path, tmp_path / MADE):
        with av.open(str(made)) as source:
            assert list_light_options(next(source.decode(source.streams.video[0]))) == LIGHT
