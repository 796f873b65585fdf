// What the page remembers between visits. Where the browser keeps nothing, it remembers until it is closed.

const forgotten = new Map();

/** The value of this name; null where there is none. */
export function recall(name) {
  try {
    return localStorage.getItem(name) ?? forgotten.get(name) ?? null;
  } catch {
    return forgotten.get(name) ?? null;
  }
}

/** Remembers a value. */
export function remember(name, value) {
  forgotten.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // Remembered above.
  }
}
