// Cards of photos: state, comparison of photo and mosaic, strip of all grids, downloads.

import {$, announce, count, formatSize, make} from "./dom.js";
import {
  exists, listMosaics, locate, mayFindNothing, readPreview, request, RequestError,
} from "./s3.js";

const MAX_PHOTOS = 24;  // Older photos are removed from the page.
const FIRST_GRID = 1;  // Index of the mosaic that is compared at first.

const NOTHING = "Nothing to hide was found, so there is no picture.";

const cards = new Map();
let lastId = 0;

// Finds the card of a photo, or adds one. `own` is the bucket that needs no mention.
export function findCard(bucket, key, own) {
  const id = `${bucket}/${key}`;
  if (cards.has(id)) return cards.get(id);
  const titleId = `photo-${++lastId}`;
  const card = {
    id,
    key,
    bucket,
    state: make("p", {className: "state"}),
    pictures: make("div", {className: "pictures"}),
    urls: [],
    turn: 0,
  };
  const title = make("h3", {id: titleId, textContent: key});
  const head = make("div", {className: "head"}, title, card.state);
  if (bucket !== own) title.after(make("span", {className: "bucket", textContent: bucket}));
  card.item = make("li", {className: "photo", "aria-labelledby": titleId}, head, card.pictures);
  cards.set(id, card);
  $("photos").prepend(card.item);
  $("none").hidden = true;
  while (cards.size > MAX_PHOTOS) removeCard(cards.values().next().value);
  return card;
}

function removeCard(card) {
  card.urls.forEach(URL.revokeObjectURL);
  card.item.remove();
  cards.delete(card.id);
  $("none").hidden = cards.size > 0;
}

// Shows why there are no mosaics.
export function showReason(card, state, reason) {
  card.turn++;
  setState(card, state, "failed");
  replaceUrls(card, []);
  card.pictures.replaceChildren(make("p", {className: "reason", textContent: reason}));
}

export function setState(card, text, kind = "", ...chips) {
  card.state.className = `state ${kind}`;
  card.state.replaceChildren(text, ...chips);
}

// Shows a photo that is being uploaded, before S3 has it.
export async function preview(card, file) {
  const turn = ++card.turn;
  const photo = await loadImage(file);
  if (turn !== card.turn || !photo.width) return URL.revokeObjectURL(photo.url);
  replaceUrls(card, [photo]);
  card.pictures.replaceChildren(makeStage(card.key, photo).stage);
}

// Shows the photo and its mosaics, and announces them if that is to be done aloud. `stack` is
// undefined for functions that are not pixelater's.
export async function showPhoto(card, stack, aloud) {
  const turn = ++card.turn;
  try {
    if (!await exists(card.bucket, card.key)) return removeCard(card);  // Deleted since.
    const preview = stack && await readPreview(stack, card.key);
    if (preview && turn === card.turn) showPlaceholder(card, preview);
    const mosaics = stack ? await listMosaics(stack, card.key) : [];
    const [photo, ...images] = await Promise.all([
      download(card.bucket, card.key),
      ...mosaics.map((mosaic) => download(stack.destination, mosaic.key)),
    ]);
    const loaded = mosaics.map((mosaic, index) => ({...mosaic, ...images[index]}));
    if (turn !== card.turn) return [photo, ...images].forEach(({url}) => URL.revokeObjectURL(url));
    replaceUrls(card, [photo, ...images]);
    card.pictures.replaceChildren(...makeComparison(card, photo, loaded));
    const nothing = stack && !loaded.length && mayFindNothing(stack, card.key);
    if (nothing) card.pictures.append(make("p", {className: "quiet", textContent: NOTHING}));
    const result = nothing ? NOTHING : `${count(loaded.length, "mosaic")}.`;
    if (aloud) announce(`${card.key}: ${result}`);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (turn !== card.turn) return;
    showReason(card, "Done, but not shown", error.message);
  }
}

// Shows the placeholder of a photo until its mosaics are loaded, unless the photo itself is shown.
function showPlaceholder(card, {data_uri: uri, dominant_color: color, width, height}) {
  if (card.pictures.querySelector(".stage")) return;
  const stage = make("div", {className: "stage placeholder"});
  stage.style.setProperty("--ratio", width / height);
  stage.style.backgroundColor = color;
  if (uri) stage.append(make("img", {className: "before", src: uri, alt: `Placeholder of ${card.key}`}));
  card.pictures.replaceChildren(stage);
}

