// Vite plugin: writes the photos of public/photos, with placeholders, into the page. Browsers need
// no script for them. pixelater remembers what is up to date, so only new photos take time.

import {spawnSync} from "node:child_process";

const PLACE = "<!-- photos -->";

export function placeholders({folder = "photos", command = "pixelater"} = {}) {
  let config;

  function makePreviews() {
    const made = spawnSync(command, ["preview", folder, "--json"], {
      cwd: config.publicDir, encoding: "utf-8", maxBuffer: 2 ** 30,
    });
    if (made.error) throw new Error(`${command} cannot be run (${made.error.code}): pip install it`);
    if (!made.stdout) throw new Error(`${command} preview: ${made.stderr.trim()}`);
    return JSON.parse(made.stdout).photos;
  }

  return {
    name: "pixelater-placeholders",
    configResolved(resolved) {
      config = resolved;
    },
    transformIndexHtml(html) {
      const photos = makePreviews();
      for (const {photo, error} of photos) if (error) config.logger.warn(`${photo}: ${error}`);
      const images = photos.filter((photo) => !photo.error).map((photo) => writeImage(photo, config.base));
      return html.replace(PLACE, () => images.join("\n"));
    },
  };
}

function writeImage(photo, base) {
  const url = base + photo.photo.split("/").map(encodeURIComponent).join("/");
  const background = photo.data_uri
    ? `${photo.dominant_color} url(${photo.data_uri}) center / cover no-repeat`
    : photo.dominant_color;
  const attributes = {
    src: url,
    alt: "",
    width: photo.width,
    height: photo.height,
    loading: "lazy",
    decoding: "async",
    style: `background: ${background}`,
    ...(photo.has_alpha ? {onload: "this.style.background = 'none'"} : {}),
  };
  const written = Object.entries(attributes).map(([name, value]) => `${name}="${escape(value)}"`);
  return `<img ${written.join(" ")}>`;
}

function escape(value) {
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
