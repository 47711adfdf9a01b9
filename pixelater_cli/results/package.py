"""Result of `pixelater package`, as JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal
from zipfile import ZipFile

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import Table, format_size

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.aws.package.package import Package


@dataclass(frozen=True)
class PackagePart:
    """Files of one kind in the zip."""

    name: Annotated[str, Doc("name of the group")]
    files: Annotated[int, Doc("number of files")]
    bytes: Annotated[int, Doc("uncompressed size")]
    packed: Annotated[int, Doc("compressed size")]


@dataclass(frozen=True)
class PackageResult(CommandResult):
    """Result of `pixelater package`."""

    command: ClassVar[Literal["package"]] = "package"
    path: Annotated[str | None, Doc("path of the zip; null: not written")]
    runtime: Annotated[str, Doc("Lambda runtime")]
    architecture: Annotated[str, Doc("CPU architecture")]
    digest: Annotated[str, Doc("digest of the contents, in hexadecimal; the same on every machine")]
    sha256: Annotated[str, Doc("SHA-256 of the zip, in base64 (Lambda's CodeSha256)")]
    bytes: Annotated[int, Doc("size")]
    parts: Annotated[tuple[PackagePart, ...], Doc("groups of files in the zip")]

    def render(self) -> Iterator[str | Table]:
        yield f"For {self.runtime} on {self.architecture}, digest {self.digest[:12]}:"
        yield f"{format_size(self.bytes)}" + (
            f" in {self.path}" if self.path else "; add -o FILE to save it"
        )
        yield ""
        rows = tuple(
            (part.name, str(part.files), format_size(part.bytes), format_size(part.packed))
            for part in self.parts
        )
        titles = ("Part", "Files", "Uncompressed", "Compressed")
        yield Table(titles, rows, right=frozenset(titles[1:]))


DETECTORS = "detectors and models"
FILE_KINDS = (
    *("engine", "Pillow", "its libraries", DETECTORS, "compiled modules", "licenses etc."),
)
"""Groups of files; the detectors are left out where there are none."""

DETECTOR_FOLDERS = frozenset({"pixelater_detectors", "numpy", "numpy.libs", "onnxruntime"})


def to_package_result(
    package: Package, runtime: str, architecture: str, path: str | None
) -> PackageResult:
    """Return the contents of a zip, part by part."""
    with ZipFile(BytesIO(package.data)) as archive:
        entries = archive.infolist()
    parts = []
    for kind in FILE_KINDS:
        files = [entry for entry in entries if _name_kind(entry.filename) == kind]
        if kind == DETECTORS and not files:
            continue
        size = sum(entry.file_size for entry in files)
        packed = sum(entry.compress_size for entry in files)
        parts.append(PackagePart(kind, len(files), size, packed))
    return PackageResult(
        path, runtime, architecture, package.digest, package.sha256, len(package.data), tuple(parts)
    )


def _name_kind(name: str) -> str:
    if name.endswith(".pyc"):
        return "compiled modules"
    folder = name.partition("/")[0]
    if folder in {"pixelater", "pixelater_function"}:
        return "engine"
    if folder in DETECTOR_FOLDERS:
        return DETECTORS
    if folder == "PIL":
        return "Pillow"
    return "its libraries" if folder == "pillow.libs" else "licenses etc."
