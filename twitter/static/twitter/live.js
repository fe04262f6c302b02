/** Real-time updates of a page, and catching up after a lost connection. */

import { connect } from "../realtime/client.js";
import { formatTimes } from "../site/times.js";

const MOST_AT_ONCE = 50;
const OWN_COMES_WITHIN = 1_000;

const list = document.getElementById("tweets");
const button = document.getElementById("fresh");
const line = document.getElementById("line");
const unread = document.getElementById("unread");
const { me } = document.body.dataset;
const title = document.title;

/** Conditions for new tweets to belong on this page. */
const TAKES = {
  all: (tweet) => !tweet.reply_to,
  authors: (tweet) => !tweet.reply_to && authors().has(String(tweet.author.id)),
  thread: (tweet) => String(tweet.thread ?? tweet.reply_to) === list.dataset.root,
};

/** @type {Set<string>} the ids of tweets that are new and not shown yet */
const waiting = new Set();

export function goLive() {
  const rooms = { tweets: catchUp };
  if (me) rooms[`person.${me}`] = () => {};
  const live = connect({
    greet: () => Promise.all(Object.entries(rooms).map(([room, refetch]) => live.join(room, { refetch }))),
    state: (state) => sayState(state === "live" ? "live" : "lost"),
  });
  let isFirst = true;
  live.on("system.joined", ({ room }) => {
    // Changes since the page was rendered.
    if (room === "tweets" && isFirst) void catchUp();
    if (room === "tweets") isFirst = false;
  });
  live.on("tweet.posted", (tweet) => hear(tweet));
  live.on("tweet.restored", (tweet) => hear(tweet));
  live.on("tweet.edited", ({ id }) => refresh(id));
  live.on("tweet.deleted", ({ id }) => remove(id, shown(id)));
  live.on("person.left", ({ id, tweets }) => tweets === "hidden" && removeAllBy(id));
  for (const name of ["liked", "unliked", "reposted", "unreposted"]) live.on(`tweet.${name}`, count);
  live.on("notification.made", () => offerNew(sayUnread(Number(unread?.textContent || 0) + 1)));
  live.on("notifications.read", () => sayUnread(0));
  live.on("notifications.changed", (changed) => sayUnread(changed.unread));
  button?.addEventListener("click", () => (list ? showWaiting().then(goToFirst) : location.reload()));
  document.addEventListener("htmx:afterSettle", () => list && sayWaiting());
}

function authors() {
  return new Set(list.dataset.authors.split(" "));
}

function shown(id) {
  return document.querySelectorAll(`.tweet[data-tweet="${id}"], .tweet[data-id="${id}"]`);
}

function hear(tweet) {
  if (tweet.reply_to) countReply(tweet.reply_to);
  const takes = list && TAKES[list.dataset.takes];
  if (!takes?.(tweet) || shown(tweet.id).length) return;
  waiting.add(String(tweet.id));
  if (list.dataset.takes === "thread") void showWaiting();
  // My own tweets are inserted by the response to the form.
  else setTimeout(sayWaiting, String(tweet.author.id) === me ? OWN_COMES_WITHIN : 0);
}

function sayWaiting() {
  if (!button) return;
  for (const id of waiting) if (shown(id).length) waiting.delete(id);
  document.title = waiting.size ? `(${waiting.size}) ${title}` : title;
  button.hidden = !waiting.size;
  button.textContent = button.dataset.one.replace("{count}", waiting.size);
}

/** Fetch the waiting tweets in one request and insert them; if that fails, they stay in the queue. */
async function showWaiting() {
  const ids = [...waiting].slice(-MOST_AT_ONCE);
  const items = await tweetsOf(ids);
  if (!items) return;
  waiting.clear();
  const isThread = list.dataset.takes === "thread";
  for (const item of items.reverse()) {
    if (shown(item.dataset.id).length) continue;
    item.classList.add("new");
    list[isThread ? "append" : "prepend"](item);
    htmx.process(item);
  }
  formatTimes(list);
  sayWaiting();
}

