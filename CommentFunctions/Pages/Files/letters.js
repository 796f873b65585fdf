// What the queues gave up on: why, and what to do with it.

import { call } from "./api.js";
import { confirmed } from "./confirm.js";
import { button, byId, during, element, refresh, say } from "./dom.js";
import { refreshHealth } from "./health.js";
import { timeOf } from "./words.js";

const right = "operate";
// As many as are looked at one by one; there is a button for all.
const most = 20;

const note = byId("letters-note");
const list = byId("letters");
let shown = "";

/** Shows the dead letters of the queues that have any, by a health report. */
export function refreshLetters({ queues }) {
  const names = Object.keys(queues).filter(queue => queues[queue] === null || queues[queue].deadLettered > 0);
  return refresh(note, async () => {
    const pages = await Promise.all(names.map(queue => call("GET", `dead-letters/${queue}`, { right, query: { limit: most } })));
    const found = names.map((queue, i) => ({ queue, letters: pages[i].deadLetters, more: pages[i].next !== null })).filter(part => part.letters.length > 0);
    byId("no-letters").hidden = found.length > 0;
    // Made anew only where there is a change: whoever is about to press a button keeps it.
    if (JSON.stringify(found) !== shown) {
      shown = JSON.stringify(found);
      list.replaceChildren(...found.map(panel));
    }
  });
}

function panel({ queue, letters, more }) {
  const all = button({ class: "second small" }, "Replay all", pressed => during(pressed, note, () => replayAll(queue)));
  all.setAttribute("aria-label", `Replay all of ${queue}`);
  return element("section", { "aria-label": `Dead letters of ${queue}` },
    element("div", { class: "head" }, element("h3", {}, more ? `${queue}: the oldest ${letters.length}` : queue), all),
    element("ul", { class: "letters" }, ...letters.map(letter => item(queue, letter))));
}

function item(queue, letter) {
  const named = { "aria-describedby": `letter-${queue}-${letter.sequenceNumber}` };
  return element("li", {},
    element("p", { id: named["aria-describedby"] }, element("strong", {}, letter.reason ?? "No reason given"), letter.description ? ` ${letter.description}` : ""),
    element("p", { class: "meta" }, "Taken ", element("time", { datetime: letter.enqueuedAt }, timeOf(new Date(letter.enqueuedAt))),
      ` · ${letter.deliveryCount} ${letter.deliveryCount === 1 ? "delivery" : "deliveries"} · ${letter.messageId}`),
    element("div", { class: "row" },
      button({ class: "second small", ...named }, "Replay", pressed => during(pressed, note, () => replay(queue, letter))),
      button({ class: "quiet", ...named }, "Drop…", pressed => during(pressed, note, () => drop(queue, letter)))));
}

async function replayAll(queue) {
  const { replayed, left, more } = await call("POST", `dead-letters/${queue}/replay`, { right, timeout: 120_000 });
  say(note, `${replayed.toLocaleString()} sent to ${queue} again${left > 0 || more ? "; others are left, press it once more" : ""}.`);
  await lookAgain();
}

async function replay(queue, letter) {
  await call("POST", `dead-letters/${queue}/${letter.sequenceNumber}/replay`, { right, timeout: 120_000 });
  say(note, `Sent to ${queue} again.`);
  await lookAgain();
}

async function drop(queue, letter) {
  if (await confirmed({ title: "Drop this message?", text: "It is removed for good, and nobody is told.", keep: "Keep it", go: "Drop it" })) {
    await call("DELETE", `dead-letters/${queue}/${letter.sequenceNumber}`, { right, timeout: 120_000 });
    say(note, "Dropped.");
    await lookAgain();
  }
}

// The buttons of what is gone are gone too; the keyboard goes on from the panel.
async function lookAgain() {
  await refreshHealth();
  byId("letters-title").focus();
}
