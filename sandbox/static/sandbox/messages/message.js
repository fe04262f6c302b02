/** A message: author, time, content, actions. */
import {
  dropUnsent,
  press,
  remove,
  sendAgain,
  startThread,
  togglePin,
  toggleReaction,
} from "../actions.js";
import { h, icon, iconButton } from "../dom.js";
import { filesOf } from "./files.js";
import { momentOf, t, timeOf } from "../i18n.js";
import { plain, rendered } from "./markdown.js";
import { avatar } from "../people.js";
import { menu, palette } from "../popup.js";
import { emit, nameOfUser, store } from "../store.js";

export const authorOf = (message) => ({
  ...message.author,
  name: message.display_name || message.author?.name || nameOfUser(message.user_id),
  image_url: message.display_avatar_url || message.author?.image_url,
});

export const isMine = (message) => message.user_id === store.me.id;

/** A one-line summary of a message, for previews and announcements. */
export function gist(message) {
  if (message.content) return plain(message.content);
  if (message.voice_content) return t("voiceMessage");
  return message.files?.[0]?.name ?? "";
}

/**
 * @typedef {(message: any) => void} Act
 * @typedef {{reply: Act, edit: Act, show: (id: number) => void}} Room
 * @typedef {{compact: boolean, mark: any, inThread: boolean, parent: any, room: Room}} Setting
 * @param {any} message
 * @param {Setting} setting
 */
export function messageElement(message, setting) {
  const { compact, mark, inThread, parent, room } = setting;
  const author = authorOf(message);
  const kind = [
    "message",
    compact && "compact",
    message.sending,
    isMine(message) && "mine",
    message.pinned && "is-pinned",
  ];
  return h(
    "li",
    {
      class: kind.filter(Boolean).join(" "),
      tabindex: -1,
      "aria-label": `${author.name}, ${timeOf(message.created_at)}`,
      "data-id": message.id,
    },
    h("div", { class: "margin" }, compact ? time(message) : avatar(author)),
    h(
      "div",
      { class: "body" },
      !compact && heading(message, author),
      message.parent_message_id && quoted(message.parent_message_id, parent, room),
      message.forwarding &&
        h(
          "p",
          { class: "quiet" },
          t("forwarded", { name: nameOfUser(message.forwarding.author_id) }),
        ),
      content(message),
      previews(message),
      filesOf(message, inThread ? "thread" : "chat"),
      message.buttons?.length > 0 && buttons(message, mark),
      reactions(message),
      !inThread && message.thread && threadLink(message),
      troubles(message, mark),
    ),
    !message.sending && actions(message, inThread, room),
  );
}

const time = (message) =>
  h(
    "time",
    { datetime: message.created_at, title: momentOf(message.created_at) },
    timeOf(message.created_at),
  );

function heading(message, author) {
  return h(
    "div",
    { class: "heading" },
    h("strong", null, author.name),
    message.author?.bot && h("span", { class: "tag" }, t("bot")),
    time(message),
    message.pinned && h("span", { class: "quiet with-icon" }, icon("pin", "small"), t("pinned")),
  );
}

function quoted(id, parent, room) {
  return h(
    "button",
    { type: "button", class: "quoted", "data-part": "quoted", onclick: () => room.show(id) },
    parent ? [h("strong", null, authorOf(parent).name), " ", gist(parent)] : t("earlierMessage"),
  );
}

function content(message) {
  if (!message.content) return null;
  const element = h("div", { class: "content" });
  element.append(rendered(message.content));
  if (wasEdited(message))
    lastBlock(element).append(
      h("span", { class: "edited", title: momentOf(message.changed_at) }, ` ${t("edited")}`),
    );
  return element;
}

/** Link previews set by the bot, without images from other sites. */
function previews(message) {
  const entries = Object.entries(message.link_previews ?? {});
  return entries.map(([url, { title, description }]) =>
    h(
      "a",
      { class: "preview", href: url, target: "_blank", rel: "noopener noreferrer nofollow" },
      h("strong", null, title),
      h("span", null, description),
    ),
  );
}

const lastBlock = (element) =>
  element.lastElementChild?.tagName === "P" ? element.lastElementChild : element;

const wasEdited = ({ changed_at: changed, created_at: created }) =>
  changed && Date.parse(changed) > Date.parse(created);

const OUTCOME_ICONS = { done: "check", failed: "warning" };

