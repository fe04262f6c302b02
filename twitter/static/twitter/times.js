/** Times as people say them: "5 minutes ago" while it is fresh, the date later. */

const language = document.documentElement.lang;
const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const onDay = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
const whole = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });

/** @param {Date} time */
function said(time) {
  const seconds = Math.min(0, (time - Date.now()) / 1000);
  if (seconds > -60) return ago.format(0, "second");
  if (seconds > -3600) return ago.format(Math.ceil(seconds / 60), "minute");
  if (seconds > -86_400) return ago.format(Math.ceil(seconds / 3600), "hour");
  return onDay.format(time);
}

/** @param {ParentNode} within */
export function sayTimes(within) {
  for (const element of within.querySelectorAll("time[datetime]:not([datetime=''])")) {
    const time = new Date(element.dateTime);
    element.textContent = said(time);
    element.title = whole.format(time);
  }
}
