// What both pages have around their panels: the keys, the line about the connection, and the clock that has the panels look again.

import { onReach, useKey } from "./api.js";
import { byId, setText } from "./dom.js";
import { timeOf } from "./words.js";

// What others do, and what a schedule does, is seen within this time.
const refreshEvery = 10_000;

/** Starts a page whose panels look again by this. */
export function startPage(refreshPanels) {
  const connection = byId("connection");
  onReach(reached => {
    if (reached || connection.textContent === "") {
      setText(connection, reached ? "" : `The app cannot be reached since ${timeOf(new Date())}. What you see is from before; the page goes on trying.`);
    }
  });
  for (const field of document.querySelectorAll("#key-box input")) {
    const right = field.id.slice("key-".length);
    field.addEventListener("input", () => useKey(right, field.value));
    field.addEventListener("change", refreshPanels);
  }

  const look = () => document.hidden || refreshPanels();
  setInterval(look, refreshEvery);
  document.addEventListener("visibilitychange", look);
  addEventListener("online", look);
}
