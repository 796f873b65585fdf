// Puts together the panels of the page for operators.

import { call } from "./api.js";
import { byId } from "./dom.js";
import { refreshComments, startComments } from "./comments.js";
import { startErasure } from "./erasure.js";
import { onHealth, refreshHealth } from "./health.js";
import { refreshLetters } from "./letters.js";
import { refreshRuns, startRuns } from "./runs.js";
import { startPage } from "./shell.js";

async function refreshPanels() {
  refreshComments();
  refreshRuns();
  await refreshHealth();
}

startPage(refreshPanels);
onHealth(refreshLetters);
startRuns(() => {
  refreshComments();
  refreshHealth();
});
startComments(({ userName, ...page }) =>
  call("GET", userName ? `users/${encodeURIComponent(userName)}` : "comments", { right: "operate", query: page }));
startErasure(refreshRuns);
refreshHealth();

// The page to try the app is off with the web channel.
fetch(new URL("../chat", import.meta.url), { method: "HEAD" }).then(answer => byId("to-chat").hidden = !answer.ok, () => {});
