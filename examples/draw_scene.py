"""The example scene: a still life with a name badge, lit by the sun through a window.

The picture is rendered (ray_tracer.py), not taken. Each sample has another position in the pixel,
on the lens and on the sun; together they give smooth edges, depth of field and soft shadows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial, reduce

from PIL import Image

from examples.ray_tracer import (
    FAR,
    UP,
    Camera,
    Ellipsoid,
    Field,
    Rectangle,
    Rod,
    Shape,
    Vector,
    clamp,
    evaluate,
    find_first,
    make_coordinates,
    maximum,
    minimum,
    mix,
    smoothstep,
    warp,
    wave,
)
from examples.textures import draw_badge, draw_wall, draw_wood

SIZE = 1200, 1600
SAMPLES, STRIPS = 40, 32
EYE, TARGET, FOCAL_LENGTH = Vector(0.35, 3.5, -10.5), Vector(0.05, 2.12, 0.0), 3.35
LENS_RADIUS, FOCUS = 0.05, 10.0
SUN, SUN_RADIUS = Vector(-0.66, 0.52, -0.54).unit(), 0.022
WINDOW = Vector(-0.80, 0.42, -0.42).unit()
"""The direction of the middle of the window."""

SUN_COLOR, SKY_COLOR = Vector(3.7, 2.95, 2.1), Vector(0.50, 0.62, 0.80)
BOUNCE_COLOR, ROOM_COLOR = Vector(0.30, 0.17, 0.09), Vector(0.30, 0.27, 0.24)
EXPOSURE = 0.82

WALL = Rectangle(Vector(-6.0, 8.0, 3.4), Vector(12.0, 0.0, 0.0), Vector(0.0, -9.0, 0.0), "wall")
TABLE = Rectangle(Vector(-6.0, 0.0, 5.0), Vector(12.0, 0.0, 0.0), Vector(0.0, 0.0, -10.0), "table")
BADGE = Rectangle(
    Vector(-1.62, 1.28, -1.72), Vector(1.98, 0.0, -0.18), Vector(-0.02, -1.24, -0.42), "badge"
)
VASE, MOUTH = Vector(-0.62, 0.0, 0.9), Vector(-0.62, 2.72, 0.9)
FLOWERS = (
    Ellipsoid(Vector(-1.60, 4.45, 0.70), Vector(0.34, 0.34, 0.34), "flower"),
    Ellipsoid(Vector(-0.80, 4.98, 1.20), Vector(0.36, 0.36, 0.36), "flower"),
    Ellipsoid(Vector(0.02, 4.42, 0.60), Vector(0.35, 0.35, 0.35), "flower"),
    Ellipsoid(Vector(0.75, 4.80, 1.30), Vector(0.31, 0.31, 0.31), "flower"),
    Ellipsoid(Vector(-0.98, 3.92, 0.25), Vector(0.30, 0.30, 0.30), "flower"),
    Ellipsoid(Vector(0.32, 3.62, 0.90), Vector(0.27, 0.27, 0.27), "flower"),
)
LARGE = (
    Ellipsoid(VASE + UP * 1.08, Vector(1.0, 1.08, 1.0), "glaze"),
    Ellipsoid(Vector(1.22, 0.66, 0.05), Vector(0.66, 0.66, 0.66), "orange"),
    Ellipsoid(Vector(1.98, 0.62, 1.35), Vector(0.62, 0.62, 0.62), "orange"),
    Ellipsoid(Vector(0.55, 0.44, -0.85), Vector(0.60, 0.44, 0.47), "lime"),
)
REFLECTED: tuple[Shape, ...] = (
    *LARGE,
    Rod(VASE + UP * 1.7, MOUTH, 0.36, "glaze"),
    Ellipsoid(MOUTH, Vector(0.47, 0.07, 0.47), "glaze"),
    BADGE,
)
SHAPES: tuple[Shape, ...] = (
    *REFLECTED,
    Ellipsoid(MOUTH + UP * 0.045, Vector(0.36, 0.035, 0.36), "inside"),
    *FLOWERS,
    *(
        Rod(MOUTH + (flower.center - MOUTH) * Vector(0.12, 0.0, 0.12), flower.center, 0.028, "stem")
        for flower in FLOWERS
    ),
)
TEXTURES = ((WALL, draw_wall), (TABLE, draw_wood), (BADGE, draw_badge))

COLORS = {
    "glaze": Vector(0.014, 0.070, 0.165),
    "flower": Vector(0.72, 0.40, 0.025),
    "orange": Vector(0.78, 0.165, 0.010),
    "lime": Vector(0.13, 0.22, 0.024),
    "stem": Vector(0.20, 0.22, 0.07),
    "inside": Vector(0.008, 0.008, 0.010),
    "badge": Vector(0.70, 0.68, 0.63),
}
PATCHES = {"glaze": (0.6, 0.06), "flower": (1.2, 0.10), "orange": (0.3, 0.06), "lime": (0.7, 0.10)}
"""Materials whose color varies: waves per unit, and by which part."""

BUMPS = {"orange": (13.0, 0.035), "lime": (11.0, 0.03), "flower": (12.0, 0.24)}
"""Materials that are not smooth: waves per unit, and their height."""

GLOSS = {"glaze": 0.055, "orange": 0.022, "lime": 0.022}
"""The part of light that a material reflects when it is seen from the front."""


def render_scene(size: tuple[int, int] = SIZE, samples: int = SAMPLES) -> Image.Image:
    """Render the scene, in strips that are shared among the CPUs."""
    picture = Image.new("RGB", size)
    edges = [size[1] * strip // STRIPS for strip in range(STRIPS + 1)]
    with ProcessPoolExecutor() as pool:
        strips = pool.map(partial(render_strip, size, samples), edges[:-1], edges[1:])
        for top, strip in zip(edges, strips, strict=False):
            picture.paste(strip, (0, top))
    return picture


def render_strip(size: tuple[int, int], samples: int, top: int, bottom: int) -> Image.Image:
    """Render the rows from `top` to `bottom`: the mean of several samples."""
    strip = size[0], bottom - top
    textures = {plane: draw() for plane, draw in TEXTURES}
    sums: list[Image.Image] = []
    for camera, sun in make_samples(size, samples):
        images = make_coordinates(strip, top)
        for plane, texture in textures.items():
            bands = warp(texture, camera.locate(plane, texture.size, top), strip)
            images |= {f"{plane.material}{number}": band for number, band in enumerate(bands)}
        colors = evaluate(partial(trace, camera, sun), **images)
        pairs = zip(sums, colors, strict=True)
        sums = [evaluate(add, a=a, b=b)[0] for a, b in pairs] if sums else colors
    bands = [evaluate(partial(develop, samples), total=band)[0] for band in sums]
    return Image.merge("RGB", [band.convert("L") for band in bands])


def make_samples(size: tuple[int, int], samples: int) -> Iterator[tuple[Camera, Vector]]:
    """Spread samples over the pixel, the lens and the sun, by sequences that leave no gaps."""
    forward = (TARGET - EYE).unit()
    right = UP.cross(forward).unit()
    up = forward.cross(right)
    sun_side = SUN.cross(UP).unit()
    for number in range(samples):
        lens_x, lens_y = pick_in_disc(number * 0.6180, number / samples, LENS_RADIUS)
        sun_x, sun_y = pick_in_disc(number * 0.4142, number * 7 % samples / samples, SUN_RADIUS)
        x = (number * 0.7549) % 1 - size[0] / 2
        y = (number * 0.5698) % 1 - size[1] / 2
        scale = 2 / size[1]
        # What is in focus stays where it is, wherever on the lens its light arrives.
        turn = FOCAL_LENGTH / FOCUS
        camera = Camera(
            eye=EYE + right * lens_x + up * lens_y,
            base=forward * FOCAL_LENGTH
            + right * (x * scale - lens_x * turn)
            + up * (-y * scale - lens_y * turn),
            across=right * scale,
            along=up * -scale,
        )
        yield camera, (SUN + sun_side * sun_x + sun_side.cross(SUN) * sun_y).unit()


def pick_in_disc(turn: float, part: float, radius: float) -> tuple[float, float]:
    """Return a point of a disc: a number of turns, and the part of the area within."""
    length, angle = radius * math.sqrt(part), 2 * math.pi * turn
    return length * math.cos(angle), length * math.sin(angle)


def add(a: Field, b: Field) -> tuple[Field]:
    """Add two fields."""
    return (a + b,)


def develop(samples: int, total: Field) -> tuple[Field]:
    """Turn light into display values: a film-like curve (Narkowicz, ACES), then gamma."""
    light = total * (EXPOSURE / samples)
    curve = light * (light * 2.51 + 0.03) / (light * (light * 2.43 + 0.59) + 0.14)
    return (clamp(curve) ** (1 / 2.2) * 255.0,)


def trace(camera: Camera, sun: Vector, x: Field, y: Field, **bands: Field) -> list[Field]:
    """Return the light that arrives through each pixel of a strip."""
    textures = {
        plane.material: Vector(*(bands[f"{plane.material}{band}"] ** 2.2 for band in range(3)))
        for plane, _ in TEXTURES
    }
    ray = (camera.base + camera.across * x + camera.along * y).unit()
    flat = x * 0.0
    to_wall = (WALL.corner.z - camera.eye.z) / ray.z
    point, normal = camera.eye + ray * to_wall, Vector(flat, flat, flat - 1.0)
    light = textures["wall"] * light_up(point, normal, sun)
    to_table = camera.eye.y / maximum(ray.y * -1.0, 1e-4)
    point = camera.eye + ray * minimum(to_table, 60.0)
    light = mix(to_table < to_wall, shade_table(textures["table"], point, ray, sun), light)
    point, found = find_first(camera.eye, ray, SHAPES)
    for material, (mask, normal) in found.items():
        if mask:
            if material == "badge":
                shaded = textures["badge"] * light_up(point, normal, sun)
            else:
                shaded = shade(material, point, normal, ray, sun)
            light = mix(mask, shaded, light)
    return [light.x, light.y, light.z]


def shade(material: str, point: Vector, normal: Vector, ray: Vector, sun: Vector) -> Vector:
    """Return the light that leaves a material towards the eye."""
    bumpy = roughen(material, point, normal)
    light = find_color(material, point) * light_up(point, bumpy, sun)
    if material not in GLOSS:
        return light
    gleam = fresnel(GLOSS[material], ray, normal)
    if material in BUMPS:  # The image of the window is scattered.
        middle = (WINDOW - ray).unit()
        window = clamp(bumpy.dot(middle)) ** 40.0 * pass_window(point, WINDOW) * 4.0
        mirrored = ray.reflect(normal)
    else:
        mirrored = ray.reflect(bumpy)
        window = pass_window(point, mirrored) * 7.0
    room = ROOM_COLOR * clamp(mirrored.y * 0.5 + 0.6)
    return light + (room + Vector(0.95, 1.0, 1.08) * window) * gleam


def shade_table(wood: Vector, point: Vector, ray: Vector, sun: Vector) -> Vector:
    """Return the light that leaves the table, with a faint reflection of what is on it."""
    flat = point.x * 0.0
    up = Vector(flat, flat + 1.0, flat)
    there, found = find_first(point + up * 2e-3, ray.reflect(up), REFLECTED)
    mirrored = Vector(flat + 0.42, flat + 0.36, flat + 0.30)
    for material, (mask, normal) in found.items():
        light = SUN_COLOR * (clamp(normal.dot(sun)) * 0.6) + SKY_COLOR * (normal.y * 0.2 + 0.35)
        mirrored = mix(mask, find_color(material, there) * light, mirrored)
    return wood * light_up(point, up, sun) + mirrored * (fresnel(0.03, ray, up) * 0.75)


def light_up(point: Vector, normal: Vector, sun: Vector) -> Vector:
    """Return the light that arrives at a surface: from the sun, the window and the table."""
    direct = clamp(normal.dot(sun)) * pass_window(point, sun)
    for shape in SHAPES:
        direct = direct * (shape.hit(point + normal * 2e-3, sun) > FAR / 2)
    upward = normal.y * 0.5 + 0.5
    sideward = clamp(normal.x * -0.55 + normal.z * -0.45 + normal.y * 0.35 + 0.35)
    sky = sideward * 0.55 + upward * 0.16 + 0.04
    for large in LARGE:
        sky = sky * (1.0 - large.occlude(point, normal) * 0.85)
    bounce = (1.0 - upward) * (clamp(1.0 - point.y * 0.35) * 0.8 + 0.2)
    return SUN_COLOR * direct + SKY_COLOR * sky + BOUNCE_COLOR * bounce


def pass_window(origin: Vector, ray: Vector) -> Field:
    """Return how much of a ray passes the six panes of the window in the left wall."""
    distance = (origin.x + 6.5) / maximum(ray.x * -1.0, 1e-3)
    y, z = origin.y + ray.y * distance, origin.z + ray.z * distance
    frame = smoothstep(1.6, 1.7, y) * smoothstep(-9.4, -9.3, y * -1.0)
    frame = frame * smoothstep(-8.6, -8.5, z) * smoothstep(1.15, 1.25, z * -1.0)
    bars = [abs(y - 4.1), abs(y - 6.7), abs(z + 4.9)]
    return reduce(lambda rest, bar: rest * smoothstep(0.10, 0.16, bar), bars, frame) * (ray.x < 0.0)


def find_color(material: str, point: Vector) -> Vector:
    """Return the color of a material at a point."""
    flat = point.x * 0.0
    color = COLORS[material]
    if material not in PATCHES:
        return Vector(flat + color.x, flat + color.y, flat + color.z)
    rate, part = PATCHES[material]
    patch = wave((point.x * 5.1 + point.y * 2.3) * rate) * wave(
        (point.y * 4.7 + point.z * 5.9) * rate
    )
    return color * (patch * part + 1.0)


def roughen(material: str, point: Vector, normal: Vector) -> Vector:
    """Return the normal of a surface with its bumps."""
    if material not in BUMPS:
        return normal
    rate, height = BUMPS[material]
    spot = point * rate
    slope = Vector(
        wave(spot.y * 1.7 + spot.z * 0.9) + wave(spot.y * 2.9 - spot.x * 1.3),
        wave(spot.z * 1.9 + spot.x * 0.8) + wave(spot.x * 2.7 - spot.z * 1.1),
        wave(spot.x * 1.6 + spot.y * 1.1) + wave(spot.z * 3.1 - spot.y * 0.7),
    )
    return (normal + slope * height).unit()


def fresnel(gloss: float, ray: Vector, normal: Vector) -> Field:
    """Return the part of light that is reflected, by Schlick's formula."""
    grazing = clamp(ray.dot(normal) + 1.0)
    square = grazing * grazing
    return square * square * grazing * (1.0 - gloss) + gloss
