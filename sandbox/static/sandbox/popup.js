/** Popups of buttons: menus and palettes. */
import { h, icon } from "./dom.js";

const MARGIN = 8;

/** Opens `content` near `anchor`; a click elsewhere or Esc closes it and restores the focus. */
export function popup(anchor, content, props = {}) {
  const element = h("div", { popover: "auto", class: "popup", ...props }, content);
  document.body.append(element);
  element.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    if (element.contains(document.activeElement) || document.activeElement === document.body)
      anchor.focus();
    anchor.removeAttribute("aria-expanded");
    element.remove();
  });
  element.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  placeAt(element, anchor);
  return element;
}

function placeAt(element, anchor) {
  const from = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const left = Math.min(Math.max(MARGIN, from.left), innerWidth - width - MARGIN);
  const below = from.bottom + 4;
  const fits = below + height + MARGIN < innerHeight;
  element.style.left = `${Math.max(MARGIN, left)}px`;
  element.style.top = `${fits ? below : Math.max(MARGIN, from.top - height - 4)}px`;
}

/**
 * @typedef {{icon?: string, picture?: Node, detail?: string}} Looks
 * @typedef {{label: string, danger?: boolean, checked?: boolean, run: () => void}} Entry
 * @param {HTMLElement} anchor
 * @param {string} label
 * @param {(Entry & Looks)[]} entries
 */
export function menu(anchor, label, entries) {
  const items = entries.map((entry) => menuItem(entry, () => element.hidePopover()));
  const element = popup(anchor, items, { role: "menu", "aria-label": label });
  element.addEventListener("keydown", (event) => moveThrough(items, event));
  items[0]?.focus();
}

function menuItem(entry, close) {
  const role = entry.checked === undefined ? "menuitem" : "menuitemradio";
  const run = () => {
    close();
    entry.run();
  };
  return h(
    "button",
    {
      type: "button",
      role,
      tabindex: -1,
      class: entry.danger ? "item danger" : "item",
      "aria-checked": entry.checked === undefined ? null : String(entry.checked),
      onclick: run,
    },
    entry.picture ?? (entry.icon && icon(entry.icon, "small")),
    h("span", { class: "item-text" }, entry.label, entry.detail && h("small", null, entry.detail)),
    entry.checked && icon("check", "small"),
  );
}

/** Arrow keys, Home and End move the focus within a row or column. */
export function moveThrough(items, event) {
  const at = items.indexOf(document.activeElement);
  const steps = {
    ArrowDown: at + 1,
    ArrowRight: at + 1,
    ArrowUp: at - 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: -1,
  };
  if (!(event.key in steps)) return;
  event.preventDefault();
  items.at(steps[event.key] % items.length)?.focus();
}

const SMILES = ["👍", "❤️", "😂", "🎉", "🔥", "👀", "✅", "🙏", "😮", "😢", "👎", "🚀"];

export function palette(anchor, label, pick) {
  const choose = (code) => {
    element.hidePopover();
    pick(code);
  };
  const smiles = SMILES.map((code) =>
    h(
      "button",
      { type: "button", class: "smile", "aria-label": code, onclick: () => choose(code) },
      code,
    ),
  );
  const element = popup(anchor, smiles, {
    class: "popup palette",
    role: "group",
    "aria-label": label,
  });
  element.addEventListener("keydown", (event) => moveThrough(smiles, event));
  smiles[0].focus();
}
