/** Entry point of the microblog's scripts. The pages also work without them. */

import { formatTimes } from "../site/times.js";
import { helpCompose } from "./compose.js";
import { unfoldTexts } from "./fold.js";
import { listenToKeys } from "./keys.js";
import { listenToTweets } from "./listen.js";
import { goLive } from "./live.js";
import { showPictures } from "./viewer.js";

const TOLD_FOR = 6_000;

const toast = document.getElementById("toast");
let timer = 0;

function tellFailure() {
  toast.textContent = document.body.dataset.lost;
  toast.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => (toast.hidden = true), TOLD_FOR);
}

document.addEventListener("htmx:responseError", tellFailure);
document.addEventListener("htmx:sendError", tellFailure);
document.addEventListener("htmx:load", (event) => formatTimes(event.target));

// Close menus on a click elsewhere and on Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.querySelectorAll("form.compose").forEach(helpCompose);
listenToKeys();
listenToTweets();
showPictures();
goLive();
unfoldTexts();
