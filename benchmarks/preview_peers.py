"""Owns the placeholders of npm's packages: their programs, and how they are installed and run."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from pixelater_cli.local.run_cache import find_cache

PACKAGES = (
    "sharp@0.35.5",
    "thumbhash@0.1.1",
    "blurhash@2.0.5",
    "plaiceholder@3.0.0",
    "lqip-modern@3.0.0",
)

HASHES = """
import fs from 'fs'; import {rgbaToThumbHash} from 'thumbhash'; import {encode} from 'blurhash';
const hashes = [];
for (const {name, width, height, rgba} of JSON.parse(fs.readFileSync(0))) {
  const pixels = new Uint8ClampedArray(Buffer.from(rgba, 'base64'));
  const hash = waves => encode(pixels, width, height, ...waves);
  hashes.push({name, thumbhash: Buffer.from(rgbaToThumbHash(width, height, pixels)).toString('hex'),
    blurhash: hash([4, 3]), ...(width === 16 ? {blurhash_9x9: hash([9, 9])} : {})});
}
console.log(JSON.stringify(hashes));
"""

EACH = """
import fs from 'fs'; import sharp from 'sharp';
import {rgbaToThumbHash, thumbHashToRGBA} from 'thumbhash'; import {encode, decode} from 'blurhash';
import {getPlaiceholder} from 'plaiceholder'; import lqip from 'lqip-modern';
sharp.concurrency(1);
const png = async (width, height, data) => {
  const file = await sharp(Buffer.from(data), {raw: {width, height, channels: 4}}).png().toBuffer();
  return 'data:image/png;base64,' + file.toString('base64');
};
const small = (file, side) => sharp(file).rotate().resize(side, side, {fit: 'inside'})
  .toColourspace('srgb').ensureAlpha().raw().toBuffer({resolveWithObject: true});
const methods = {
  'thumbhash': async file => {
    const {data, info} = await small(file, 100);
    const hash = rgbaToThumbHash(info.width, info.height, data), shown = thumbHashToRGBA(hash);
    return [Math.ceil(hash.length / 3) * 4, () => png(shown.w, shown.h, shown.rgba)];
  },
  'blurhash 4x3': async file => {
    const {data, info} = await small(file, 64);
    const hash = encode(new Uint8ClampedArray(data), info.width, info.height, 4, 3);
    return [hash.length, () => png(32, 32, decode(hash, 32, 32))];
  },
  'Next-style 8 px JPEG': async file => {
    const image = sharp(file).rotate().resize(8, 8, {fit: 'inside'}).flatten({background: '#fff'});
    const data = await image.jpeg({quality: 70}).toBuffer();
    return ['data:image/jpeg;base64,' + data.toString('base64')];
  },
  'plaiceholder 10': async file => [(await getPlaiceholder(file, {size: 10, autoOrient: true})).base64],
  'lqip-modern': async file => [(await lqip(file)).metadata.dataURIBase64],
};
const found = {};
for (const path of process.argv.slice(2)) {
  const file = fs.readFileSync(path);
  found[path] = {};
  for (const [name, make] of Object.entries(methods)) {
    const [made, show] = await make(file);
    const uri = show ? await show() : made;
    found[path][name] = {characters: show ? made : made.length, uri};
  }
}
console.log(JSON.stringify(found));
"""

BUNDLE = """
import fs from 'fs'; import sharp from 'sharp';
import {rgbaToThumbHash} from 'thumbhash'; import {encode} from 'blurhash';
import {getPlaiceholder} from 'plaiceholder';
sharp.concurrency(1);
const made = [];
for (const path of process.argv.slice(2)) {
  const file = fs.readFileSync(path);
  const small = side => sharp(file).rotate().resize(side, side, {fit: 'inside'}).ensureAlpha().raw()
    .toBuffer({resolveWithObject: true});
  const {base64, color, metadata} = await getPlaiceholder(file, {size: 10, autoOrient: true});
  const large = await small(100), less = await small(32);
  made.push({path, width: metadata.width, height: metadata.height, color: color.hex, base64,
    thumbhash: rgbaToThumbHash(large.info.width, large.info.height, large.data),
    blurhash: encode(new Uint8ClampedArray(less.data), less.info.width, less.info.height, 4, 3)});
}
console.log(JSON.stringify(made));
"""

PROGRAMS = {"hashes.mjs": HASHES, "each.mjs": EACH, "bundle.mjs": BUNDLE}


def install() -> Path:
    """Install the packages and write the programs into the cache folder; return that.

    Raises FileNotFoundError without node and npm.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise FileNotFoundError(f"{program} is not installed")
    folder = find_cache() / "benchmarks" / "previews"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in PROGRAMS.items():
        (folder / name).write_text(text)
    if not (folder / "node_modules").exists():
        (folder / "package.json").write_text('{"private": true}')
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", *PACKAGES]
        subprocess.run(command, cwd=folder, check=True)
    return folder


def make_hashes(folder: Path, pictures: Iterable[tuple[str, Image.Image]]) -> Any:
    """Return the hashes that npm's packages make of RGBA pictures."""
    given = [
        {
            "name": name,
            "width": picture.width,
            "height": picture.height,
            "rgba": base64.b64encode(picture.tobytes()).decode(),
        }
        for name, picture in pictures
    ]
    return _run(folder, "hashes.mjs", [], json.dumps(given))


def make_placeholders(folder: Path, paths: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """Return the placeholders of photos by path and method: data URIs, and their characters.

    Those of hashes are PNGs of what a client decodes.
    """
    found: dict[str, dict[str, Any]] = _run(folder, "each.mjs", [str(path) for path in paths], "")
    return found


def _run(folder: Path, program: str, arguments: list[str], given: str) -> Any:
    done = subprocess.run(
        ["node", str(folder / program), *arguments],
        input=given,
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(done.stdout)
