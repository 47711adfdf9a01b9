"""Pictures of `benchmarks.privacy`, and what is in them; none of them is in this repository.

They are photos of public repositories, at fixed commits, that git fetches into the cache folder,
and some of scikit-image. `privacy_truth.tsv` has the boxes of faces: proposals of CenterFace at
five sizes, from a score of 0.15, of which each was looked at. What is too small, dark or turned away
to be recognized, dolls and pictures of faces are `unclear`, and count neither way. Plates are those
of OpenALPR's benchmark.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from importlib import util
from pathlib import Path

from PIL import Image, ImageOps

from benchmarks.privacy_scores import Box, turn
from pixelater_cli.local.run_cache import find_cache

TRUTH = Path(__file__).with_name("privacy_truth.tsv")

REPOSITORIES = {
    "face-api.js": (
        "https://github.com/justadudewhohacks/face-api.js",
        "a86f011d72124e5fb93e59d5c4ab98f699dd5c9c",
        ("examples/images",),
    ),
    "face_recognition": (
        "https://github.com/ageitgey/face_recognition",
        "2e2dccea9dd0ce730c8d464d0f67c6eebb40c9d1",
        (
            "examples/knn_examples",
            "examples/*.jpg",
            "examples/*.png",
            "examples/short_hamilton_clip.mp4",
            "tests/test_images",
        ),
    ),
    "dlib": (
        "https://github.com/davisking/dlib",
        "3d40bf5790ca9073c160cebb898800d9f33e12ab",
        ("examples/faces", "examples/mmod_cars_test_image2.jpg", "dlib/test/ffmpeg_data/*.jpg"),
    ),
    "benchmarks": (
        "https://github.com/openalpr/benchmarks",
        "9790ed20d475be1e940a7e2a3f492a97c2ebed9b",
        ("endtoend/br", "endtoend/eu", "endtoend/us"),
    ),
}
"""By name: address, commit and files."""

CLIP = "face_recognition/examples/short_hamilton_clip.mp4"

LARGE = (
    "dlib/examples/faces/Tom_Cruise_avp_2014_4.jpg",
    "face-api.js/examples/images/surprised.jpg",
    "face-api.js/examples/images/happy.jpg",
    "face_recognition/examples/knn_examples/train/rose_leslie/img1.jpg",
    "face_recognition/examples/knn_examples/train/alex_lacamoire/img1.jpg",
    "face_recognition/tests/test_images/obama3.jpg",
    "face_recognition/examples/two_people.jpg",
    "skimage/data/astronaut.png",
    "dlib/examples/faces/2008_002506.jpg",
    "face-api.js/examples/images/bbt5.jpg",
)
"""Enlarged to 4,000 pixels."""

TURNED = (
    "face-api.js/examples/images/bbt3.jpg",
    "face-api.js/examples/images/bbt4.jpg",
    "face-api.js/examples/images/bbt5.jpg",
    "dlib/examples/faces/2007_007763.jpg",
    "dlib/examples/faces/2008_002470.jpg",
    "face_recognition/examples/two_people.jpg",
)

WITHOUT_FACES = (
    *(f"skimage/data/{name}" for name in ("chelsea.png", "coffee.png", "rocket.jpg")),
    "skimage/data/motorcycle_left.png",
    *(f"dlib/dlib/test/ffmpeg_data/{name}.jpg" for name in ("dog", "eagle", "giraffe", "horses")),
    "dlib/examples/mmod_cars_test_image2.jpg",
    *(f"benchmarks/endtoend/br/{name}.jpg" for name in ("PWC0633", "PWF3266", "PXP8172")),
    "benchmarks/endtoend/br/PYB6477.jpg",
    *(f"benchmarks/endtoend/eu/test_0{number}.jpg" for number in (94, 95, 96, 97)),
    *(f"benchmarks/endtoend/us/wts-lg-000{number}.jpg" for number in (195, 196, 197)),
)

PASSERS: dict[str, tuple[Box, ...]] = {
    "benchmarks/endtoend/br/PWC0633.jpg": ((3, 79, 16, 94),),
}
"""Heads, 10 pixels wide, in photos without faces: unclear."""

DOGS = "dlib/examples/faces/dogs.jpg"

PLATES = {"br": 14, "eu": 14, "us": 14}
"""The first photos of each folder."""

LARGE_SIDE = 4000


@dataclass(frozen=True)
class Photo:
    """A photo, the boxes of its faces, and of what is unclear."""

    path: Path
    faces: tuple[Box, ...] = ()
    unclear: tuple[Box, ...] = ()


def fetch() -> Path:
    """Let git fetch the repositories into the cache folder; return that."""
    folder = find_cache() / "benchmarks" / "privacy" / "pictures"
    for name, (address, commit, files) in REPOSITORIES.items():
        target = folder / name
        if (target / ".git" / "fetched").exists():
            continue
        target.mkdir(parents=True, exist_ok=True)
        for arguments in (
            ["init", "--quiet"],
            ["config", "remote.origin.url", address],
            ["config", "remote.origin.promisor", "true"],
            ["config", "remote.origin.partialclonefilter", "blob:none"],
            ["fetch", "--quiet", "--depth", "1", "--filter=blob:none", "origin", commit],
            ["checkout", "--quiet", commit, "--", *files],
        ):
            subprocess.run(["git", "-c", "gc.auto=0", "-C", str(target), *arguments], check=True)
        (target / ".git" / "fetched").touch()
    return folder


def find(folder: Path, name: str) -> Path:
    """Return the path of a picture by its name in the truth."""
    first, _, rest = name.partition("/")
    if first != "skimage":
        return folder / name
    spec = util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("skimage is not installed: pip install 'pixelater[look]'")
    return Path(spec.origin).parent / rest


def load_truth(folder: Path) -> dict[str, Photo]:
    """Read the boxes of all photos with faces, by name."""
    boxes: dict[str, dict[str, list[Box]]] = {}
    for line in TRUTH.read_text().splitlines()[1:]:
        name, kind, *edges = line.split("\t")
        left, top, right, lower = map(float, edges)
        boxes.setdefault(name, {}).setdefault(kind, []).append((left, top, right, lower))
    return {
        name: Photo(find(folder, name), tuple(of["face"]), tuple(of.get("unclear", ())))
        for name, of in boxes.items()
    }


def enlarge(photo: Photo, number: int, scratch: Path) -> Photo:
    """Write a photo with 4,000 pixels on its longer side."""
    image = load(photo.path)
    times = LARGE_SIDE / max(image.size)
    path = scratch / f"large-{number}.jpg"
    size = round(image.width * times), round(image.height * times)
    image.resize(size, Image.Resampling.LANCZOS).save(path, quality=92)
    scaled = [
        tuple((a * times, b * times, c * times, d * times) for a, b, c, d in boxes)
        for boxes in (photo.faces, photo.unclear)
    ]
    return Photo(path, *scaled)


def turn_all(photo: Photo, number: int, scratch: Path) -> list[Photo]:
    """Write a photo turned to the left by one, two and three quarters."""
    image = load(photo.path)
    kinds = Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270
    photos = []
    for turns, kind in enumerate(kinds, 1):
        path = scratch / f"turned-{number}-{turns}.png"
        image.transpose(kind).save(path)
        moved = [
            tuple(turn(box, turns, image.size) for box in boxes)
            for boxes in (photo.faces, photo.unclear)
        ]
        photos.append(Photo(path, *moved))
    return photos


def load(path: Path) -> Image.Image:
    """Read a picture upright, as RGB."""
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def list_plates(folder: Path) -> list[tuple[Path, tuple[Box, ...]]]:
    """Return photos of cars, and the boxes of their plates."""
    found = []
    for country, number in PLATES.items():
        for path in sorted((folder / "benchmarks" / "endtoend" / country).glob("*.txt"))[:number]:
            plates = []
            for line in path.read_text().splitlines():
                name, left, top, width, height, *_ = line.split("\t")
                x, y = float(left), float(top)
                plates.append((x, y, x + float(width), y + float(height)))
            found.append((path.with_name(name), tuple(plates)))
    return found


def list_people(folder: Path) -> dict[str, list[Path]]:
    """Return the pictures of people of whom there are several."""
    images = folder / "face-api.js" / "examples" / "images"
    names = ("amy", "bernadette", "howard", "leonard", "penny", "raj", "sheldon", "stuart")
    people = {name: sorted((images / name).glob("*.png")) for name in names}
    root = folder / "face_recognition"
    train = root / "examples" / "knn_examples" / "train"
    tests = root / "tests" / "test_images"
    people["obama"] = [tests / f"obama{number}.jpg" for number in ("", 2, 3)]
    people["obama"].append(train.parent / "test" / "obama1.jpg")
    people["alex"] = [train / "alex_lacamoire" / "img1.jpg"]
    people["alex"].append(train.parent / "test" / "alex_lacamoire1.jpg")
    for name in ("biden", "kit_harington", "rose_leslie"):
        people[name] = sorted((train / name).iterdir())
    return people