function buttons(message, mark) {
  const one = (button, place) => {
    if (button.url)
      return h(
        "a",
        {
          class: "button",
          href: safeAddress(button.url),
          target: "_blank",
          rel: "noopener noreferrer",
        },
        button.text,
        icon("external", "small"),
      );
    const outcome = mark?.presses?.[place];
    const waiting = outcome === "waiting";
    return h(
      "button",
      {
        type: "button",
        class: `button ${outcome ?? ""}`,
        "data-part": `button-${place}`,
        "aria-busy": waiting ? "true" : null,
        onclick: () => waiting || press(message, place, button.data),
      },
      button.text,
      waiting && h("span", { class: "spinner", role: "img", "aria-label": t("waiting") }),
      OUTCOME_ICONS[outcome] && icon(OUTCOME_ICONS[outcome], "small"),
    );
  };
  const rows = message.buttons.map((row, y) =>
    h(
      "div",
      { class: "button-row" },
      row.map((button, x) => one(button, `${y}-${x}`)),
    ),
  );
  return h("div", { class: "buttons", role: "group", "aria-label": t("buttons") }, rows);
}

const safeAddress = (address) => (/^(https?|mailto|tel):/i.test(address) ? address : null);

function reactions(message) {
  const byCode = Map.groupBy(message.reactions ?? [], (reaction) => reaction.code);
  if (!byCode.size) return null;
  const chips = [...byCode].map(([code, given]) => reactionChip(message, code, given));
  const add = iconButton("smile", t("react"), (event) => react(message, event.currentTarget), {
    class: "chip add",
    "data-part": "react-more",
  });
  return h("div", { class: "reactions" }, chips, add);
}

function reactionChip(message, code, given) {
  const mine = given.some((reaction) => reaction.user_id === store.me.id);
  const names = given
    .map((reaction) => nameOfUser(reaction.user_id))
    .filter(Boolean)
    .join(", ");
  return h(
    "button",
    {
      type: "button",
      class: "chip",
      "aria-pressed": String(mine),
      title: names,
      "aria-label": `${code} ${given.length}: ${names}`,
      "data-part": `reaction-${code}`,
      onclick: () => toggleReaction(message, code),
    },
    h("span", { class: "chip-code" }, code),
    String(given.length),
  );
}

const react = (message, anchor) =>
  palette(anchor, t("react"), (code) => toggleReaction(message, code));

function threadLink(message) {
  const count = message.thread.messages_count ?? 0;
  return h(
    "button",
    {
      type: "button",
      class: "thread-link",
      "data-part": "thread",
      onclick: () => emit("thread", message),
    },
    icon("thread", "small"),
    count ? t("replies", { count }) : t("openThread"),
  );
}

function troubles(message, mark) {
  if (message.sending === "pending")
    return h(
      "p",
      { class: "quiet fate", role: "status" },
      h("span", { class: "spinner" }),
      t("sending"),
    );
  if (message.sending === "failed") {
    return h(
      "p",
      { class: "trouble", role: "alert" },
      icon("warning", "small"),
      h("span", null, t("notSent", { reason: message.error })),
      h("button", { type: "button", class: "link", onclick: () => sendAgain(message) }, t("retry")),
      h(
        "button",
        { type: "button", class: "link", onclick: () => dropUnsent(message) },
        t("discard"),
      ),
    );
  }
  return (
    mark?.error &&
    h(
      "p",
      { class: "trouble", role: "alert" },
      icon("warning", "small"),
      h("span", null, mark.error),
    )
  );
}

function actions(message, inThread, room) {
  const thread = async () => {
    const started = await startThread(message);
    if (started) emit("thread", { ...message, thread: started });
  };
  return h(
    "div",
    { class: "actions", role: "toolbar", "aria-label": t("actions") },
    iconButton("smile", t("react"), (event) => react(message, event.currentTarget), {
      "data-part": "do-react",
    }),
    iconButton("reply", t("reply"), () => room.reply(message), { "data-part": "do-reply" }),
    !inThread && iconButton("thread", t("thread"), thread, { "data-part": "do-thread" }),
    iconButton("trace", t("trace"), () => emit("show-trace", message.id), {
      "data-part": "do-trace",
    }),
    iconButton("more", t("more"), (event) => moreMenu(message, event.currentTarget, room), {
      "data-part": "do-more",
      "aria-haspopup": "menu",
    }),
  );
}

function moreMenu(message, anchor, room) {
  const mine = isMine(message);
  menu(anchor, t("more"), [
    ...(mine ? [{ label: t("edit"), icon: "edit", run: () => room.edit(message) }] : []),
    {
      label: t("copyText"),
      icon: "copy",
      run: () => navigator.clipboard?.writeText(message.content),
    },
    { label: message.pinned ? t("unpin") : t("pin"), icon: "pin", run: () => togglePin(message) },
    ...(mine
      ? [{ label: t("delete"), icon: "trash", danger: true, run: () => remove(message) }]
      : []),
  ]);
}
