/** The chat page: connects its parts and handles navigation. */
import { catchUp, handlers, loadState, openChat, openDirect } from "./actions.js";
import { speakAs } from "./api.js";
import { startChats } from "./chats.js";
import { byId, h } from "./dom.js";
import { startFaults } from "./panel/faults.js";
import { listenToForms } from "./forms/forms.js";
import { t } from "./i18n.js";
import { listen } from "./live.js";
import { startPane, showTab } from "./panel/pane.js";
import { chosenPerson } from "./people.js";
import { startRoom } from "./room.js";
import { store } from "./store.js";
import { startThreads } from "./panel/thread.js";
import { startTrace } from "./panel/trace.js";

const accounts = JSON.parse(byId("accounts").textContent);
const finePointer = matchMedia("(pointer: fine)");
const narrow = matchMedia("(max-width: 759px)");
let room = null;

void start();

async function start() {
  startTheme();
  if (!accounts.people.length) return showTrouble(t("noAccounts"), null);
  store.me = chosenPerson(accounts.people);
  store.bots = accounts.bots;
  speakAs(store.me.token);
  startChats(goTo, accounts.people);
  room = startRoom();
  startPane();
  startTrace();
  startThreads(showTab);
  startFaults();
  listenToForms();
  byId("back").addEventListener("click", backToList);
  addEventListener("hashchange", followAddress);
  keepPlaceOverLanguages();
  listen(store.me.token, {
    event: (name, payload) => handlers[name]?.(payload),
    state: showConnection,
  });
  return land();
}

async function land() {
  try {
    await loadState();
    await arrive();
  } catch (error) {
    showTrouble(error.message, land);
  }
}

function showTrouble(message, retry) {
  byId("chats").replaceChildren();
  byId("room-title").textContent = t("notLoaded");
  const again =
    retry && h("button", { type: "button", class: "button", onclick: retry }, t("retry"));
  byId("empty").hidden = false;
  byId("empty").replaceChildren(
    h("div", { class: "welcome" }, h("p", { class: "trouble", role: "alert" }, message), again),
  );
}

/** The location in the URL: `#chat=5`, a link to a message (`?chat=5&message=7`), or none. */
function placeNamed() {
  const named = new URLSearchParams(location.hash.slice(1) || location.search);
  return {
    chatId: Number(named.get("chat")),
    messageId: Number(named.get("message")),
    list: location.hash === "#chats",
  };
}

/** Show what the address names, or why that failed. */
function followAddress() {
  arrive().catch((error) => showTrouble(error.message, land));
}

let arrivals = 0;

async function arrive() {
  const mine = ++arrivals;
  const { chatId, messageId, list } = placeNamed();
  if (list) return void showView("list");
  const known = store.chats.has(chatId) ? chatId : await firstChat();
  // The person may have navigated elsewhere while the first chat was looked up.
  if (mine !== arrivals) return;
  if (!known) return void showView("list");
  if (known !== chatId) history.replaceState(null, "", `#chat=${known}`);
  showView("chat");
  const opening = known === store.openChatId ? null : openChat(known);
  focusComposer();
  await opening;
  if (messageId) room.show(messageId);
}

/** The default is the chat with the first bot. */
async function firstChat() {
  const [bot] = store.bots;
  if (!bot) return store.chats.keys().next().value;
  return (await openDirect(bot.id)).id;
}

function goTo(chatId) {
  const hash = `#chat=${chatId}`;
  if (location.hash === hash) followAddress();
  else location.hash = hash;
}

function backToList() {
  location.hash = "#chats";
  showView("list");
}

function showView(view) {
  document.body.dataset.view = view;
  if (view === "list" && narrow.matches) document.querySelector("#chats a")?.focus();
}

/** Passes the fragment, which is not sent to the server, to the language form. */
function keepPlaceOverLanguages() {
  const form = document.querySelector(".languages");
  form.addEventListener("submit", () => {
    form.elements.next.value = location.pathname + location.search + location.hash;
  });
}

/** On phones the keyboard would cover half of the chat. */
function focusComposer() {
  if (finePointer.matches && !document.querySelector("dialog[open]")) room.focus();
}

let wasLost = false;

function showConnection(state) {
  const words = { connecting: t("connecting"), live: t("live"), lost: t("reconnecting") };
  const element = byId("connection");
  element.dataset.state = state;
  element.replaceChildren(
    h("span", { class: "hidden" }, words[state]),
    ...(state === "lost" ? [h("span", { "aria-hidden": "true" }, words[state])] : []),
  );
  element.title = words[state];
  if (state === "lost") wasLost = true;
  if (state === "live" && wasLost) catchUp().catch(() => {});
}

function startTheme() {
  byId("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    localStorage.setItem("sandbox.theme", root.dataset.theme);
  });
}
