// Puts the three panels together.

import { useKey } from "./api.js";
import { byId } from "./dom.js";
import { refreshBot, startBot } from "./bot.js";
import { refreshComments, startComments } from "./comments.js";
import { refreshRuns, startRuns } from "./runs.js";

// What others write, and what expires in a conversation, is seen within this time.
const refreshEvery = 20_000;

function refreshPanels() {
  refreshBot();
  refreshComments();
}

for (const right of ["post", "operate"]) {
  byId(`key-${right}`).addEventListener("input", event => useKey(right, event.target.value));
}

byId("key-operate").addEventListener("change", refreshRuns);
startBot();
startComments(refreshBot);
startRuns(refreshPanels);

setInterval(() => document.hidden || refreshPanels(), refreshEvery);
document.addEventListener("visibilitychange", () => document.hidden || refreshPanels());
