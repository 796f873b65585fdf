// The app's HTTP functions. What they refuse becomes a Problem with the problem document's own words.

const root = new URL("../", import.meta.url);
let key = "";
let skew = 0;

/** A request that was refused (status), or not answered (status 0). The message is for people. */
export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  get needsKey() {
    return this.status === 401 || this.status === 403;
  }
}

/** The key that goes with each request from now on; it is kept here and nowhere else. */
export function useKey(value) {
  key = value.trim();
}

/** The app's time in milliseconds, for this device's clock may be off. */
export function now() {
  return Date.now() + skew;
}

/** Calls a function; resolves to the JSON of its answer. */
export async function call(method, path, { query = {}, body, patience = 20_000 } = {}) {
  const url = new URL(path, root);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") {
      url.searchParams.set(name, value);
    }
  }

  const headers = { Accept: "application/json" };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }

  // A header takes no other characters, and no key has them.
  if (/^[\x21-\x7e]+$/.test(key)) {
    headers["x-functions-key"] = key;
  }

  const [answer, data] = await fetchJson(url, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: "no-store",
    signal: AbortSignal.timeout(patience),
  });
  if (!answer.ok) {
    throw new Problem(answer.status, wordsFor(answer, data));
  }

  return data;
}

async function fetchJson(url, request) {
  try {
    const answer = await fetch(url, request);
    learnTime(answer);
    const text = await answer.text();
    return [answer, parse(text)];
  } catch (error) {
    throw new Problem(0, error.name === "TimeoutError"
      ? "The app did not answer in time. Try again in a moment."
      : "The app cannot be reached. Check the connection, and try again.");
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function wordsFor(answer, data) {
  if (answer.status === 401 || answer.status === 403) {
    return key
      ? "The app does not accept this key. Check it under “Key”, at the top of the page."
      : "This needs the app’s function key. Enter it under “Key”, at the top of the page.";
  }

  return data?.detail ?? `The app answered ${answer.status}. Try again in a moment.`;
}

// The header has whole seconds; a clock that is off by less is right enough.
function learnTime(answer) {
  const date = Date.parse(answer.headers.get("Date") ?? "");
  const difference = date + 500 - Date.now();
  skew = Math.abs(difference) > 2000 ? difference : 0;
}
