"""`pixelater emulate`: the whole pipeline, and that nothing of it is left behind."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from moto.awslambda.models import LambdaFunction

from pixelater import pixelate
from pixelater_cli.aws.package.builder import Contents, pack
from pixelater_cli.emulator.pipeline import deploy_to, send_photo, start_emulator
from pixelater_cli.errors import EmulatorError
from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater
from tests.pictures import encode, encode_endless_fli, encode_interlaced, make_noise, make_scene

PHOTO = encode(make_scene(), "JPEG")


@pytest.mark.real_package
def test_a_photo_goes_through_the_pipeline_and_comes_out_as_run_makes_it(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    done = pixelater("emulate", "photo.jpg", "--out", "emulated")
    assert (done.code, done.err) == (0, "")
    assert "Bytes identical to `pixelater run`: yes\n" in done.out
    assert pixelater("run", "photo.jpg", "--out", "run").code == 0
    files = {path.name: path.read_bytes() for path in (tmp_path / "emulated").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    assert len(files) == 5


def test_photos_of_every_format_and_mode_come_out_as_run_makes_them(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    scene = make_scene()
    folder = tmp_path / "photos"
    folder.mkdir()
    several = {"save_all": True, "append_images": [make_noise("RGB", (120, 90))], "duration": 80}
    settings: list[tuple[str, str, dict[str, Any]]] = [
        *(("jpg", mode, {}) for mode in ("L", "RGB", "CMYK")),
        ("jpg", "RGB", {"progressive": True}),
        *(("png", mode, {}) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *(("tif", mode, {}) for mode in ("1", "L", "PA", "RGB", "CMYK", "YCbCr", "I", "F")),
        *(("webp", mode, {}) for mode in ("RGB", "RGBA")),
        *((name, "RGB", {}) for name in ("bmp", "ppm", "tga", "jp2", "avif", "qoi", "ico", "sgi")),
        *((name, "RGB", several) for name in ("gif", "png", "webp", "tif", "mpo")),
    ]
    for number, (suffix, mode, options) in enumerate(settings):
        scene.convert(mode).save(folder / f"{number}-{mode[0]}.{suffix}", **options)
    (folder / "interlaced.png").write_bytes(encode_interlaced(scene))
    done = pixelater("emulate", "photos", "--json")
    photos = json.loads(done.out)["photos"]
    assert len(photos) == len(settings) + 1
    assert [p["photo"] for p in photos if p["error"] or not p["identical"]] == []


def test_odd_names_are_right_in_the_destination_bucket(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    (tmp_path / "año").mkdir()
    (tmp_path / "my photo+1.jpg").write_bytes(PHOTO)
    (tmp_path / "año/été.png").write_bytes(encode(make_scene()))
    done = pixelater("emulate", "my photo+1.jpg", "año/été.png", "--json")
    assert (done.code, done.err) == (0, "")
    photos = json.loads(done.out)["photos"]
    assert [(photo["key"], photo["cold"], photo["identical"]) for photo in photos] == [
        ("my photo+1.jpg", True, True),
        ("año/été.png", False, True),
    ]
    assert [photo["mosaics"][0]["path"] for photo in photos] == [
        "pixelated/pixelated-8x8-my photo+1.jpg",
        "pixelated/año/pixelated-8x8-été.png",
    ]


def test_a_photo_the_function_refuses_is_reported_and_the_rest_is_done(
    pixelater: Pixelater, photo: Path, tmp_path: Path, snapshot: Snapshot
) -> None:
    (tmp_path / "text.jpg").write_text("no photo at all")
    (tmp_path / "long.fli").write_bytes(encode_endless_fli())
    done = pixelater("emulate", "text.jpg", "long.fli", "photo.jpg", "gone.jpg")
    assert done.code == 1
    assert done.err == snapshot
    assert "Bytes identical to `pixelater run`: yes\n" in done.out


def test_a_refused_photo_at_the_end_leaves_no_noise(
    pixelater: Pixelater, tmp_path: Path, snapshot: Snapshot
) -> None:
    (tmp_path / "text.jpg").write_text("no photo at all")
    for _ in range(3):
        done = pixelater("emulate", "text.jpg")
        assert (done.code, done.err) == (1, snapshot(name="error"))


def test_two_photos_with_one_key_do_not_replace_each_other(
    pixelater: Pixelater, tmp_path: Path, snapshot: Snapshot
) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "p.jpg").write_bytes(PHOTO)
    done = pixelater("emulate", tmp_path / "x" / "p.jpg", tmp_path / "y" / "p.jpg")
    assert (done.code, done.err.replace(str(tmp_path), "FOLDER")) == (1, snapshot)


def test_a_users_aws_settings_do_not_reach_into_the_emulator(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(
        "[default]\nregion = eu-west-3\nendpoint_url = http://127.0.0.1:9\n"
    )
    done = pixelater(
        "emulate",
        "photo.jpg",
        AWS_CONFIG_FILE=str(tmp_path / "config"),
        AWS_PROFILE="nobody",
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_DEFAULT_REGION="eu-west-3",
        HTTP_PROXY="http://127.0.0.1:9",
        http_proxy="http://127.0.0.1:9",
    )
    assert (done.code, done.err) == (0, "")


@pytest.mark.real_package
def test_the_function_runs_in_another_process_from_the_zip_in_the_code_bucket() -> None:
    with start_emulator() as emulator:
        deployed = deploy_to(emulator)
        s3, functions = (deployed.account.clients[name] for name in ("s3", "lambda"))
        journey = send_photo(emulator, deployed, "photo.jpg", PHOTO)
        contents = s3.list_objects_v2(Bucket="pixelater-code-bucket")["Contents"]
        (listed,) = (one for one in contents if one["Key"].endswith(".zip"))
        stored = s3.get_object(Bucket="pixelater-code-bucket", Key=listed["Key"])["Body"].read()
        code_sha256 = functions.get_function(FunctionName="pixelater-function")["Configuration"][
            "CodeSha256"
        ]
        (process,) = emulator.functions.processes
        running = subprocess.run(
            ["ps", "-ww", "-o", "args=", str(process)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    assert base64.b64encode(hashlib.sha256(stored).digest()).decode() == code_sha256
    assert journey.outcome.request_id in journey.outcome.log
    assert process != os.getpid()
    assert "-m awslambdaric pixelater_function.handler.lambda_handler" in running
    assert [content for _, content in journey.objects] == [m.data for m in pixelate(PHOTO)]


def test_the_function_runs_the_code_of_the_zip_and_new_code_once_it_is_updated() -> None:
    with start_emulator() as emulator:
        functions = deploy_to(emulator).account.clients["lambda"]
        first = _invoke(functions, {"Event": "s3:TestEvent", "Bucket": "b"})
        code = b"def lambda_handler(event, context):\n    return 'new code'\n"
        zipped = pack(
            Contents(
                "", {"pixelater_function/__init__.py": b"", "pixelater_function/handler.py": code}
            )
        ).data
        functions.update_function_code(FunctionName="pixelater-function", ZipFile=zipped)
        second = _invoke(functions, {})
    skipped = [{"key": "", "reason": "s3:TestEvent"}]
    assert first == {"photos": [], "skipped": skipped, "failed": []}
    assert second == "new code"


def test_invoking_with_an_event_of_another_kind_gives_awss_error_shape_and_a_log() -> None:
    with start_emulator() as emulator:
        deployed = deploy_to(emulator)
        functions = deployed.account.clients["lambda"]
        answer = functions.invoke(FunctionName="pixelater-function", Payload="{}", LogType="Tail")
        error = json.loads(answer["Payload"].read())
    assert (answer["FunctionError"], error["errorType"]) == ("Unhandled", "BadEvent")
    assert "BadEvent" in base64.b64decode(answer["LogResult"]).decode()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_it_started(
    clean_environment: dict[str, str], tmp_path: Path, how: signal.Signals
) -> None:
    for number in range(40):
        (tmp_path / f"{number}.png").write_bytes(encode(make_noise("RGB", (600, 600), number)))
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "pixelater_cli", "emulate", "."],
        cwd=tmp_path,
        env=clean_environment | {"TMPDIR": str(tmp_path / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _wait_until(
        lambda: (tmp_path / "pixelated").is_dir() and any((tmp_path / "pixelated").iterdir())
    )
    children = _find_children(process.pid)
    assert children
    process.send_signal(how)
    _, err = process.communicate(timeout=30)
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[how]
    assert b"Traceback" not in err
    _wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    assert list((tmp_path / "tmp").iterdir()) == []


def test_after_an_error_nothing_is_left_running() -> None:
    started: list[int] = []
    with pytest.raises(RuntimeError, match="on purpose"):
        _fail_while_running(started)
    assert [Path(f"/proc/{process}").exists() for process in started] == [False]


def test_changed_moto_function_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def invoke(self: object, payload: bytes) -> bytes:
        return payload

    monkeypatch.setattr(LambdaFunction, "invoke", invoke)
    with pytest.raises(
        EmulatorError, match=r"moto\.awslambda\.models\.LambdaFunction\.invoke takes"
    ):
        start_emulator().__enter__()


def _fail_while_running(started: list[int]) -> None:
    with start_emulator() as emulator:
        send_photo(emulator, deploy_to(emulator), "photo.jpg", PHOTO)
        started += emulator.functions.processes
        raise RuntimeError("on purpose")


def _invoke(functions: Any, event: object) -> object:
    answer = functions.invoke(FunctionName="pixelater-function", Payload=json.dumps(event))
    return json.loads(answer["Payload"].read())


def _wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _find_children(parent: int) -> list[int]:
    command = ["ps", "-o", "pid=", "--ppid", str(parent)]
    return [
        int(line)
        for line in subprocess.run(command, capture_output=True, check=True).stdout.split()
    ]
