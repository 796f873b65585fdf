// The conversation with the bot: each turn is a message and, once there is one, its reply.

import { call } from "./api.js";
import { byId, element, refresh, say, setText, written } from "./dom.js";
import { recall, remember } from "./memory.js";
import { timeOf } from "./words.js";

const conversationKey = "conversation";
const lateAfter = 15_000;
// Milliseconds between looks for a reply: quick at first, for most come at once.
const pauses = [250, 250, 400, 600, 800, 1000, 1500, 2000];

const log = byId("log");
const empty = byId("log-empty");
const note = byId("bot-note");
const turns = new Map();
let conversation = recall(conversationKey) ?? newName();
let watching = false;
let looks = 0;
let latest = 0;

/** Starts the panel. */
export function startBot() {
  byId("ask").addEventListener("submit", event => {
    event.preventDefault();
    const input = byId("ask-name");
    const text = input.value.trim();
    if (text) {
      input.value = "";
      send(addTurn(`unsent ${crypto.getRandomValues(new Uint32Array(2)).join()}`, text, new Date()));
    }
  });
  byId("new-conversation").addEventListener("click", () => {
    conversation = newName();
    turns.forEach(turn => turn.node.remove());
    turns.clear();
    empty.hidden = false;
    say(note, "A new conversation. The earlier one is still the app’s until it expires.");
    byId("ask-name").focus();
  });
  return refreshBot();
}

/** Shows the conversation as the app has it now. */
export function refreshBot() {
  const mine = conversation;
  const look = ++looks;
  return refresh(note, async () => {
    const { messages } = await call("GET", `bot/conversations/${mine}`);
    // An answer that was overtaken lacks what is shown already, and would have it removed.
    if (mine === conversation && look > latest) {
      latest = look;
      show(messages);
    }
  });
}

// Whoever knows a conversation's name can read it, so it is one that nobody guesses.
function newName() {
  const name = Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
  remember(conversationKey, name);
  return name;
}

function addTurn(id, text, at) {
  const state = element("p", { class: "state" });
  const node = element("div", { class: "turn" }, bubble("user", "You", text, at), state);
  const turn = { id, text, node, state, answered: false, since: Date.now() };
  turns.set(id, turn);
  empty.hidden = true;
  log.append(node);
  scrollToEnd();
  return turn;
}

function bubble(from, who, text, at) {
  return element("div", { class: `bubble ${from}` },
    element("span", { class: "who" }, `${who}, `, element("time", { datetime: at.toISOString() }, timeOf(at))),
    written("p", { class: "said" }, text));
}

async function send(turn) {
  turn.state.replaceChildren("Sending…");
  turn.state.classList.remove("error");
  turn.since = Date.now();
  const mine = conversation;
  try {
    const accepted = await call("POST", "bot/messages", { body: { conversation: mine, text: turn.text } });
    if (mine !== conversation) {
      return;
    }

    turns.delete(turn.id);
    if (turns.has(accepted.id)) {
      // The bot was faster than this answer, and the turn is there with its reply.
      turn.node.remove();
      return;
    }

    turn.id = accepted.id;
    turns.set(turn.id, turn);
    turn.state.replaceChildren(typing());
    watch();
  } catch (problem) {
    fail(turn, problem);
  }
}

function fail(turn, problem) {
  const again = element("button", { type: "button", class: "quiet" }, "Try again");
  again.addEventListener("click", () => {
    byId("ask-name").focus();
    send(turn);
  });
  turn.state.classList.add("error");
  turn.state.replaceChildren(`Not sent. ${problem.message} `, again);
  scrollToEnd();
}

function typing() {
  const dots = element("span", { class: "typing", "aria-hidden": "true" });
  dots.append(element("i"), element("i"), element("i"));
  return dots;
}

function waiting() {
  return [...turns.values()].filter(turn => !turn.answered && !turn.id.startsWith("unsent"));
}

async function watch() {
  if (watching) {
    return;
  }

  watching = true;
  for (let look = 0; waiting().length > 0; look++) {
    // One that is late may be very late: the app can be without its bot for a while.
    const late = waiting().every(turn => Date.now() - turn.since > lateAfter);
    await new Promise(resolve => setTimeout(resolve, late ? 5000 : pauses[Math.min(look, pauses.length - 1)]));
    await refreshBot();
    waiting().filter(turn => Date.now() - turn.since > lateAfter).forEach(turn => setText(
      turn.state, "No reply yet. Your message is kept, and the reply will appear here; there is no need to send it again."));
  }

  watching = false;
}

function show(messages) {
  const known = new Set(messages.map(message => message.id));
  for (const message of messages.filter(message => message.from === "user" && !turns.has(message.id))) {
    addTurn(message.id, message.text, new Date(message.at));
  }

  for (const message of messages.filter(message => message.from === "bot")) {
    const turn = turns.get(message.inReplyTo);
    if (turn && !turn.answered) {
      turn.answered = true;
      turn.state.remove();
      turn.node.append(bubble("bot", "Bot", message.text, new Date(message.at)));
      scrollToEnd();
    }
  }

  // An exchange vanishes with the comment that it quotes.
  for (const turn of [...turns.values()].filter(turn => turn.answered && !known.has(turn.id))) {
    turn.node.remove();
    turns.delete(turn.id);
  }

  empty.hidden = turns.size > 0;
}

function scrollToEnd() {
  log.scrollTop = log.scrollHeight;
}
