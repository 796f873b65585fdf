// The deletion: run it, after a count and a question; watch it; and what its last runs did.

import { call } from "./api.js";
import { drawRuns } from "./chart.js";
import { confirmed } from "./confirm.js";
import { byId, during, element, refresh, say } from "./dom.js";
import { comments, milliseconds, timeOf, took } from "./words.js";

const right = "operate";

// As long as Azure's front end lets a request take.
const timeout = 230_000;

// Between two looks at a run that goes on.
const pause = 1_000;

const note = byId("runs-note");
const age = byId("age");
const bar = byId("progress-bar");
let changed = () => {};
let counted = null;
let watching = false;
let asked = 0;

/** Starts the panel; onDelete is called when comments were deleted. */
export function startRuns(onDelete) {
  changed = onDelete;
  byId("run").addEventListener("submit", event => {
    event.preventDefault();
    during(event.submitter, note, countAndRun);
  });
  return refreshRuns();
}

/** Shows the last runs, and how far one that goes on has come. */
export async function refreshRuns() {
  const mine = ++asked;
  await refresh(byId("history-note"), async () => {
    const { runs } = await call("GET", "expiry-runs", { right, query: { limit: 20 } });
    if (mine === asked) {
      show(runs);
    }
  });
}

function show(runs) {
  drawRuns(byId("chart"), runs);
  byId("runs-table").hidden = runs.length === 0;
  byId("runs-rows").replaceChildren(...runs.map(row));
  const open = runs.find(run => isOpen(run) && !run.dryRun);
  byId("progress").hidden = open === undefined;
  if (open) {
    showProgress(open);
    watch();
  }
}

async function countAndRun() {
  say(note, "Counting…");
  const { wouldDelete } = await call("POST", "expiry-runs", { right, query: { olderThan: age.value, dryRun: "true" }, timeout });
  refreshRuns();
  if (wouldDelete === 0) {
    say(note, "Nothing to delete: no comment is that old.");
    return;
  }

  say(note, `${comments(wouldDelete)} would be deleted.`);
  const one = wouldDelete === 1;
  if (await confirmed({
    title: `Delete ${comments(wouldDelete)}?`,
    text: one ? "It cannot be brought back." : "They cannot be brought back.",
    keep: one ? "Keep it" : "Keep them",
    go: `Delete ${comments(wouldDelete)}`,
  })) {
    await run(wouldDelete);
  }
}

async function run(count) {
  say(note, "Deleting…");
  counted = count;
  watch();
  try {
    const done = await ended(await call("POST", "expiry-runs", { right, query: { olderThan: age.value }, timeout }));
    const failed = done.outcome !== "succeeded";
    say(note, failed ? `The run ${done.outcome}: ${done.error ?? "it left no reason"}` : `Deleted ${comments(done.deleted)}.`, failed);
  } finally {
    counted = null;
    refreshRuns();
    changed();
  }
}

// The run takes longer than the app lets its caller wait.
async function ended(view) {
  while (isOpen(view)) {
    await new Promise(resolve => setTimeout(resolve, pause));
    view = await call("GET", `expiry-runs/${view.id}`, { right });
  }

  return view;
}

// Looks more often while a run goes on, whoever started it.
async function watch() {
  if (watching) {
    return;
  }

  watching = true;
  do {
    await new Promise(resolve => setTimeout(resolve, pause));
    await refreshRuns();
  } while (counted !== null || !byId("progress").hidden);
  watching = false;
  changed();
}

function isOpen(view) {
  return ["waiting", "running"].includes(view.outcome);
}

function showProgress(view) {
  const done = view.deleted ?? 0;
  const known = counted !== null && counted >= done;
  byId("progress-text").textContent = view.outcome === "waiting" ? "A run waits for its turn."
    : `${view.triggeredBy} deletes: ${done.toLocaleString()}${known ? ` of ${counted.toLocaleString()}` : ""} so far. It goes on without this page.`;
  if (known && view.outcome === "running") {
    bar.max = counted;
    bar.value = done;
  } else {
    bar.removeAttribute("value");
  }
}

function row(view) {
  const amount = view.dryRun ? `${(view.wouldDelete ?? 0).toLocaleString()} counted` : `${(view.deleted ?? 0).toLocaleString()} deleted`;
  const outcome = element("td", { class: ["succeeded", "running", "waiting"].includes(view.outcome) ? "" : "bad" }, view.outcome);
  if (view.error) {
    outcome.append(element("span", { class: "why" }, view.error));
  }

  return element("tr", {},
    element("td", {}, element("time", { datetime: view.startedAt }, timeOf(new Date(view.startedAt)))),
    element("td", {}, view.work === "erasure" ? `${view.triggeredBy}, erasure of a user` : view.triggeredBy),
    element("td", {}, amount),
    element("td", {}, took(milliseconds(view.duration))),
    outcome);
}
