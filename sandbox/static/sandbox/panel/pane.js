/** The side panel: its tabs and visibility. */
import { byId } from "../dom.js";
import { moveThrough } from "../popup.js";

const WIDE = matchMedia("(min-width: 1180px)");
const SHEET = matchMedia("(max-width: 759px)");
const TABS = ["trace", "faults", "thread"];
const { dataset } = document.documentElement;
const tab = (name) => byId(`tab-${name}`);
const toggle = byId("pane-toggle");
const pane = byId("pane");

const isOpen = () => dataset.pane === "open";

export function startPane() {
  for (const name of TABS) tab(name).addEventListener("click", () => showTab(name));
  pane.querySelector("[role=tablist]").addEventListener("keydown", moveThroughTabs);
  pane.addEventListener("keydown", (event) => event.key === "Escape" && close());
  byId("pane-close").addEventListener("click", close);
  toggle.addEventListener("click", () => (isOpen() ? close() : setOpen(true)));
  document.addEventListener("pointerdown", closeSheet);
  toggle.setAttribute("aria-expanded", String(isOpen()));
}

function moveThroughTabs(event) {
  const shown = TABS.map(tab).filter((each) => !each.hidden);
  moveThrough(shown, event);
  const chosen = /** @type {HTMLElement} */ (document.activeElement);
  if (chosen !== event.target) chosen.click();
}

function closeSheet(event) {
  const outside = !event.target.closest("#pane, #pane-toggle, [popover], dialog");
  if (SHEET.matches && isOpen() && outside) setOpen(false);
}

function close() {
  const hadFocus = pane.contains(document.activeElement);
  setOpen(false);
  if (hadFocus) toggle.focus();
}

function setOpen(is) {
  dataset.pane = is ? "open" : "closed";
  toggle.setAttribute("aria-expanded", String(is));
  if (WIDE.matches) localStorage.setItem("sandbox.pane", dataset.pane);
}

export function showTab(name) {
  setOpen(true);
  for (const each of TABS) {
    tab(each).setAttribute("aria-selected", String(each === name));
    tab(each).tabIndex = each === name ? 0 : -1;
    byId(`panel-${each}`).hidden = each !== name;
  }
}
