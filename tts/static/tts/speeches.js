/** The page of speeches: what is being spoken grows by itself, and plays when it is there. */

import { connect } from "../realtime/client.js";
import { formatTimes } from "../site/times.js";
import { enhance } from "./player.js";

const SHOW_REMAINING_BELOW = 500;
const begun = new Set();

const list = document.getElementById("speeches");
const line = document.getElementById("line");
const form = document.getElementById("say");
const box = form.querySelector("textarea");
const left = document.getElementById("left");

/** Take over from the page, as the server shows it now, whatever has changed. */
function takeOver(page) {
  for (const id of ["counts", "empty"]) document.getElementById(id).replaceWith(page.getElementById(id));
  const before = new Map([...list.children].map((item) => [item.dataset.id, item]));
  const items = [...page.getElementById("speeches").children].map((item) => same(before.get(item.dataset.id), item));
  list.replaceChildren(...items);
  formatTimes(list);
  list.querySelectorAll("audio").forEach((audio) => enhance(audio, list.dataset));
}

/** An item that has not changed stays as it is: it may be playing. */
function same(old, item) {
  return old && old.dataset.state === item.dataset.state ? old : item;
}

async function load(address, options) {
  const response = await fetch(address, options);
  return { ok: response.ok, page: new DOMParser().parseFromString(await response.text(), "text/html") };
}

/** Show the page as it is now. Without a network nothing changes: the next connection refreshes again. */
async function refresh() {
  try {
    const { ok, page } = await load(location.href);
    if (ok) takeOver(page);
  } catch {
    // Shown by the state of the connection.
  }
}

/** Send a form, and show the page that comes of it. */
async function send(sent, button) {
  button.disabled = true;
  try {
    const { ok, page } = await load(sent.action, { method: "POST", body: new FormData(sent) });
    showFaults(page);
    if (ok && sent === form) {
      box.value = "";
      countLeft();
    }
    if (ok) takeOver(page);
  } catch {
    sent.submit();
  } finally {
    button.disabled = false;
  }
}

function showFaults(page) {
  form.querySelectorAll(".fault").forEach((fault) => fault.remove());
  box.after(...page.querySelectorAll("#say .fault"));
}

/** Show how far a speech is; its first word of progress says that it has left the queue. */
function showProgress({ id, progress }) {
  const bar = list.querySelector(`[data-id="${id}"] progress`);
  if (bar) bar.value = progress;
  if (!begun.has(id)) void refresh();
  begun.add(id);
}

function sayState(state) {
  line.hidden = false;
  line.dataset.state = state;
  line.textContent = line.dataset[state];
}

function countLeft() {
  const characters = box.maxLength - box.value.length;
  left.textContent = characters < SHOW_REMAINING_BELOW ? String(characters) : "";
}

document.addEventListener("submit", (event) => {
  if (!event.target.closest("#say, #speeches")) return;
  event.preventDefault();
  const sent = /** @type {HTMLFormElement} */ (event.target);
  void send(sent, event.submitter ?? sent.querySelector("button"));
});
box.addEventListener("input", countLeft);
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

const live = connect({
  greet: () => live.join(list.dataset.room, { refetch: refresh }),
  state(state) {
    if (state !== "connecting") sayState(state === "live" ? "live" : "lost");
    if (state === "live") void refresh();
  },
});
live.on("speech.progress", showProgress);
live.on("speech.finished", refresh);
list.querySelectorAll("audio").forEach((audio) => enhance(audio, list.dataset));
