// Puts together the panels of the page to try the app.

import { call } from "./api.js";
import { refreshBot, startBot } from "./bot.js";
import { refreshComments, startComments } from "./comments.js";
import { startPost } from "./post.js";
import { startPage } from "./shell.js";

startPage(() => {
  refreshBot();
  refreshComments();
});
startBot();
startComments(({ userName, ...page }) => userName
  ? call("GET", `users/${encodeURIComponent(userName)}/comments`, { query: page })
  : call("GET", "comments", { right: "operate", query: page }), { onVanish: refreshBot, isPublic: true });
startPost();
