"""Ray tracer in which Pillow does the arithmetic: vectors, shapes and the camera.

Every number of the usual formulas is an image of mode "F" with a value for each pixel, so a formula
is evaluated for a strip of pixels at a time
(https://pillow.readthedocs.io/en/stable/reference/ImageMath.html).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PIL import Image, ImageMath

Field = Any
"""A number for each pixel (an operand of ImageMath), or a plain number where all pixels agree."""

FAR = 1e5
"""The distance to a shape that a ray misses."""
NEAR = 1e-3


@dataclass(frozen=True)
class Vector:
    """A position, direction or linear RGB color."""

    x: Field
    y: Field
    z: Field

    def __add__(self, other: Vector) -> Vector:
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other: Vector) -> Vector:
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, other: Vector | Field) -> Vector:
        if isinstance(other, Vector):
            return Vector(self.x * other.x, self.y * other.y, self.z * other.z)
        return Vector(self.x * other, self.y * other, self.z * other)

    def dot(self, other: Vector) -> Field:
        return self.x * other.x + self.y * other.y + self.z * other.z

    def cross(self, other: Vector) -> Vector:
        return Vector(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )

    def unit(self) -> Vector:
        return self * (1.0 / self.dot(self) ** 0.5)

    def reflect(self, normal: Vector) -> Vector:
        return self - normal * (self.dot(normal) * 2.0)


UP = Vector(0.0, 1.0, 0.0)


def maximum(field: Field, least: Field) -> Field:
    """Return the larger value for each pixel."""
    return max(field, least) if isinstance(field, float) else field.apply("max", field, least)


def minimum(field: Field, most: Field) -> Field:
    """Return the smaller value for each pixel."""
    return min(field, most) if isinstance(field, float) else field.apply("min", field, most)


def clamp(field: Field) -> Field:
    """Limit values to 0 to 1."""
    return minimum(maximum(field, 0.0), 1.0)


def smoothstep(low: float, high: float, field: Field) -> Field:
    """Rise from 0 at `low` to 1 at `high`."""
    part = clamp((field - low) * (1.0 / (high - low)))
    return part * part * (part * -2.0 + 3.0)


def wave(field: Field) -> Field:
    """Return a smooth wave between -1 and 1, with period 1."""
    part = abs(((field + 1000.0) % 1.0) * 2.0 - 1.0)
    return part * part * (part * -4.0 + 6.0) - 1.0


def mix(mask: Field, inside: Vector, outside: Vector) -> Vector:
    """Return `inside` where the mask is 1, and `outside` where it is 0."""
    return outside + (inside - outside) * mask


class Shape(Protocol):
    """Something that a ray can hit."""

    @property
    def material(self) -> str: ...

    def hit(self, origin: Vector, ray: Vector) -> Field:
        """Return the distance along the ray, FAR or more for a miss."""

    def normal(self, point: Vector) -> Vector:
        """Return the direction away from the surface."""


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid with axes along x, y and z."""

    center: Vector
    radii: Vector
    material: str

    def hit(self, origin: Vector, ray: Vector) -> Field:
        scale = Vector(1 / self.radii.x, 1 / self.radii.y, 1 / self.radii.z)
        start, way = (origin - self.center) * scale, ray * scale
        a, b, c = way.dot(way), start.dot(way), start.dot(start) - 1.0
        root = b * b - a * c
        near = (b * -1.0 - maximum(root, 0.0) ** 0.5) / a
        return near + minimum((root <= 0.0) + (near < NEAR), 1.0) * FAR

    def normal(self, point: Vector) -> Vector:
        squares = Vector(self.radii.x**-2, self.radii.y**-2, self.radii.z**-2)
        return ((point - self.center) * squares).unit()

    def occlude(self, point: Vector, normal: Vector) -> Field:
        """Return how much of the sky this hides from a point, by the formula for a sphere."""
        way = self.center - point
        distance = way.dot(way)
        size = (self.radii.x + self.radii.z) * self.radii.y * 0.5
        return minimum(clamp(normal.dot(way) / distance**0.5) * size / distance, 1.0)


@dataclass(frozen=True)
class Rod:
    """A cylinder from one point to another, without its ends."""

    start: Vector
    end: Vector
    radius: float
    material: str

    def hit(self, origin: Vector, ray: Vector) -> Field:
        axis = (self.end - self.start).unit()
        begin = origin - self.start
        side, offset = ray - axis * ray.dot(axis), begin - axis * begin.dot(axis)
        a, b = side.dot(side), offset.dot(side)
        root = b * b - a * (offset.dot(offset) - self.radius**2)
        near = (b * -1.0 - maximum(root, 0.0) ** 0.5) / a
        height = begin.dot(axis) + ray.dot(axis) * near
        length = (self.end - self.start).dot(axis)
        misses = (root <= 0.0) + (near < NEAR) + (height < 0.0) + (height > length)
        return near + minimum(misses, 1.0) * FAR

    def normal(self, point: Vector) -> Vector:
        axis, way = (self.end - self.start).unit(), point - self.start
        return (way - axis * way.dot(axis)).unit()


