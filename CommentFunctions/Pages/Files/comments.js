// Comments, each with the time that is left to it: the newest of everybody, or a user's.

import { now } from "./api.js";
import { button, byId, during, element, refresh, say, setText, written } from "./dom.js";
import { recall, remember } from "./memory.js";
import { comments as counted, inWords, timeOf } from "./words.js";

const userKey = "user";
const limit = 100;

const list = byId("list");
const empty = byId("list-empty");
const note = byId("comments-note");
const more = byId("more");
const everyone = byId("everyone");
const field = byId("user");
const shown = new Map();
let find;
let options;
let chosen = () => {};
let user = "";
let next = null;
let asked = 0;

/**
 * Starts the panel. findPage asks for { userName, before, limit }; onVanish is called when comments expired while they were shown; isPublic is
 * for visitors, who need not have the key that everybody's comments take.
 */
export function startComments(findPage, { onVanish = () => {}, isPublic = false } = {}) {
  find = findPage;
  options = { onVanish, isPublic };
  byId("who").addEventListener("submit", event => {
    event.preventDefault();
    during(event.submitter, note, () => choose(field.value.trim()));
  });
  everyone.addEventListener("click", () => {
    field.value = "";
    during(everyone, note, () => choose(""));
    field.focus();
  });
  more.addEventListener("click", () => during(more, note, () => load(next)));
  setInterval(tick, 1000);
  field.value = isPublic ? recall(userKey) ?? "" : "";
  return refreshComments(field.value);
}

/** Shows the comments as the app has them now. */
export function refreshComments(name = user) {
  return refresh(note, () => choose(name));
}

/** Has this called with the name of the user whose comments are shown, "" for everybody's. */
export function onChoice(listener) {
  chosen = listener;
}

/** The user whose comments are shown. */
export function chosenUser() {
  return user;
}

/** Shows everybody's comments: the user is gone. */
export function forgetUser() {
  field.value = "";
  return refreshComments("");
}

/** The name that was typed. */
export function typedUser() {
  const name = field.value.trim();
  if (!name) {
    field.focus();
    throw new Error("Enter a user name first.");
  }

  return name;
}

/** Shows the comments of this user, of everybody for "". */
export async function choose(name) {
  if (name !== user) {
    user = name;
    say(note, "");
    clear();
  }

  everyone.hidden = user === "";
  try {
    await load(null);
    if (options.isPublic) {
      remember(userKey, name);
    }

    chosen(name);
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
    // Everybody's comments are one page, and name no next one.
    page = { next: null, ...await find({ userName: name, before: before ?? "", limit }) };
  } catch (problem) {
    page = pageOf(problem, name);
  }

  // Somebody else was asked for in the meantime.
  if (mine === asked && name === user) {
    show(page, before === null);
  }
}

// An unknown user has no comments, and a visitor need not see everybody's.
function pageOf(problem, name) {
  if (problem.status === 404 && name) {
    return { comments: [], next: null, hint: problem.message };
  }

  if (problem.right && !name && options.isPublic) {
    return { comments: [], next: null, hint: "Choose a user name to see their comments." };
  }

  throw problem;
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
  sayCount(page.hint);
}

function itemOf(comment) {
  const left = element("span", { class: "left" });
  const bar = element("div", { class: "bar", "aria-hidden": "true" });
  const created = new Date(comment.createdAt);
  const node = element("li", { class: "comment" },
    written("p", { class: "said" }, comment.text),
    element("p", { class: "meta" }, ...(user ? [] : [author(comment.userName), " · "]),
      element("time", { datetime: comment.createdAt }, timeOf(created)), " · ", left),
    bar);
  return { id: comment.id, node, left, bar, createdAt: created.getTime(), expiresAt: Date.parse(comment.expiresAt) };
}

function author(name) {
  const pressed = button({ class: "quiet name", dir: "auto" }, name, () => {
    field.value = name;
    field.focus();
    during(pressed, note, () => choose(name));
  });
  return pressed;
}

// Of the same instant the greater id is the newer.
function newestFirst(one, other) {
  return other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1);
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
    sayCount();
    options.onVanish();
  }
}

function sayCount(hint) {
  empty.hidden = shown.size > 0;
  setText(empty, hint ?? (user ? `${user} has no comments at the moment.` : "There are no comments at the moment."));
  const older = next !== null || (!user && shown.size === limit);
  setText(byId("list-count"), shown.size === 0 ? "" : `${older ? "The newest " : ""}${counted(shown.size)}${user ? "" : " of everybody"}`);
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
  setText(byId("list-count"), "");
}
