/** Keyboard shortcuts, active while no text field has the focus. */

const dialog = document.getElementById("keys");
const help = document.getElementById("show-keys");

const GO = { h: "/", n: "/notifications", b: "/bookmarks", s: "/settings" };
const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  Enter: () => current()?.querySelector(".when")?.click(),
  n: () => write(),
  "/": () => search(),
  ".": () => document.getElementById("fresh")?.click(),
  "?": () => dialog?.showModal(),
  ...Object.fromEntries(["l", "r", "t", "b"].map((key) => [key, () => act(key)])),
};

let goes = false;

export function listenToKeys() {
  document.addEventListener("keydown", onKey);
  if (!help) return;
  help.hidden = false;
  help.addEventListener("click", () => dialog.showModal());
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  // By key position on layouts without Latin letters.
  const key = /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key === "," ? "?" : event.key;
  if (goes) {
    goes = false;
    const place = key === "p" ? document.querySelector(".links a[href^='/people/']")?.href : GO[key];
    if (place) location.assign(place);
    return;
  }
  if (key === "g") return void (goes = true);
  if (key === "Enter" && event.target !== current()) return;
  if (!KEYS[key]) return;
  event.preventDefault();
  KEYS[key]();
}

function isTyping(element) {
  return element.matches("input, textarea, select, [contenteditable]") || Boolean(element.closest("dialog"));
}

function current() {
  return document.activeElement?.closest(".tweet");
}

function step(by) {
  const all = [...document.querySelectorAll(".tweet")];
  const place = all.indexOf(current());
  const next = all[Math.max(0, place + by)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function act(key) {
  current()?.querySelector(`[data-key="${key}"]`)?.click();
}

function search() {
  const box = [...document.querySelectorAll(".searching input")].find((it) => it.checkVisibility());
  if (box) box.focus();
  else location.assign("/search");
}

function write() {
  const box = document.querySelector(".compose textarea");
  if (box) box.focus();
  else location.assign("/#write");
}
