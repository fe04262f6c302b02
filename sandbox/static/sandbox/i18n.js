/** Texts, dates and sizes in the language of the page. */
import { byId } from "./dom.js";

const texts = JSON.parse(byId("texts").textContent);
export const language = document.documentElement.lang || "ru";

/**
 * @param {string} key a key of the dictionary in the template
 * @param {Record<string, string | number>} [values] for its {placeholders}
 */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

const clock = new Intl.DateTimeFormat(language, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const exact = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "medium" });
const thisYear = new Intl.DateTimeFormat(language, {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const otherYear = new Intl.DateTimeFormat(language, {
  day: "numeric",
  month: "long",
  year: "numeric",
});
const short = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });

export const timeOf = (iso) => clock.format(new Date(iso));
export const momentOf = (iso) => exact.format(new Date(iso));
export const dayKey = (iso) => new Date(iso).toDateString();

export function dayOf(iso) {
  const date = new Date(iso);
  const now = new Date();
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (date.toDateString() === now.toDateString()) return t("today");
  if (date.toDateString() === yesterday.toDateString()) return t("yesterday");
  return (date.getFullYear() === now.getFullYear() ? thisYear : otherYear).format(date);
}

export function shortTimeOf(iso) {
  const date = new Date(iso);
  return date.toDateString() === new Date().toDateString()
    ? clock.format(date)
    : short.format(date);
}

export function sizeOf(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  /** @type {Intl.NumberFormatOptions} */
  const format = {
    style: "unit",
    unit: units[step],
    unitDisplay: "short",
    maximumFractionDigits: 1,
  };
  return new Intl.NumberFormat(language, format).format(bytes / 1024 ** step);
}

export function lengthOf(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
