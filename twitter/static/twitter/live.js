/** The live line of a page: what others do is seen here at once, and what was missed is caught up. */

import { connect } from "../realtime/client.js";
import { sayTimes } from "./times.js";

const MOST_AT_ONCE = 50;
const OWN_COMES_WITHIN = 1_000;

const list = document.getElementById("tweets");
const button = document.getElementById("fresh");
const line = document.getElementById("line");
const unread = document.getElementById("unread");
const { me } = document.body.dataset;
const title = document.title;

/** Which new tweets belong on this page. */
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
    // What happened between the drawing of the page and now.
    if (room === "tweets" && isFirst) catchUp();
    if (room === "tweets") isFirst = false;
  });
  live.on("tweet.posted", (tweet) => hear(tweet));
  live.on("tweet.restored", (tweet) => hear(tweet));
  live.on("tweet.edited", ({ id }) => refresh(id));
  live.on("tweet.deleted", ({ id }) => takeAway(id));
  for (const name of ["liked", "unliked", "reposted", "unreposted"]) live.on(`tweet.${name}`, count);
  live.on("notification.made", () => sayUnread(Number(unread?.textContent || 0) + 1));
  live.on("notifications.read", () => sayUnread(0));
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
  if (list.dataset.takes === "thread") showWaiting();
  // My own comes as the answer to my form.
  else setTimeout(sayWaiting, String(tweet.author.id) === me ? OWN_COMES_WITHIN : 0);
}

function sayWaiting() {
  if (!button) return;
  for (const id of waiting) if (shown(id).length) waiting.delete(id);
  document.title = waiting.size ? `(${waiting.size}) ${title}` : title;
  button.hidden = !waiting.size;
  button.textContent = button.dataset.one.replace("{count}", waiting.size);
}

/** Fetch the waiting tweets in one go, and put them where they belong. */
async function showWaiting() {
  const ids = [...waiting].slice(-MOST_AT_ONCE);
  const items = await tweetsOf(ids);
  waiting.clear();
  const isThread = list.dataset.takes === "thread";
  for (const item of items.reverse()) {
    if (shown(item.dataset.id).length) continue;
    item.classList.add("new");
    list[isThread ? "append" : "prepend"](item);
    htmx.process(item);
  }
  sayTimes(list);
  sayWaiting();
}

function goToFirst() {
  scrollTo({ top: 0 });
  list.firstElementChild?.focus({ preventScroll: true });
}

/** @returns {Promise<HTMLElement[]>} newest first; what I may not see is left out */
async function tweetsOf(ids) {
  const inThread = list.dataset.takes === "thread" ? "&in_thread=1" : "";
  const response = await fetch(`/tweets/some?ids=${ids.join(",")}${inThread}`);
  if (!response.ok) return [];
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return [...page.querySelectorAll(".tweet")];
}

async function refresh(id) {
  const olds = [...shown(id)].filter((item) => item.dataset.id === String(id));
  if (!olds.length) return;
  const [item] = await tweetsOf([id]);
  if (item) replace(olds[0], item);
}

function replace(old, item) {
  const isFocused = old.contains(document.activeElement);
  old.replaceWith(item);
  htmx.process(item);
  sayTimes(item);
  if (isFocused) item.focus({ preventScroll: true });
}

function takeAway(id) {
  waiting.delete(String(id));
  for (const item of shown(id)) {
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
  if (!unread) return;
  unread.textContent = number;
  unread.hidden = !number;
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

/** Compare with this page as it is now: what is gone goes, what has changed changes, what is new waits. */
async function catchUp() {
  if (!list || new URLSearchParams(location.search).has("after")) return;
  const response = await fetch(location.href);
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
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
