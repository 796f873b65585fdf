// The deletion: run it, after a count and a question; and what its last runs did.

import { call } from "./api.js";
import { byId, comments, during, element, say, timeOf } from "./dom.js";
import { drawRuns } from "./chart.js";

const right = "operate";

// As long as Azure's front end lets a request take.
const patience = 230_000;

// Between two looks at a run that takes longer than the app lets its caller wait.
const pause = 5_000;

const note = byId("runs-note");
const dialog = byId("confirm");
const age = byId("age");
let deleted = () => {};

/** Starts the panel; onDelete is called when comments were deleted. */
export function startRuns(onDelete) {
  deleted = onDelete;
  byId("run").addEventListener("submit", event => {
    event.preventDefault();
    during(event.submitter, note, count);
  });
  byId("cancel").addEventListener("click", () => dialog.close());
  byId("delete").addEventListener("click", () => {
    dialog.close();
    during(byId("delete"), note, run);
  });
  return refreshRuns();
}

/** Shows the last runs. */
export async function refreshRuns() {
  try {
    const { runs } = await call("GET", "expiry-runs", { right, query: { limit: 20 } });
    drawRuns(byId("chart"), runs);
    byId("runs-table").hidden = runs.length === 0;
    byId("runs-rows").replaceChildren(...runs.map(row));
  } catch (problem) {
    // Nobody asked for this, so a missing key is no reason to open the way to it.
    byId("chart").replaceChildren(element("p", { class: "empty" }, problem.message));
    byId("runs-table").hidden = true;
  }
}

async function count() {
  say(note, "Counting…");
  const { wouldDelete } = await call("POST", "expiry-runs", { right, query: { olderThan: age.value, dryRun: "true" }, patience });
  refreshRuns();
  if (wouldDelete === 0) {
    say(note, "Nothing to delete: no comment is that old.");
    return;
  }

  say(note, `${comments(wouldDelete)} would be deleted.`);
  byId("confirm-title").textContent = `Delete ${comments(wouldDelete)}?`;
  byId("confirm-text").textContent = wouldDelete === 1 ? "It cannot be brought back." : "They cannot be brought back.";
  byId("cancel").textContent = wouldDelete === 1 ? "Keep it" : "Keep them";
  byId("delete").textContent = `Delete ${comments(wouldDelete)}`;
  dialog.showModal();
}

async function run() {
  say(note, "Deleting…");
  const done = await ended(await call("POST", "expiry-runs", { right, query: { olderThan: age.value }, patience }));
  if (done.outcome === "succeeded") {
    say(note, `Deleted ${comments(done.deleted)}.`);
  } else {
    say(note, `The run ${done.outcome}: ${done.error ?? "it left no reason"}`, true);
  }

  refreshRuns();
  deleted();
}

async function ended(view) {
  while (["waiting", "running"].includes(view.outcome)) {
    say(note, `Deleted ${comments(view.deleted)} so far. It goes on without this page.`);
    await new Promise(resolve => setTimeout(resolve, pause));
    view = await call("GET", `expiry-runs/${view.id}`, { right });
  }

  return view;
}

function row(view) {
  const amount = view.dryRun ? `${(view.wouldDelete ?? 0).toLocaleString()} counted` : `${(view.deleted ?? 0).toLocaleString()} deleted`;
  return element("tr", {},
    element("td", {}, element("time", { datetime: view.startedAt }, timeOf(new Date(view.startedAt)))),
    element("td", {}, view.triggeredBy),
    element("td", {}, amount),
    element("td", {}, took(view.duration)),
    element("td", {}, view.outcome));
}

// hh:mm:ss.fffffff, as the app writes durations.
function took(duration) {
  const [, hours, minutes, seconds] = /^(\d+):(\d+):([\d.]+)$/.exec(duration ?? "") ?? [];
  if (seconds === undefined) {
    return duration ?? "–";
  }

  const all = 3600 * hours + 60 * minutes + Number(seconds);
  return all < 1 ? `${Math.round(1000 * all)} ms` : `${all.toFixed(1)} s`;
}
