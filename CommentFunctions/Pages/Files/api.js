// The app's HTTP functions. What they refuse becomes a Problem with the problem document's own words.

const root = new URL("../", import.meta.url);
// What each right lets one do, for people; keys are kept here and nowhere else.
const rights = { post: "post comments", operate: "operate the app" };
const keys = {};
let skew = 0;
let reached = () => {};

/** A request that was refused (status), or not answered (status 0). The message is for people; right is whose key is missing or wrong. */
export class Problem extends Error {
  constructor(status, message, right) {
    super(message);
    this.status = status;
    this.right = right;
  }
}

/** The key of a right, "post" or "operate": it goes with each request that needs this right, and with no others. */
export function useKey(right, value) {
  keys[right] = value.trim();
}

/** Has this called with each request: with true where the app answered, whatever it said, else with false. */
export function onReach(listener) {
  reached = listener;
}

/** The app's time in milliseconds, for this device's clock may be off. */
export function now() {
  return Date.now() + skew;
}

/** Calls a function, with the key of the right that it takes; resolves to the JSON of an answer that is 2xx or has an expected status. */
export async function call(method, path, { right, query = {}, body, expected, timeout = 20_000 } = {}) {
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
  if (/^[\x21-\x7e]+$/.test(keys[right] ?? "")) {
    headers["x-functions-key"] = keys[right];
  }

  const [answer, data] = await fetchJson(url, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: "no-store",
    signal: AbortSignal.timeout(timeout),
  });
  if (!answer.ok && !(answer.status === expected && data)) {
    const lacksKey = right && (answer.status === 401 || answer.status === 403);
    throw lacksKey
      ? new Problem(answer.status, keyWords(right), right)
      : new Problem(answer.status, data?.detail ?? `The app answered ${answer.status}. Try again in a moment.`);
  }

  return data;
}

async function fetchJson(url, request) {
  try {
    const answer = await fetch(url, request);
    learnTime(answer);
    const text = await answer.text();
    reached(true);
    return [answer, parse(text)];
  } catch (error) {
    reached(false);
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

function keyWords(right) {
  return keys[right]
    ? `The app does not accept this key to ${rights[right]}. Check it under “Key”, at the top of the page.`
    : `This needs the key to ${rights[right]}. Enter it under “Key”, at the top of the page.`;
}

// The header has whole seconds; a clock that is off by less is right enough.
function learnTime(answer) {
  const date = Date.parse(answer.headers.get("Date") ?? "");
  const difference = date + 500 - Date.now();
  skew = Math.abs(difference) > 2000 ? difference : 0;
}
