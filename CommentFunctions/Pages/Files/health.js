// How the app is: in one word, with the reasons, and what it will do next.

import { call, now } from "./api.js";
import { byId, element, refresh, setText } from "./dom.js";
import { comments, inWords, milliseconds, timeOf, took } from "./words.js";

const words = { healthy: "Healthy", degraded: "Degraded", unhealthy: "Unhealthy" };
const outcomes = { succeeded: "deleted", incomplete: "incomplete: deleted", failed: "failed: deleted", cancelled: "cancelled: deleted", interrupted: "interrupted: deleted" };

const badge = byId("health-badge");
const note = byId("health-note");
const facts = byId("health-facts");
let listener = () => {};
let next = null;

/** Has this called with each report. */
export function onHealth(told) {
  listener = told;
}

/** Shows the report of now. */
export function refreshHealth() {
  return refresh(note, async () => {
    try {
      show(await call("GET", "health", { expected: 503 }));
    } catch (problem) {
      showBadge("unknown", problem.status === 0 ? "Not reached" : "Not known");
      throw problem;
    }
  });
}

setInterval(showNext, 1000);

function show(report) {
  showBadge(report.status, words[report.status] ?? report.status);
  byId("reasons").replaceChildren(...report.reasons.map(reason => element("li", {}, reason)));
  setText(byId("no-reasons"), report.reasons.length > 0 ? "" : waiting(report.queues) === 0
    ? "Comments are stored, messages answered, expired comments deleted."
    : "Comments are stored, expired comments deleted. What waits under Later is tried again: the log says why.");
  next = report.nextExpiryRun === null ? null : new Date(report.nextExpiryRun);
  fact("fact-next", next === null ? "none: the timer is off" : "");
  showNext();
  facts.hidden = false;
  fact("fact-last", lastRun(report.lastExpiryRun));
  fact("fact-retention", `Comments live ${inWords(milliseconds(report.retention))}`);
  const { name, schema, reachable, writable } = report.store;
  fact("fact-store", `${name}${schema === "Own" ? "" : `, tables of a ${schema} site`}: ${writable ? "takes comments" : reachable ? "can be read only" : "cannot be reached"}`);
  fact("fact-off", report.disabled.join(", "));
  byId("queues").replaceChildren(...Object.entries(report.queues).map(([queue, depth]) => row(queue, depth)));
  document.body.classList.toggle("site", schema !== "Own");
  listener(report);
}

// A channel's service that is away, or refuses a token, is no reason by itself.
function waiting(queues) {
  return Object.values(queues).reduce((sum, depth) => sum + (depth?.scheduled ?? 0), 0);
}

function showBadge(kind, word) {
  badge.className = `badge ${kind}`;
  setText(badge, word);
  document.title = `${word} – Vanishing comments`;
}

function fact(id, text) {
  const place = byId(id);
  setText(place, text);
  place.parentElement.hidden = text === "" && id !== "fact-next";
}

// The clock is no news for a screen reader: this is in no live region.
function showNext() {
  if (next !== null) {
    const left = next.getTime() - now();
    setText(byId("fact-next"), left > 0 ? `in ${inWords(left)}, at ${timeOf(next)}` : "now");
  }
}

function lastRun(run) {
  if (run === null) {
    return "none in the last 30 days";
  }

  const amount = comments(run.deleted ?? run.wouldDelete ?? 0);
  const did = run.dryRun ? `counted ${amount}` : `${outcomes[run.outcome] ?? `${run.outcome}:`} ${amount}`;
  return `${timeOf(new Date(run.startedAt))} by ${run.triggeredBy}, ${did}${run.duration ? ` in ${took(milliseconds(run.duration))}` : ""}`;
}

function row(queue, depth) {
  const cells = depth === null ? ["?", "?", "?", "?"] : [
    depth.active.toLocaleString(),
    depth.scheduled.toLocaleString(),
    depth.active === 0 || depth.oldestAge === undefined ? "–" : took(milliseconds(depth.oldestAge)),
    depth.deadLettered.toLocaleString(),
  ];
  return element("tr", depth?.deadLettered > 0 ? { class: "dead" } : {}, element("th", { scope: "row" }, queue), ...cells.map(cell => element("td", {}, cell)));
}
