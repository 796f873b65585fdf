// The question before something that cannot be undone.

import { byId } from "./dom.js";

const dialog = byId("confirm");

/** Asks; resolves to whether it is to be done. The way out is named first, and Escape is one. */
export function confirmed({ title, text, keep, go }) {
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  byId("confirm-keep").textContent = keep;
  byId("confirm-go").textContent = go;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener("close", () => resolve(dialog.returnValue === "go"), { once: true }));
}

byId("confirm-keep").addEventListener("click", () => dialog.close());
byId("confirm-go").addEventListener("click", () => dialog.close("go"));
