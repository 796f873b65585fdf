// Small helpers. Text always goes in as text: nothing here, or anywhere in the page, makes markup of it.

/** The element with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** A new element with these attributes and children; a string child becomes text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    made.setAttribute(attribute, value);
  }

  made.append(...children);
  return made;
}

/** Sets a text, and leaves it alone where it is the same: screen readers and layout have less to do. */
export function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** Says how something went, in a live region. */
export function say(note, text, isError = false) {
  note.classList.toggle("error", isError);
  setText(note, text);
}

/** Lets the button wait while something is done, and says what went wrong; true where nothing did. */
export async function during(button, note, work) {
  if (button.getAttribute("aria-disabled") === "true") {
    return false;
  }

  // Not disabled: that would take the focus away from whoever pressed it.
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
    return true;
  } catch (problem) {
    tell(note, problem);
    return false;
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/** Says what went wrong; where a key would help, the way to it opens. */
export function tell(note, problem) {
  say(note, problem.message, true);
  if (problem.right) {
    byId("key-box").open = true;
    byId(`key-${problem.right}`).focus();
  }
}

/** A time of day, or a date with it where it is not today. */
export function timeOf(when) {
  const today = new Date().toDateString() === when.toDateString();
  return when.toLocaleString(undefined, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}

/** "1 comment", "2 comments". */
export function comments(count) {
  return `${count.toLocaleString()} ${count === 1 ? "comment" : "comments"}`;
}
