// A user's comments, each with the time that is left to it.

import { call, now } from "./api.js";
import { byId, comments as counted, during, element, say, setText, timeOf } from "./dom.js";
import { recall, remember } from "./memory.js";

const userKey = "user";
const longest = 1024;

const list = byId("list");
const empty = byId("list-empty");
const note = byId("comments-note");
const more = byId("more");
const field = byId("user");
const text = byId("text");
const shown = new Map();
let user = "";
let next = null;
let asked = 0;
let vanished = () => {};

/** Starts the panel; onVanish is called when comments expired while they were shown. */
export function startComments(onVanish) {
  vanished = onVanish;
  byId("who").addEventListener("submit", event => {
    event.preventDefault();
    during(event.submitter, note, () => choose(field.value.trim()));
  });
  byId("post").addEventListener("submit", event => {
    event.preventDefault();
    during(event.submitter, note, post);
  });
  text.addEventListener("input", countDown);
  more.addEventListener("click", () => during(more, note, () => load(next)));
  setInterval(tick, 1000);
  field.value = recall(userKey) ?? "";
  return field.value ? refreshComments(field.value) : Promise.resolve();
}

/** Shows the comments as the app has them now. */
export async function refreshComments(name = user) {
  try {
    if (name) {
      await choose(name);
    }
  } catch (problem) {
    say(note, problem.message, true);
  }
}

async function choose(name) {
  if (!name) {
    field.focus();
    return;
  }

  if (name !== user) {
    user = name;
    say(note, "");
    clear();
  }

  try {
    await load(null);
    remember(userKey, name);
  } catch (problem) {
    // What is no name is not asked for again.
    user = problem.status === 400 ? "" : user;
    throw problem;
  }
}

async function load(before) {
  const mine = ++asked;
  const name = user;
  let page;
  try {
    page = await call("GET", `users/${encodeURIComponent(name)}/comments`, { query: { before: before ?? "" } });
  } catch (problem) {
    if (problem.status !== 404) {
      throw problem;
    }

    page = { comments: [], next: null, unknown: problem.message };
  }

  // Somebody else was asked for in the meantime.
  if (mine === asked && name === user) {
    show(page, before === null);
  }
}

function show(page, isNewest) {
  if (isNewest) {
    // What the page does not have has expired or was deleted, unless it is older than the page's last.
    const known = new Set(page.comments.map(comment => comment.id));
    const oldest = page.next === null ? -Infinity : Date.parse(page.comments.at(-1).createdAt);
    [...shown.values()].filter(item => !known.has(item.id) && item.createdAt > oldest).forEach(remove);
  }

  const additions = page.comments.filter(comment => !shown.has(comment.id)).map(itemOf);
  additions.forEach(item => shown.set(item.id, item));
  if (additions.length > 0) {
    list.append(...[...shown.values()].sort(newestFirst).map(item => item.node));
  }

  next = isNewest && shown.size > page.comments.length ? next : page.next;
  more.hidden = next === null;
  tick();
  sayEmpty(page.unknown);
}

function itemOf(comment) {
  const left = element("span", { class: "left" });
  const bar = element("div", { class: "bar", "aria-hidden": "true" });
  const created = new Date(comment.createdAt);
  const node = element("li", { class: "comment" },
    element("p", { class: "said" }, comment.text),
    element("p", { class: "meta" }, "Written ", element("time", { datetime: comment.createdAt }, timeOf(created)), " · ", left),
    bar);
  return { id: comment.id, node, left, bar, createdAt: created.getTime(), expiresAt: Date.parse(comment.expiresAt) };
}

// Of the same instant the greater id is the newer.
function newestFirst(one, other) {
  return other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1);
}

async function post() {
  const name = field.value.trim();
  if (!name) {
    field.focus();
    throw new Error("Enter a user name first.");
  }

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
  setText(count, left < 0 ? `${-left} characters too many` : `${left} characters left`);
}

// The clock is not announced: a screen reader would never be silent. That something vanished is, once.
function tick() {
  const time = now();
  const gone = [...shown.values()].filter(item => item.expiresAt <= time);
  gone.forEach(remove);
  for (const item of shown.values()) {
    const left = item.expiresAt - time;
    setText(item.left, `vanishes in ${inWords(left)}`);
    item.bar.style.setProperty("--left", `${(100 * left / (item.expiresAt - item.createdAt)).toFixed(1)}%`);
    item.node.classList.toggle("soon", left < 60_000 || left < (item.expiresAt - item.createdAt) / 10);
  }

  if (gone.length > 0) {
    say(note, gone.length === 1 ? "A comment has vanished." : `${counted(gone.length)} have vanished.`);
    sayEmpty();
    vanished();
  }
}

function inWords(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours >= 48 ? `${Math.floor(hours / 24)} d ${hours % 24} h`
    : hours > 0 ? `${hours} h ${minutes} min`
      : minutes > 0 ? `${minutes} min ${seconds % 60} s`
        : `${seconds} s`;
}

function sayEmpty(unknown) {
  empty.hidden = shown.size > 0;
  setText(empty, unknown ?? `${user} has no comments at the moment.`);
}

function remove(item) {
  item.node.remove();
  shown.delete(item.id);
}

function clear() {
  [...shown.values()].forEach(remove);
  next = null;
  more.hidden = true;
  empty.hidden = true;
}
