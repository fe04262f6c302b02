/** The sidebar: list of chats, search, new chat. */
import { openDirect } from "./actions.js";
import { byId, h, icon, reconcile, stamp } from "./dom.js";
import { shortTimeOf, t } from "./i18n.js";
import { gist } from "./messages/message.js";
import { avatar, becomePerson, openBeside } from "./people.js";
import { menu, moveThrough } from "./popup.js";
import { nameOfUser, on, store, unreadInAll } from "./store.js";

const title = document.title;
let wanted = "";

/** @param {(chatId: number) => void} goTo */
export function startChats(goTo, people) {
  const list = byId("chats");
  const draw = () => drawChats(list, goTo);
  on("chats", draw);
  on("open", draw);
  const search = byId("search");
  search.addEventListener("input", () => {
    wanted = search.value.trim().toLowerCase();
    draw();
  });
  list.addEventListener("keydown", (event) => moveThrough([...list.querySelectorAll("a")], event));
  byId("new-chat").addEventListener("click", (event) => chooseSomeone(event.currentTarget, goTo));
  drawMe(people);
}

function drawChats(list, goTo) {
  const matching = [...store.chats.values()].filter(matches).sort(byTime);
  reconcile(
    list,
    matching.map((chat) => ({
      key: String(chat.id),
      version: [
        stamp(chat),
        chat.id === store.openChatId,
        shortTimeOf(chat.last_message_at),
      ].join(),
      render: () => row(chat, goTo),
    })),
  );
  list.removeAttribute("aria-busy");
  byId("chats-note").textContent = matching.length ? "" : wanted ? t("nothingFound") : t("noChats");
  const unread = unreadInAll();
  document.title = unread ? `(${unread}) ${title}` : title;
}

export const titleOf = (chat) => chat.title || chat.name;
const matches = (chat) =>
  titleOf(chat).toLowerCase().includes(wanted) ||
  (wanted && chat.last_message?.content.toLowerCase().includes(wanted));
const byTime = (one, other) => Date.parse(other.last_message_at) - Date.parse(one.last_message_at);

/** @returns the other member of a private chat, or the chat itself, to show its avatar */
export function faceOf(chat) {
  const other =
    chat.personal &&
    chat.member_ids
      .map((id) => store.users.get(id))
      .find((user) => user && user.id !== store.me.id);
  return other || { id: chat.id, name: titleOf(chat), bot: false };
}

function row(chat, goTo) {
  const open = chat.id === store.openChatId;
  const last = chat.last_message;
  const who =
    last &&
    (last.user_id === store.me.id
      ? t("you")
      : chat.personal
        ? ""
        : last.display_name || last.author?.name || nameOfUser(last.user_id));
  const go = (event) => {
    event.preventDefault();
    goTo(chat.id);
  };
  return h(
    "li",
    null,
    h(
      "a",
      {
        class: chat.unread ? "chat has-unread" : "chat",
        href: `#chat=${chat.id}`,
        "aria-current": open ? "page" : null,
        "data-part": "open",
        onclick: go,
      },
      avatar(faceOf(chat)),
      h(
        "span",
        { class: "chat-text" },
        h(
          "span",
          { class: "chat-top" },
          h("span", { class: "chat-title" }, titleOf(chat)),
          last && h("time", { datetime: chat.last_message_at }, shortTimeOf(chat.last_message_at)),
        ),
        h(
          "span",
          { class: "chat-bottom" },
          h(
            "span",
            { class: "chat-last" },
            who && h("span", { class: "chat-who" }, `${who}: `),
            last ? gist(last) : t("noMessages"),
          ),
          chat.unread > 0 && badge(chat.unread),
        ),
      ),
    ),
  );
}

function badge(count) {
  return h(
    "span",
    { class: "badge" },
    h("span", { "aria-hidden": "true" }, String(count)),
    h("span", { class: "hidden" }, t("unread", { count })),
  );
}

function chooseSomeone(anchor, goTo) {
  const others = [...store.users.values()]
    .filter((user) => user.id !== store.me.id)
    .sort(
      (one, other) => Number(other.bot) - Number(one.bot) || one.name.localeCompare(other.name),
    );
  const write = async (user) => {
    try {
      goTo((await openDirect(user.id)).id);
    } catch (error) {
      byId("chats-note").textContent = error.message;
    }
  };
  menu(
    anchor,
    t("writeTo"),
    others.map((user) => ({
      label: user.name,
      detail: user.bot ? t("bot") : user.nickname && `@${user.nickname}`,
      picture: avatar(user, "small"),
      run: () => write(user),
    })),
  );
}

function drawMe(people) {
  const button = byId("who");
  byId("who-name").textContent = store.me.name;
  button.querySelector(".avatar").replaceWith(avatar(store.me));
  button.addEventListener("click", () =>
    menu(button, t("whoAmI"), [
      ...people.map((person) => ({
        label: person.name,
        picture: avatar(person, "small"),
        checked: person.id === store.me.id,
        run: () => becomePerson(person),
      })),
      ...people
        .filter((person) => person.id !== store.me.id)
        .slice(0, 1)
        .map((person) => ({
          label: t("besideAs", { name: person.name }),
          picture: icon("external", "small"),
          run: () => openBeside(person),
        })),
    ]),
  );
}