function replaceUrls(card, images) {
  card.urls.forEach(URL.revokeObjectURL);
  card.urls = images.map(({url}) => url);
}

async function download(bucket, key) {
  return {key, ...await loadImage(await (await request(locate(bucket, key))).blob())};
}

// Loads a blob as an image. Its width is 0 if the browser does not support the format.
function loadImage(blob) {
  const url = URL.createObjectURL(blob);
  return new Promise((resolve) => {
    const image = new Image();
    const finish = () => resolve({
      url, bytes: blob.size, width: image.naturalWidth, height: image.naturalHeight,
    });
    image.onload = image.onerror = finish;
    image.src = url;
  });
}

function makeComparison(card, photo, mosaics) {
  const shown = mosaics.filter((mosaic) => mosaic.width);
  const parts = [];
  if (photo.width || shown.length) {
    const {stage, compare} = makeStage(card.key, photo.width ? photo : null);
    parts.push(stage);
    if (shown.length) {
      const first = shown[Math.min(FIRST_GRID, shown.length - 1)];
      const links = make("p", {className: "downloads"});
      const choose = (mosaic) => {
        compare(mosaic);
        links.replaceChildren(...listDownloads(photo, [mosaic]));
      };
      choose(first);
      parts.push(makeStrip(card.key, shown, first, choose), links);
    }
  }
  if (!photo.width || shown.length < mosaics.length) {
    const text = "This browser cannot show all of these formats.";
    parts.push(make("p", {className: "quiet", textContent: text}),
      make("p", {className: "downloads"}, ...listDownloads(photo, mosaics)));
  }
  return parts;
}

// Makes the large view: the photo at the left of a handle, a mosaic at its right.
function makeStage(key, photo) {
  const stage = make("div", {className: "stage"});
  const fit = ({width, height}) => stage.style.setProperty("--ratio", width / height);
  if (photo) {
    fit(photo);
    stage.append(make("img", {className: "before", src: photo.url, alt: `Photo ${key}`}));
  }
  let mosaicImage, slider, label;

  function move() {
    stage.style.setProperty("--split", `${slider.value}%`);
    slider.setAttribute("aria-valuetext", `${slider.value}% photo`);
  }

  function start() {
    mosaicImage = make("img", {className: photo ? "after" : "before"});
    label = make("span", {className: "label right", "aria-hidden": "true"});
    stage.append(mosaicImage, label);
    if (!photo) return;
    slider = make("input", {type: "range", min: 0, max: 100, value: 50, className: "slider"});
    slider.addEventListener("input", move);
    stage.append(
      make("span", {className: "label left", textContent: "photo", "aria-hidden": "true"}),
      make("span", {className: "handle", "aria-hidden": "true"}),
      slider,
    );
    move();
  }

  function compare(mosaic) {
    if (!mosaicImage) start();
    if (!photo) fit(mosaic);
    const {name} = mosaic;
    mosaicImage.src = mosaic.url;
    mosaicImage.alt = `Mosaic ${name} of ${key}`;
    label.textContent = name;
    slider?.setAttribute("aria-label", `Compare photo and mosaic ${name} of ${key}`);
  }

  return {stage, compare};
}

function makeStrip(key, mosaics, first, choose) {
  const name = `grid-${++lastId}`;
  const tiles = mosaics.map((mosaic) => {
    const text = mosaic.name;
    const radio = make("input", {type: "radio", name, checked: mosaic === first, className: "unseen"});
    radio.addEventListener("change", () => choose(mosaic));
    return make("label", {className: "tile"}, radio,
      make("img", {src: mosaic.url, alt: ""}), make("span", {textContent: text}), " ",
      make("small", {textContent: formatSize(mosaic.bytes)}));
  });
  const {width, height} = first;
  const legend = make("legend", {className: "unseen", textContent: `Mosaic of ${key} in the large view`});
  const strip = make("fieldset", {className: "strip"}, legend, ...tiles);
  strip.style.setProperty("--ratio", width / height);
  return strip;
}

function listDownloads(photo, mosaics) {
  const link = (text, {key, url, bytes}) => make("a", {href: url, download: key.split("/").pop()},
    `Download ${text}`, make("span", {className: "unseen", textContent: ` of ${photo.key}`}), " ",
    make("small", {textContent: formatSize(bytes)}));
  const links = mosaics.map((mosaic) => link(mosaic.name, mosaic));
  return [link("photo", photo), ...links];
}
