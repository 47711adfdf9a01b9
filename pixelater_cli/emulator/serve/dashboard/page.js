// The page of `pixelater emulate`: uploads photos to the emulated S3 and shows what becomes of them.
//
// It sends requests to that S3 only, and is stored in one of its buckets. Next to it, the emulator
// updates events.json and failures.json; stack.json names the default stack's buckets.

import {$, announce, count, make} from "./dom.js";
import {addEvent, formatDuration, makeStartChip, showWeather} from "./events.js";
import {listenForRetries, showFailures} from "./failures.js";
import {findCard, preview, setState, showPhoto, showReason} from "./photos.js";
import {locate, readJson, request, RequestError, ROOT} from "./s3.js";

const POLL_MS = 700;

let stack, run, lastEvent = 0;

async function upload(file) {
  const card = findCard(stack.source, file.name, stack.source);
  setState(card, "Uploading …", "busy");
  let body;
  try {
    body = await file.arrayBuffer();
  } catch {
    showReason(card, "Not uploaded", "The browser cannot read it. Is it a folder?");
    return false;
  }
  preview(card, file);
  setState(card, "Uploading …", "busy");
  const type = file.type || "application/octet-stream";
  try {
    await request(locate(stack.source, file.name), {method: "PUT", body, headers: {"Content-Type": type}});
  } catch (error) {
    showReason(card, "Not uploaded", error.message);
    return false;
  }
  if (card.state.textContent === "Uploading …") setState(card, "Waiting for the function …", "busy");
  return true;
}

async function uploadAll(files) {
  if (!files.length) return;
  announce(`Uploading ${count(files.length, "photo")}.`);
  let failed = 0;
  for (const file of files) failed += !(await upload(file));
  if (failed) announce(`${count(failed, "file")} not uploaded.`);
}

// Shows what became of a photo. Events from before the page was opened are not announced.
function update(event, stacks, aloud) {
  const card = findCard(event.bucket || stack.source, event.key, stack.source);
  if (event.result === "done") {
    const time = formatDuration(event);
    setState(card, time ? `Done in ${time}` : "Done", "done", ...makeStartChip(event));
    showPhoto(card, event.function ? stacks[event.function] : stack, aloud);
  } else if (event.result === "failed") {
    showReason(card, "Failed", event.note);
    if (aloud) announce(`${event.key} failed.`);
  } else {
    setState(card, `${event.result}: ${event.note}`, event.result === "skipped" ? "quiet" : "busy");
  }
}

async function followEvents() {
  const {events, run: current, stacks, weather} = await readJson("events.json");
  if (run && current !== run) location.reload();  // The emulator was restarted, perhaps updated.
  const aloud = run !== undefined;
  run = current;
  const latest = new Map();  // Of many events of a photo, the last one matters.
  for (const event of events.filter(({number}) => number > lastEvent)) {
    lastEvent = event.number;
    addEvent(event);
    const id = `${event.bucket}/${event.key}`;
    latest.delete(id);
    if (event.key) latest.set(id, event);
  }
  for (const event of latest.values()) update(event, stacks, aloud);
  showWeather(weather);
}

function setConnection(connected) {
  const text = connected ? "connected" : "not reachable";
  if ($("connection").textContent === text) return;
  $("connection").textContent = text;
  $("connection").className = connected ? "" : "lost";
  if (!connected) announce("The emulator is not reachable. Is it still running?");
  else if ($("status").textContent.includes("not reachable")) announce("Connected again.");
}

async function follow() {
  try {
    await followEvents();
    showFailures(await readJson("failures.json"));
    setConnection(true);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    setConnection(false);
  } finally {
    setTimeout(follow, POLL_MS);
  }
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
  stack = await readJson("stack.json");
  $("way").replaceChildren(
    make("span", {textContent: `${stack.source} →`}), " ",
    make("span", {textContent: `${stack.function} →`}), " ",
    make("span", {textContent: stack.destination}));
  const counts = new Set(stack.looks.map((look) => look.outputs.length));
  const mosaics = counts.size === 1 ? count([...counts][0], "mosaic") : "mosaics";
  $("grids").textContent = stack.looks.every((look) => look.documents.regions)
    ? "Each photo becomes a picture in which regions are hidden, if any are found."
    : `Each photo becomes ${mosaics}.`;
  $("commands").textContent =
    `export AWS_ENDPOINT_URL=${ROOT.origin}\npixelater push photo.jpg --wait`;
  listenForPhotos();
  listenForRetries();
  follow();
}

start();
