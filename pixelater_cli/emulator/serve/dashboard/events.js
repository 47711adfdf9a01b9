// Table of events, figures and weather.

import {$, make} from "./dom.js";

const MAX_ROWS = 200;

const WEATHER = {
  order: "lists come back in another order",
  stale: "reads show the state before the last change",
  newborn: "what was just created is refused",
  slow: "events come late, twice and out of order",
  throttle: "requests are throttled",
  faults: "errors, closed connections, killed functions",
};

const durations = {cold: [], warm: []};
let done = 0, shownWeather = "";

export function formatDuration(event) {
  return event.milliseconds ? `${Math.round(event.milliseconds)} ms` : "";
}

// Describes a start: "warm", or "cold" and the time before the function ran. "" if unknown.
export function describeStart(event) {
  if (!event.milliseconds) return "";
  if (!event.cold) return "warm";
  return event.init_ms ? `cold, +${Math.round(event.init_ms)} ms` : "cold";
}

export function makeStartChip(event) {
  const text = describeStart(event);
  return text ? [make("span", {className: `chip ${event.cold ? "cold" : "warm"}`, textContent: text})] : [];
}

export function addEvent(event) {
  const cell = (name, ...content) => make("td", {role: "cell", className: name}, ...content);
  const row = make("tr", {role: "row", className: event.result},
    cell("time", new Date(event.time * 1000).toLocaleTimeString()),
    cell("key", event.key),
    cell(`result ${event.result}`, event.result),
    cell("number attempt", event.attempt || ""),
    cell("number duration", formatDuration(event)),
    cell("start", ...makeStartChip(event)),
    cell("number memory", event.memory_mb ? `${event.memory_mb} MB` : ""),
    cell("note", event.note));
  $("events").prepend(row);
  if ($("events").rows.length > MAX_ROWS) $("events").lastElementChild.remove();
  $("no-events").hidden = true;
  addFigures(event);
}

function addFigures(event) {
  if (event.result !== "done" || !event.key) return;
  $("done").textContent = ++done;
  if (!event.milliseconds) return;
  const kind = event.cold ? "cold" : "warm";
  durations[kind].push(event.milliseconds + (event.init_ms ?? 0));
  $(kind).textContent = `${Math.round(median(durations[kind]))} ms`;
}

function median(numbers) {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)];
}

// Shows the weather of events.json: {counts: {kind: number}, incidents: [event]}.
export function showWeather({counts, incidents}) {
  const weather = JSON.stringify({counts, incidents});
  if (weather === shownWeather) return;
  shownWeather = weather;
  const kinds = Object.keys(WEATHER).filter((kind) => counts[kind]);
  $("weather-section").hidden = !kinds.length;
  $("weather").replaceChildren(...kinds.map((kind) => make("li", {},
    make("b", {className: "figure", textContent: counts[kind]}),
    make("b", {textContent: kind}),
    make("span", {className: "quiet", textContent: WEATHER[kind]}))));
  $("incidents").replaceChildren(...[...incidents].reverse().map((incident) => make("li", {},
    make("span", {className: "quiet", textContent: new Date(incident.time * 1000).toLocaleTimeString()}),
    ` ${incident.note}`)));
}

