// List of what is in the failure queues now, with buttons that retry.

import {$, announce, count, make} from "./dom.js";
import {locate, PAGE_BUCKET, request} from "./s3.js";

const rows = new Map();  // By id of the message; rows are kept, and with them the focus.

// Shows failures.json: {failures: [{id, queue, keys, reason, ...}], hidden, problem}.
export function showFailures({failures, hidden, problem}) {
  for (const [id, row] of rows) {
    if (!failures.some((failure) => failure.id === id)) removeRow(id, row);
  }
  const newest = [...failures].sort((one, other) => other.time.localeCompare(one.time));
  newest.forEach((failure, index) => placeRow(findRow(failure), index));
  $("failed").textContent = failures.length;
  $("failed").classList.toggle("failed", failures.length > 0);
  $("retry-all").hidden = failures.length < 2;
  $("problem").textContent = describeProblem(hidden, problem);
  $("problem").hidden = !$("problem").textContent;
  $("failures-section").hidden = !failures.length && !problem;
}

export function listenForRetries() {
  $("retry-all").addEventListener("click", () => {
    for (const row of rows.values()) retry(row);
  });
}

function describeProblem(hidden, problem) {
  if (problem) return `Cannot read the failure queue: ${problem}`;
  return hidden ? `Another client is reading ${count(hidden, "message")} of the queue.` : "";
}

function findRow(failure) {
  const row = rows.get(failure.id) ?? makeRow(failure);
  row.failure = failure;
  const tries = failure.tries ? count(failure.tries, "attempt") : "";
  const time = failure.time ? new Date(failure.time).toLocaleTimeString() : "";
  row.details.textContent = [time, tries, failure.queue].filter(Boolean).join(" · ");
  row.error.textContent = failure.error ? `Failed again: ${failure.error}` : "";
  if (failure.error && row.busy && !failure.retrying) setBusy(row, false);
  if (failure.retrying) setBusy(row, true);
  return row;
}

function makeRow(failure) {
  const name = failure.keys.join(", ") || "A message that names no photo";
  const button = make("button", {type: "button", "aria-label": `Retry ${name}`, textContent: "Retry"});
  const row = {
    name, button, busy: false,
    details: make("span", {className: "quiet"}),
    error: make("span", {className: "failed"}),
  };
  button.addEventListener("click", () => retry(row));
  row.item = make("li", {},
    make("div", {},
      make("b", {textContent: name}), make("span", {className: "reason", textContent: failure.reason}),
      row.error, row.details),
    button);
  rows.set(failure.id, row);
  return row;
}

function placeRow({item}, index) {
  const list = $("failures");
  if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
}

// Removes a row. A focus in it moves to the next one, or to the heading.
function removeRow(id, {item, button}) {
  const focused = item.contains(document.activeElement);
  const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button");
  item.remove();
  rows.delete(id);
  if (focused) (next ?? (rows.size ? $("failures-title") : $("status"))).focus();
}

// A busy button keeps the focus, which a disabled one would lose.
function setBusy(row, busy) {
  row.busy = busy;
  row.button.textContent = busy ? "Retrying …" : "Retry";
  row.button.setAttribute("aria-disabled", busy);
}

// Asks the emulator for a retry, by an object that is named after the message.
async function retry(row) {
  if (row.busy) return;
  setBusy(row, true);
  announce(`Retrying ${row.name}.`);
  try {
    await request(locate(PAGE_BUCKET, `retries/${row.failure.id}`), {method: "PUT", body: ""});
  } catch (error) {
    setBusy(row, false);
    row.error.textContent = `Cannot retry: ${error.message}`;
  }
}
