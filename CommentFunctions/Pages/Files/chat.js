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
startComments(query => call("GET", query.userName ? `users/${encodeURIComponent(query.userName)}/comments` : "comments", {
  right: query.userName ? undefined : "operate",
  query: { limit: query.limit, before: query.before },
}), { onVanish: refreshBot, isPublic: true });
startPost();