function goToFirst() {
  scrollTo({ top: 0 });
  list.firstElementChild?.focus({ preventScroll: true });
}

/** @returns {Promise<HTMLElement[] | null>} newest first, without those not visible to me; null on failure */
async function tweetsOf(ids) {
  const inThread = list?.dataset.takes === "thread" ? "&in_thread=1" : "";
  const page = await fetchPage(`/tweets/some?ids=${ids.join(",")}${inThread}`);
  return page && [...page.querySelectorAll(".tweet")];
}

/** @returns {Promise<Document | null>} null without a network and for error responses */
async function fetchPage(address) {
  try {
    const response = await fetch(address);
    return response.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  } catch {
    return null;
  }
}

async function refresh(id) {
  const olds = [...shown(id)].filter((item) => item.dataset.id === String(id));
  if (!olds.length) return;
  const [item] = (await tweetsOf([id])) ?? [];
  if (item) replace(olds[0], item);
}

function replace(old, item) {
  const isFocused = old.contains(document.activeElement);
  old.replaceWith(item);
  htmx.process(item);
  formatTimes(item);
  if (isFocused) item.focus({ preventScroll: true });
}

/** Remove tweets and reposts of a person whose account was ended. */
function removeAllBy(id) {
  for (const item of document.querySelectorAll(`.tweet[data-author="${id}"], .tweet[data-by="${id}"]`)) {
    remove(item.dataset.id, [item]);
  }
}

function remove(id, items) {
  waiting.delete(String(id));
  for (const item of items) {
    if (item.matches(":focus-within")) (item.nextElementSibling ?? item.previousElementSibling)?.focus();
    item.remove();
  }
  sayWaiting();
}

function count(event) {
  for (const item of shown(event.id)) {
    setCount(item, "likes", event.likes_count);
    setCount(item, "reposts", event.reposts_count);
  }
}

function countReply(id) {
  for (const item of shown(id)) {
    const known = item.querySelector("[data-count=replies]");
    if (known) setCount(item, "replies", Number(known.textContent || 0) + 1);
  }
}

function setCount(item, name, value) {
  const place = item.querySelector(`[data-count=${name}]`);
  if (place && value !== undefined) place.textContent = value || "";
}

function sayUnread(number) {
  if (unread) {
    unread.textContent = number;
    unread.hidden = !number;
  }
  return number;
}

/** Offer to show new notifications on their page. */
function offerNew(number) {
  if (!document.getElementById("notifications") || !number) return;
  button.hidden = false;
  button.textContent = button.dataset.one.replace("{count}", number);
}

function sayState(state) {
  if (!line) return;
  line.hidden = false;
  line.dataset.state = state;
  line.textContent = line.dataset[state];
}

/** Compare with the current page on the server: remove, update, and queue new tweets. */
async function catchUp() {
  if (!list || new URLSearchParams(location.search).has("after")) return;
  const page = await fetchPage(location.href);
  if (!page) return;
  const now = new Map([...page.querySelectorAll("#tweets > .tweet")].map((item) => [item.dataset.id, item]));
  const oldest = Math.min(...[...now.keys()].map(Number));
  for (const item of list.querySelectorAll(".tweet")) {
    const fresh = now.get(item.dataset.id);
    now.delete(item.dataset.id);
    if (fresh) bringUpToDate(item, fresh);
    else if (Number(item.dataset.id) >= oldest && list.dataset.takes === "all") item.remove();
  }
  if (!TAKES[list.dataset.takes]) return;
  for (const item of now.values()) waiting.add(item.dataset.id);
  sayWaiting();
}

function bringUpToDate(item, fresh) {
  for (const place of fresh.querySelectorAll(".count")) setCount(item, place.dataset.count, place.textContent);
  const text = (of) => of.querySelector(".text")?.textContent;
  if (text(item) !== text(fresh)) replace(item, fresh);
}
