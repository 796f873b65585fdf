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

byId("key").addEventListener("input", event => useKey(event.target.value));
byId("key").addEventListener("change", refreshRuns);
startBot();
startComments(refreshBot);
startRuns(refreshPanels);

setInterval(() => document.hidden || refreshPanels(), refreshEvery);
document.addEventListener("visibilitychange", () => document.hidden || refreshPanels());
