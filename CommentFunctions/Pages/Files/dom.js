// Small helpers. Text always goes in as text: nothing here, or anywhere in the pages, makes markup of it.

/** The element with this id; null where this page has none. */
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

/** What somebody wrote, in the direction of its own script. */
export function written(name, attributes, text) {
  return element(name, { ...attributes, dir: "auto" }, text);
}

/** A button that does this when it is pressed. */
export function button(attributes, text, work) {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", () => work(made));
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
  delete note.dataset.passing;
  setText(note, text);
}

/** Lets a panel look again: what went wrong is said until a later look succeeds. */
export async function refresh(note, work) {
  try {
    await work();
    if (note.dataset.passing) {
      say(note, "");
    }
  } catch (problem) {
    sayProblem(note, problem, true);
  }
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

// That the app cannot be reached holds until it can, whoever found it out.
function sayProblem(note, problem, isPassing) {
  say(note, problem.message, true);
  if (isPassing || problem.status === 0) {
    note.dataset.passing = "true";
  }
}

/** Says what went wrong; where a key would help, the way to it opens. */
function tell(note, problem) {
  sayProblem(note, problem, false);
  const field = problem.right && byId(`key-${problem.right}`);
  if (field) {
    byId("key-box").open = true;
    field.focus();
  }
}
