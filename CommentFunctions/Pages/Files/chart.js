// The last runs as bars, oldest first. Drawn element by element; what the colours say, shapes and the table say too.

import { element } from "./dom.js";
import { comments, timeOf } from "./words.js";

const space = "http://www.w3.org/2000/svg";
const [width, height, top, base] = [420, 134, 22, 114];
const most = 20;
const step = width / most;

/** Draws runs, which come newest first, in place of what the container has. */
export function drawRuns(container, runs) {
  if (runs.length === 0) {
    container.replaceChildren(element("p", { class: "empty" }, "There were no runs in the last 30 days."));
    return;
  }

  const drawn = runs.slice(0, most).reverse();
  const peak = Math.max(1, ...drawn.map(amount));
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": summary(drawn) });
  picture.append(
    svg("line", { class: "axis", x1: 0, x2: width, y1: base + 0.5, y2: base + 0.5 }),
    label(0, 13, "start", peak.toLocaleString()),
    label(0, height - 3, "start", timeOf(new Date(drawn[0].startedAt))),
    ...drawn.map((run, place) => bar(run, place, peak)));
  if (drawn.length > most / 2) {
    picture.append(label(drawn.length * step, height - 3, "end", timeOf(new Date(drawn.at(-1).startedAt))));
  }

  container.replaceChildren(picture, legend(drawn));
}

function bar(run, place, peak) {
  const x = place * step + 3;
  const tall = Math.max(amount(run) > 0 ? 3 : 1.5, (base - top) * amount(run) / peak);
  const group = svg("g", { class: amount(run) > 0 ? kind(run) : `${kind(run)} zero` }, svg("title", {}, describe(run)));
  group.append(svg("rect", { x, y: base - tall, width: step - 6, height: tall, rx: Math.min(3, tall / 2) }));
  if (kind(run) === "failed") {
    group.append(svg("text", { x: x + (step - 6) / 2, y: base - tall - 4, "text-anchor": "middle" }, "×"));
  }

  return group;
}

function kind(run) {
  return ["succeeded", "running", "waiting"].includes(run.outcome) ? run.dryRun ? "counted" : "deleted" : "failed";
}

function amount(run) {
  return run.deleted ?? run.wouldDelete ?? 0;
}

function describe(run) {
  const did = run.dryRun ? "counted" : "deleted";
  return `${timeOf(new Date(run.startedAt))}, ${run.triggeredBy}: ${did} ${comments(amount(run))}, ${run.outcome}`;
}

function summary(drawn) {
  const failed = drawn.filter(run => kind(run) === "failed").length;
  const last = drawn.findLast(run => !run.dryRun) ?? drawn.at(-1);
  return `${drawn.length} ${drawn.length === 1 ? "run" : "runs"}${failed ? `, ${failed} not successful` : ""}. Newest: ${describe(last)}.`;
}

function legend(drawn) {
  const names = { deleted: "deleted", counted: "only counted", failed: "failed ×" };
  const kinds = new Set(drawn.map(kind));
  return element("p", { class: "legend", "aria-hidden": "true" },
    ...Object.keys(names).filter(name => kinds.has(name)).map(name => element("span", { class: name }, element("i"), names[name])));
}

function label(x, y, anchor, text) {
  return svg("text", { x, y, "text-anchor": anchor, class: "label" }, text);
}

function svg(name, attributes, ...children) {
  const made = document.createElementNS(space, name);
  for (const [attribute, value] of Object.entries(attributes)) {
    made.setAttribute(attribute, value);
  }

  made.append(...children);
  return made;
}
