// A new comment.

import { call } from "./api.js";
import { choose, typedUser } from "./comments.js";
import { byId, during, refresh, say, setText } from "./dom.js";

const longest = 1024;

const form = byId("post");
const text = byId("text");
const note = byId("comments-note");

/** Starts the form; on a site's tables there is none, for the site alone writes its comments. */
export function startPost() {
  form.addEventListener("submit", event => {
    event.preventDefault();
    during(byId("post-button"), note, post);
  });
  text.addEventListener("input", countDown);
  text.addEventListener("keydown", event => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  refresh(note, async () => {
    const { store } = await call("GET", "health", { expected: 503 });
    form.hidden = store.schema !== "Own";
    byId("site-hint").hidden = !form.hidden;
  });
}

async function post() {
  const name = typedUser();
  await call("POST", "comments", { right: "post", body: { userName: name, text: text.value } });
  text.value = "";
  countDown();
  await choose(name);
  say(note, `Posted as ${name}.`);
}

// Code points, as the app counts them: an emoji is one.
function countDown() {
  const left = longest - [...text.value].length;
  const count = byId("count");
  count.classList.toggle("error", left < 0);
  setText(count, left < 0 ? `${-left} characters too many` : `${left} characters left, Ctrl+Enter posts`);
}
