/** The feed page: new tweets appear by themselves, and those missed meanwhile too. */

import { watchTweets } from "./line.js";
import { sayTimes } from "./times.js";

const HUES = 8;
const TELL_LEFT_BELOW = 500;

const list = document.getElementById("tweets");
const empty = document.getElementById("empty");
const template = document.getElementById("new-tweet");
const line = document.getElementById("line");
const box = document.querySelector(".compose textarea");
const left = document.getElementById("left");

/** @param {{id: number, content: string, created_at: string, author: {id: number, name: string}}} tweet */
function itemOf(tweet) {
  const item = template.content.firstElementChild.cloneNode(true);
  item.dataset.id = tweet.id;
  const avatar = item.querySelector(".avatar");
  avatar.dataset.hue = tweet.author.id % HUES;
  avatar.textContent = initials(tweet.author.name);
  item.querySelector(".author").textContent = tweet.author.name;
  item.querySelector(".text").textContent = tweet.content;
  item.querySelector("time").dateTime = tweet.created_at;
  return item;
}

function initials(name) {
  return name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
}

/** Put an item on top, once. */
function show(item) {
  if (list.querySelector(`[data-id="${item.dataset.id}"]`)) return;
  item.classList.add("fresh");
  list.prepend(item);
  sayTimes(item);
  empty.hidden = true;
}

/** Fetch this page again for what was posted while nobody listened. */
async function catchUp() {
  const response = await fetch(location.pathname);
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const items = [...page.querySelectorAll("#tweets > li")];
  items.reverse().filter(isNewer).forEach(show);
}

function isNewer(item) {
  return Number(item.dataset.id) > Number(list.firstElementChild?.dataset.id ?? 0);
}

function sayState(state) {
  line.hidden = false;
  line.dataset.state = state;
  line.textContent = line.dataset[state];
}

watchTweets({
  live() {
    sayState("live");
    catchUp().catch(() => {});
  },
  lost: () => sayState("lost"),
  event(name, payload) {
    if (name === "tweet.posted") show(itemOf(payload));
  },
});

sayTimes(document);
setInterval(() => sayTimes(list), 30_000);

box?.addEventListener("input", () => {
  const characters = box.maxLength - box.value.length;
  left.textContent = characters < TELL_LEFT_BELOW ? characters : "";
});
box?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.form.requestSubmit();
});
