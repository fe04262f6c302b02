/** The box to write in: pictures, how much room is left, names that complete themselves. */

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
    const characters = box.maxLength - box.value.length;
    left.textContent = characters < TELL_LEFT_BELOW ? characters : "";
  };
  form.classList.add("enhanced");
  // Pictures alone make a tweet too; the server says what is missing.
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
    // Without a network the status is 0, and what is written must stay.
    if (event.target !== form || event.detail.xhr.status !== 200) return;
    form.reset();
    pictures.clear();
    fault.textContent = "";
    sayLeft();
  });
}
