"""KTX files as others read them: ktx-parse, and three.js's KTX2Loader, in Node.js.

The packages are installed with npm into pytest's cache, in pinned versions, once.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import pytest
from PIL import Image

from pixelater import Style, pixelate
from pixelater.encode.ktx2 import write_ktx2
from pixelater.encode.mipmaps import make_mipmaps
from pixelater_cli.local.files import locked
from tests.pictures import encode, make_noise, make_scene

pytestmark = pytest.mark.slow

PACKAGES = ("ktx-parse@2.0.0", "three@0.187.0")
SECONDS = 300

READ = """
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { read } from "ktx-parse";
import { KTX2Loader } from "three/addons/loaders/KTX2Loader.js";

const digest = (data) => createHash("sha256").update(data).digest("hex");
const file = readFileSync(process.argv[2]);
const container = read(new Uint8Array(file));
const loader = new KTX2Loader();
loader.workerConfig = {};  // What detectSupport finds of compressed formats, in a browser.
loader.parse(new Uint8Array(file).buffer, (texture) => console.log(JSON.stringify({
  format: container.vkFormat,
  size: [container.pixelWidth, container.pixelHeight],
  keyValues: container.keyValue,
  descriptor: container.dataFormatDescriptor,
  levels: container.levels.map((level) => digest(level.levelData)),
  three: {
    colorSpace: texture.colorSpace,
    premultiplied: texture.premultiplyAlpha,
    sizes: texture.mipmaps.map((level) => [level.width, level.height]),
    levels: texture.mipmaps.map((level) => digest(level.data)),
  },
})), (error) => { console.error(error); process.exitCode = 1; });
"""


@pytest.fixture(scope="module")
def read_elsewhere(
    make_cache: Callable[[str], Path], report_missing: Callable[[str], NoReturn]
) -> Callable[[Path], dict[str, Any]]:
    """Install the readers if need be; return a function that reads a file with both."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        report_missing("Node.js and npm are not on the PATH")
    folder = make_cache("_".join(PACKAGES))
    program = folder / "read.mjs"
    program.write_text(READ)
    options = ("--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--ignore-scripts")
    install = [npm, "install", "--prefix", str(folder), *options, *PACKAGES]
    with locked(folder / "lock", wait=True):  # Workers of pytest share the cache.
        if not (folder / "installed").exists():
            done = subprocess.run(install, capture_output=True, timeout=SECONDS, check=False)
            if done.returncode:
                report_missing(f"npm cannot install {', '.join(PACKAGES)}")
            (folder / "installed").touch()

    def read(path: Path) -> dict[str, Any]:
        done = subprocess.run(
            [node, program, path], capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return read


@pytest.mark.parametrize("size", [(64, 32), (1, 1), (37, 21), (1, 9)])
def test_readers_find_every_level(
    read_elsewhere: Callable[[Path], dict[str, Any]], tmp_path: Path, size: tuple[int, int]
) -> None:
    image = make_noise("RGBA", size)
    path = tmp_path / "noise.ktx2"
    path.write_bytes(write_ktx2(image))
    levels = list(make_mipmaps(image))
    digests = [sha256(level.tobytes()).hexdigest() for level in levels]
    found = read_elsewhere(path)
    assert (found["format"], found["size"]) == (43, list(size))
    assert found["keyValues"] == {"KTXorientation": "rd", "KTXwriter": "pixelater"}
    assert found["levels"] == digests
    assert found["three"] == {
        "colorSpace": "srgb",
        "premultiplied": False,
        "sizes": [list(level.size) for level in levels],
        "levels": digests,
    }
    (descriptor,) = found["descriptor"]
    names = ("colorModel", "colorPrimaries", "transferFunction", "flags")
    assert [descriptor[name] for name in names] == [1, 1, 2, 0]
    samples = [(s["channelType"], s["bitOffset"], s["bitLength"]) for s in descriptor["samples"]]
    assert samples == [(0, 0, 7), (1, 8, 7), (2, 16, 7), (31, 24, 7)]


def test_readers_find_the_cells_of_a_mosaic(
    read_elsewhere: Callable[[Path], dict[str, Any]], tmp_path: Path
) -> None:
    photo = encode(make_scene((200, 150)))
    style = {"cells": "square", "size": "native", "pot": True}
    (texture,) = pixelate(photo, [16], Style("ktx2", **style))  # type: ignore[arg-type]
    (mosaic,) = pixelate(photo, [16], Style("png", **style))  # type: ignore[arg-type]
    path = tmp_path / "scene.ktx2"
    path.write_bytes(texture.data)
    plain = tmp_path / "scene.png"
    plain.write_bytes(mosaic.data)
    with Image.open(plain) as image:
        cells = image.convert("RGBA").tobytes()
    found = read_elsewhere(path)
    assert found["three"]["sizes"] == [[16, 16], [8, 8], [4, 4], [2, 2], [1, 1]]
    assert found["three"]["levels"][0] == sha256(cells).hexdigest()