@dataclass(frozen=True)
class Rectangle:
    """A flat shape: a corner, and the edges that lead to the right and down from there."""

    corner: Vector
    right: Vector
    down: Vector
    material: str

    def hit(self, origin: Vector, ray: Vector) -> Field:
        normal = self.normal(origin)
        facing = ray.dot(normal)
        near = (self.corner - origin).dot(normal) / (facing + (facing == 0.0) * 1e-6)
        there = origin + ray * near - self.corner
        misses = near < NEAR
        for edge in (self.right, self.down):
            along = there.dot(edge) * (1 / edge.dot(edge))
            misses = misses + (along < 0.0) + (along > 1.0)
        return near + minimum(misses, 1.0) * FAR

    def normal(self, point: Vector) -> Vector:  # noqa: ARG002 (the same everywhere)
        return self.right.cross(self.down).unit()


def find_first(
    origin: Vector, ray: Vector, shapes: Sequence[Shape]
) -> tuple[Vector, dict[str, tuple[Field, Vector]]]:
    """Find what each ray hits first: the points, and a mask and the normals for each material."""
    hits = [shape.hit(origin, ray) for shape in shapes]
    nearest = hits[0]
    for hit in hits[1:]:
        nearest = minimum(nearest, hit)
    point = origin + ray * minimum(nearest, 60.0)
    found: dict[str, tuple[Field, Vector]] = {}
    for shape, hit in zip(shapes, hits, strict=True):
        mask = (hit <= nearest) * (hit < FAR / 2)
        normal = shape.normal(point) * mask
        if shape.material in found:
            before, normals = found[shape.material]
            mask, normal = minimum(mask + before, 1.0), normal + normals
        found[shape.material] = mask, normal
    # Where nothing was hit any normal will do, but one of length 0 would divide by zero.
    return point, {
        name: (mask, (normal + UP * (1.0 - mask)).unit()) for name, (mask, normal) in found.items()
    }


@dataclass(frozen=True)
class Camera:
    """An eye, and the ray through pixel (x, y): base + across * x + along * y, not normalized."""

    eye: Vector
    base: Vector
    across: Vector
    along: Vector

    def locate(self, plane: Rectangle, size: tuple[int, int], top: int) -> list[float]:
        """Return the coefficients of Image.Transform.PERSPECTIVE that lead to a plane's texture.

        `size` is that of the texture, and `top` the first row of the strip. The coordinates on the
        plane are quotients of terms that are linear in x and y.
        """
        base = self.base + self.along * top
        parts = (self.across, self.along, base)
        normal = plane.right.cross(plane.down)
        start = self.eye - plane.corner
        scale = 1 / base.dot(normal)
        rows = [
            (start.dot(edge) * part.dot(normal) - start.dot(normal) * part.dot(edge))
            * (scale * pixels / edge.dot(edge))
            for edge, pixels in zip((plane.right, plane.down), size, strict=True)
            for part in parts
        ]
        return [*rows, self.across.dot(normal) * scale, self.along.dot(normal) * scale]


def warp(
    texture: Image.Image, coefficients: list[float], size: tuple[int, int]
) -> list[Image.Image]:
    """Lay a texture on its plane as a strip of pixels sees it; return its bands in linear light."""
    flat = texture.transform(
        size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC
    )
    return [band.convert("F").point(lambda value: value * (1 / 255)) for band in flat.split()]


def make_coordinates(size: tuple[int, int], top: int) -> dict[str, Image.Image]:
    """Make the coordinates of each pixel of a strip."""
    x, y = array("f", range(size[0])), array("f", range(top, top + size[1]))
    return {
        "x": Image.frombytes("F", (size[0], 1), x.tobytes()).resize(size),
        "y": Image.frombytes("F", (1, size[1]), y.tobytes()).resize(size),
    }


def evaluate(formula: Callable[..., Sequence[Field]], **images: Image.Image) -> list[Image.Image]:
    """Evaluate a formula for each pixel of images; it takes them by name and returns fields."""
    results: list[Image.Image] = []

    def collect(operands: dict[str, Field]) -> None:
        fields = formula(**{name: operands[name] for name in images})
        results.extend(field.im for field in fields)

    ImageMath.lambda_eval(collect, **images)
    return results
