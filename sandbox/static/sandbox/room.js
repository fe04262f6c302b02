/** The open chat: header, messages and composer. */
import { Composer } from "./messages/composer.js";
import { byId, h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { faceOf, titleOf } from "./chats.js";
import { authorOf, gist, isMine } from "./messages/message.js";
import { MessageList } from "./messages/messages.js";
import { showTab } from "./panel/pane.js";
import { avatar } from "./people.js";
import { on, store, timelineOf } from "./store.js";

/** @returns {{focus: () => void, show: (id: number) => void}} */
export function startRoom() {
  const composer = new Composer(byId("composer"), { id: "composer-text", label: t("message") });
  const parts = {
    scroller: byId("scroller"),
    list: byId("messages"),
    older: byId("older"),
    empty: byId("empty"),
    jump: byId("jump"),
    jumpCount: byId("jump-count"),
  };
  const room = {
    reply: (message) => composer.reply(message),
    edit: (message) => composer.edit(message),
    show: (id) => list.show(id),
  };
  const list = new MessageList(parts, { room, emptyState: () => emptyState(composer) });

  on("open", (chatId) => {
    const chat = store.chats.get(chatId);
    drawHead(chat);
    list.open(chatId);
    composer.open(chatId, { entity_type: "discussion", entity_id: chatId });
  });
  on("chats", () => store.openChatId && drawHead(store.chats.get(store.openChatId)));
  on("timeline", (chatId) => chatId === store.openChatId && drawPinned(chatId, list));
  on("arrived", announce);
  return { focus: () => composer.focus(), show: (id) => list.show(id) };
}

function drawHead(chat) {
  if (!chat) return;
  byId("room-title").textContent = titleOf(chat);
  byId("room-avatar").replaceChildren(avatar(faceOf(chat)));
  byId("room-about").textContent = aboutOf(chat);
}

function aboutOf(chat) {
  const face = faceOf(chat);
  if (chat.personal) return face.bot ? t("bot") : face.nickname ? `@${face.nickname}` : "";
  const kind = chat.channel ? t("channel") : t("members", { count: chat.member_ids.length });
  const names = chat.member_ids.map((id) => store.users.get(id)?.name).filter(Boolean);
  return `${kind} · ${names.join(", ")}`;
}

function drawPinned(chatId, list) {
  const pinned = timelineOf(chatId).messages.findLast((message) => message.pinned);
  byId("pinned").hidden = !pinned;
  if (!pinned) return;
  byId("pinned-text").textContent = `${authorOf(pinned).name}: ${gist(pinned)}`;
  byId("pinned").onclick = () => list.show(pinned.id);
}

function emptyState(composer) {
  const face = faceOf(store.chats.get(store.openChatId));
  if (!face.bot)
    return h(
      "div",
      { class: "welcome" },
      avatar(face, "large"),
      h("h2", null, face.name),
      h("p", null, t("emptyChat")),
    );
  const suggest = h(
    "button",
    { type: "button", class: "button primary", onclick: () => composer.suggest("/start") },
    t("writeStart"),
  );
  return h(
    "div",
    { class: "welcome" },
    avatar(face, "large"),
    h("h2", null, t("meetBot", { name: face.name })),
    h("p", null, t("meetBotHow")),
    suggest,
    h(
      "button",
      { type: "button", class: "quiet with-icon", onclick: () => showTab("trace") },
      icon("trace", "small"),
      t("meetTrace"),
    ),
  );
}

/** Announces messages of others to screen readers. */
function announce(message) {
  if (message.chat_id !== store.openChatId || isMine(message)) return;
  byId("announcer").textContent = `${authorOf(message).name}: ${gist(message)}`;
}
