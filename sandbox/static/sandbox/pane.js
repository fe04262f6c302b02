/** The pane beside the chat: its tabs, and when it is there at all. */
import { byId } from "./dom.js";
import { moveThrough } from "./popup.js";

const KEPT = "sandbox.pane";
const WIDE = matchMedia("(min-width: 1180px)");
const TABS = ["trace", "faults", "thread"];
const tab = (name) => byId(`tab-${name}`);

export const paneIsOpen = () => !byId("pane").hidden;

export function startPane() {
  for (const name of TABS) tab(name).addEventListener("click", () => showTab(name));
  document.querySelector("#pane [role=tablist]").addEventListener("keydown", (event) => {
    const visible = TABS.map(tab).filter((each) => !each.hidden);
    moveThrough(visible, event);
    if (visible.includes(document.activeElement) && document.activeElement !== event.target) document.activeElement.click();
  });
  byId("pane-toggle").addEventListener("click", () => (paneIsOpen() ? closePane() : openPane()));
  byId("pane-close").addEventListener("click", closePane);
  byId("pane").addEventListener("keydown", (event) => event.key === "Escape" && closePane());
  if (WIDE.matches && localStorage.getItem(KEPT) !== "closed") openPane();
}

function openPane() {
  setOpen(true);
  if (WIDE.matches) localStorage.setItem(KEPT, "open");
}

function closePane() {
  const hadFocus = byId("pane").contains(document.activeElement);
  setOpen(false);
  if (WIDE.matches) localStorage.setItem(KEPT, "closed");
  if (hadFocus) byId("pane-toggle").focus();
}

function setOpen(is) {
  byId("pane").hidden = !is;
  byId("pane-toggle").setAttribute("aria-expanded", String(is));
}

export function showTab(name) {
  setOpen(true);
  for (const each of TABS) {
    tab(each).setAttribute("aria-selected", String(each === name));
    tab(each).tabIndex = each === name ? 0 : -1;
    byId(`panel-${each}`).hidden = each !== name;
  }
}
