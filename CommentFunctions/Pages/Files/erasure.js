// A user is erased, after a count and a question.

import { call } from "./api.js";
import { chosenUser, forgetUser, onChoice } from "./comments.js";
import { confirmed } from "./confirm.js";
import { byId, during, say } from "./dom.js";
import { comments } from "./words.js";

const right = "operate";
const timeout = 230_000;

const note = byId("comments-note");
const button = byId("erase");

/** Starts the button; onErase is called when somebody was erased. */
export function startErasure(onErase) {
  onChoice(user => {
    button.hidden = user === "";
    button.textContent = `Erase ${user}…`;
  });
  button.addEventListener("click", () => during(button, note, () => erase(chosenUser(), onErase)));
}

async function erase(user, onErase) {
  const path = `users/${encodeURIComponent(user)}`;
  const { wouldDelete } = await call("DELETE", path, { right, query: { dryRun: "true" }, timeout });
  if (await confirmed({
    title: `Erase ${user} and ${comments(wouldDelete)}?`,
    text: "Replies on the web that quote them go too. None of it can be brought back.",
    keep: "Keep all",
    go: `Erase ${user}`,
  })) {
    const { outcome, deleted, error } = await call("DELETE", path, { right, timeout });
    forgetUser();
    const failed = !["succeeded", "waiting", "running"].includes(outcome);
    say(note, failed ? `The erasure ${outcome}: ${error ?? "it left no reason"}`
      : outcome === "succeeded" ? `Erased, with ${comments(deleted)}.` : "The erasure goes on without this page; the last runs tell how far it is.", failed);
    onErase();
  }
}
