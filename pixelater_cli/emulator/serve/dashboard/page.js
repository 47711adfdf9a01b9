// The page of `pixelater emulate`: uploads photos to the emulated S3 and shows their mosaics.
//
// It sends requests to that S3 only, and is stored in one of its buckets. `stack.json` next to it
// has the names of the buckets, `events.json` recent events: {run, events: [{number, key, ...}]}.
"use strict";

const ROOT = new URL("..", location.href);
const POLL_MS = 700;  // Interval of requests for events.json.
const MAX_PHOTOS = 24;  // Older photos are removed from the page.

// Classes of an event's columns. The missing class is the event's result.
const CLASSES = ["", "", undefined, "number", "number", "number", ""];

// Emulators do not check signatures, but treat unsigned requests as anonymous.
const SIGNED = {
  Authorization: "AWS4-HMAC-SHA256 Credential=emulator/20260101/us-east-1/s3/aws4_request, " +
    "SignedHeaders=host, Signature=emulator",
};

const cards = new Map();
let stack, run, lastEvent = 0;

const $ = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function locate(bucket, key) {
  return new URL(`${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`, ROOT);
}

async function request(url, options = {}) {
  const headers = {...SIGNED, ...options.headers};
  const response = await fetch(url, {cache: "no-store", ...options, headers});
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response;
}

function findCard(key) {
  if (cards.has(key)) return cards.get(key);
  const state = make("span", {className: "state"});
  const pictures = make("div", {className: "pictures"});
  const item = make("li", {className: "photo"}, make("h3", {textContent: key}), state, pictures);
  const card = {item, state, pictures, urls: [], turn: 0};
  cards.set(key, card);
  $("photos").prepend(item);
  $("none").hidden = true;
  for (const [old, {item, urls}] of cards) {
    if (cards.size <= MAX_PHOTOS) break;
    urls.forEach(URL.revokeObjectURL);
    item.remove();
    cards.delete(old);
  }
  return card;
}

function setState(card, text, kind = "") {
  card.state.textContent = text;
  card.state.className = `state ${kind}`;
}

async function upload(file) {
  const card = findCard(file.name);
  setState(card, "uploading …");
  try {
    await request(locate(stack.source, file.name), {
      method: "PUT", body: file, headers: {"Content-Type": file.type || "application/octet-stream"},
    });
    if (card.state.textContent === "uploading …") setState(card, "waiting for the function …");
  } catch (error) {
    setState(card, `upload failed: ${error.message}`, "failed");
  }
}

async function uploadAll(files) {
  $("status").textContent = `Uploading ${files.length} ${files.length === 1 ? "photo" : "photos"}.`;
  for (const file of files) await upload(file);
}

// Lists the mosaics of a photo by name (pixelated-8x8-photo.jpg), with any suffix.
async function listMosaics(key) {
  const slash = key.lastIndexOf("/") + 1;
  const stem = key.slice(slash).replace(/\.[^.]*$/, "");
  const mosaics = [];
  for (const grid of stack.grids) {
    const url = new URL(stack.destination, ROOT);
    const prefix = `${key.slice(0, slash)}pixelated-${grid}x${grid}-${stem}`;
    url.search = new URLSearchParams({"list-type": 2, prefix, "encoding-type": "url"});
    const listing = new DOMParser().parseFromString(await (await request(url)).text(), "text/xml");
    const keys = [...listing.getElementsByTagName("Key")]
      .map((element) => decodeURIComponent(element.textContent.replaceAll("+", " ")));
    const mosaic = keys.find((candidate) => candidate.slice(prefix.length).lastIndexOf(".") <= 0);
    if (mosaic) mosaics.push({grid, key: mosaic});
  }
  return mosaics;
}

async function show(card, bucket, key, caption) {
  const blob = await (await request(locate(bucket, key))).blob();
  const url = URL.createObjectURL(blob);
  card.urls.push(url);
  const size = blob.size < 1e6 ? `${Math.round(blob.size / 1e3)} kB` : `${(blob.size / 1e6).toFixed(1)} MB`;
  const image = make("img", {src: url, alt: `${caption} of ${key}`});
  image.onerror = () => image.replaceWith(make("span", {textContent: "(this browser does not support the format)"}));
  return make("figure", {},
    make("a", {href: url, download: key.split("/").pop()}, image),
    make("figcaption", {}, make("b", {textContent: caption}), ` ${size}`));
}

async function showMosaics(key) {
  const card = findCard(key), turn = ++card.turn;
  const old = card.urls;
  card.urls = [];
  try {
    const figures = [await show(card, stack.source, key, "photo")];
    for (const mosaic of await listMosaics(key)) {
      figures.push(await show(card, stack.destination, mosaic.key, `${mosaic.grid}x${mosaic.grid}`));
    }
    if (turn !== card.turn) return;
    card.pictures.replaceChildren(...figures);
    old.forEach(URL.revokeObjectURL);
    $("status").textContent = `${key}: ${figures.length - 1} mosaics.`;
  } catch (error) {
    setState(card, `cannot show the images: ${error.message}`, "failed");
  }
}

function formatEvent(event) {
  const time = event.milliseconds ? `${Math.round(event.milliseconds)} ms${event.cold ? " cold" : ""}` : "";
  return [
    new Date(event.time * 1000).toLocaleTimeString(), event.key, event.result,
    event.attempt || "", time, event.memory_mb ? `${event.memory_mb} MB` : "", event.note,
  ];
}

function addEvent(event) {
  const cells = formatEvent(event);
  $("events").prepend(make("tr", {}, ...cells.map((text, index) =>
    make("td", {textContent: text, className: CLASSES[index] ?? event.result}))));
  if (event.result === "failed") {
    $("failures").prepend(make("li", {}, make("b", {textContent: event.key}), ` ${event.note}`));
    $("failures-section").hidden = false;
    $("status").textContent = `${event.key || "A photo"} failed.`;
  }
  if (!event.key) return;
  const card = findCard(event.key);
  if (event.result === "done") {
    setState(card, cells[4] ? `done in ${cells[4]}` : "done", "done");
    showMosaics(event.key);
  } else if (event.result === "failed") {
    setState(card, `failed: ${event.note}`, "failed");
  } else {
    setState(card, `${event.result}: ${event.note}`);
  }
}

async function follow() {
  try {
    const {events, run: current} = await (await request("events.json")).json();
    if (current !== run) [run, lastEvent] = [current, 0];
    for (const event of events.filter((event) => event.number > lastEvent)) {
      lastEvent = event.number;
      addEvent(event);
    }
    document.body.removeAttribute("data-lost");
  } catch (error) {
    document.body.dataset.lost = "";
    $("status").textContent = "The emulator is not reachable.";
  }
  setTimeout(follow, POLL_MS);
}

function listenForPhotos() {
  const drop = $("drop"), files = $("files");
  files.addEventListener("change", async () => {
    await uploadAll([...files.files]);
    files.value = "";
  });
  files.addEventListener("keydown", (event) => {
    if (event.key === "Enter") files.click();
  });
  addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    uploadAll([...event.dataTransfer.files]);
  });
}

async function start() {
  stack = await (await request("stack.json")).json();
  $("way").textContent = `${stack.source} → ${stack.function} → ${stack.destination}`;
  listenForPhotos();
  follow();
}

start();
