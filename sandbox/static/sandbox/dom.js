/** Creating and updating elements. Text from others is only inserted as text nodes. */

const AS_PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "textContent", "htmlFor"]);

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any> | null} [props] attributes, properties, `onclick`-like listeners
 * @param {...any} children nodes, texts, numbers, and lists of these; null, undefined, false and "" add nothing
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(element, name, value);
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

function setProp(element, name, value) {
  if (value == null || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (AS_PROPERTIES.has(name)) element[name] = value;
  else element.setAttribute(name, value === true ? "" : value);
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** @param {string} name one of the symbols in icons.html */
export function icon(name, size = "") {
  const use = svg("use", { href: `#icon-${name}` });
  return svg("svg", { class: `icon ${size}`.trim(), "aria-hidden": "true" }, use);
}

export function iconButton(name, label, onclick, props = {}) {
  const { class: extra = "", ...rest } = props;
  const classes = `icon-button ${extra}`.trim();
  return h(
    "button",
    { type: "button", class: classes, "aria-label": label, title: label, onclick, ...rest },
    icon(name),
  );
}

export const byId = (id) => document.getElementById(id);

/**
 * Updates the children of `container` to match `items`, changing only what differs.
 * @param {Element} container
 * @param {{key: string, version: string, render: () => HTMLElement}[]} items
 */
export function reconcile(container, items) {
  const wanted = new Set(items.map((item) => item.key));
  const present = new Map();
  for (const child of /** @type {HTMLElement[]} */ ([...container.children])) {
    if (wanted.has(child.dataset.key)) present.set(child.dataset.key, child);
    else child.remove();
  }
  let place = container.firstElementChild;
  for (const item of items) {
    const old = present.get(item.key);
    if (old?.dataset.version === item.version) {
      if (old === place) place = place.nextElementSibling;
      else container.insertBefore(old, place);
      continue;
    }
    const fresh = item.render();
    fresh.dataset.key = item.key;
    fresh.dataset.version = item.version;
    if (old && old === place) place = place.nextElementSibling;
    container.insertBefore(fresh, place);
    if (old) succeed(old, fresh);
  }
}

/** Transfers focus, open details and the tab stop from the old element to the new one. */
function succeed(old, fresh) {
  const active = /** @type {HTMLElement} */ (document.activeElement);
  const focused = old.contains(active) ? active : null;
  for (const details of old.querySelectorAll("details[open][data-part]")) {
    fresh.querySelector(`details[data-part="${details.dataset.part}"]`)?.setAttribute("open", "");
  }
  if (old.tabIndex === 0) fresh.tabIndex = 0;
  old.remove();
  if (!focused) return;
  const part = focused.dataset.part;
  const heir = part && fresh.querySelector(`[data-part="${CSS.escape(part)}"]`);
  (heir || fresh).focus({ preventScroll: true });
}

let stamps = 0;
const stamped = new WeakMap();

/** A version for immutable objects: the same object has the same version. */
export function stamp(object) {
  if (!object) return 0;
  if (!stamped.has(object)) stamped.set(object, ++stamps);
  return stamped.get(object);
}
