/** The composer: pictures, remaining length, completion of mentions. */

import { completeNames } from "./names.js";
import { Pictures } from "./pictures.js";

const TELL_LEFT_BELOW = 500;

/** @param {HTMLFormElement} form */
export function helpCompose(form) {
  const box = form.querySelector("textarea");
  const left = form.querySelector(".left");
  const fault = form.querySelector(".compose-fault");
  const pictures = new Pictures(form);
  const sayLeft = () => {
    const characters = Number(box.dataset.most) - lengthOf(box.value);
    left.textContent = characters < TELL_LEFT_BELOW ? String(characters) : "";
    box.setCustomValidity(characters < 0 ? box.dataset.over.replace("{count}", -characters) : "");
  };
  form.classList.add("enhanced");
  // A tweet may consist of pictures alone; the server validates it.
  box.required = false;
  box.addEventListener("input", sayLeft);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  completeNames(box, form);
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === form && pictures.areComing) event.preventDefault();
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    // Without a network the status is 0: keep the text.
    if (event.target !== form || event.detail.xhr.status !== 200) return;
    form.reset();
    pictures.clear();
    fault.textContent = "";
    sayLeft();
  });
}

/** The length of a text as the server counts it: in code points, not UTF-16 units. */
function lengthOf(text) {
  return [...text.normalize("NFC").trim()].length;
}
