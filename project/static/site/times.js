/**
 * Shows every <time datetime> in the time zone and language of the browser: relative while it is
 * recent ("5 minutes ago"), as a date afterwards. `data-exact` shows the date and time always.
 * Without JavaScript the server's text stays, in the server's time zone.
 */

const REFRESH_INTERVAL = 30_000;

const language = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const shortDate = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
const fullDate = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });

/** @param {Date} time */
function formatRelative(time) {
  const seconds = Math.min(0, (time.getTime() - Date.now()) / 1000);
  if (seconds > -60) return relative.format(0, "second");
  if (seconds > -3600) return relative.format(Math.ceil(seconds / 60), "minute");
  if (seconds > -86_400) return relative.format(Math.ceil(seconds / 3600), "hour");
  return shortDate.format(time);
}

/** @param {ParentNode} root */
export function formatTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]:not([datetime=''])")) {
    const time = new Date(element.dateTime);
    element.textContent = "exact" in element.dataset ? shortDate.format(time) : formatRelative(time);
    element.title = fullDate.format(time);
  }
}

formatTimes(document);
setInterval(() => formatTimes(document), REFRESH_INTERVAL);
