/** A thread in the side panel: its message, the replies, and a composer. */
import { loadLatest } from "../actions.js";
import { Composer } from "../messages/composer.js";
import { byId, h } from "../dom.js";
import { t } from "../i18n.js";
import { messageElement } from "../messages/message.js";
import { MessageList } from "../messages/messages.js";
import { on, timelineOf } from "../store.js";

/** @param {(tab: string) => void} showTab */
export function startThreads(showTab) {
  const panel = byId("panel-thread");
  const root = h("ol", { class: "plain messages thread-root" });
  const older = h("div", { class: "older", role: "status" });
  const messages = h("ol", { class: "messages plain", "aria-label": t("thread") });
  const scroller = h(
    "div",
    { class: "scroller" },
    root,
    h("p", { class: "divider" }, h("span", null, t("answers"))),
    older,
    messages,
  );
  const place = h("div", { class: "composer-place" });
  panel.append(h("div", { class: "timeline" }, scroller), place);
  const composer = new Composer(place, { id: "thread-text", label: t("messageInThread") });
  const room = {
    reply: (message) => composer.reply(message),
    edit: (message) => composer.edit(message),
    show: (id) => list.show(id),
  };
  const list = new MessageList({ scroller, list: messages, older }, { room, inThread: true });
  let about = null;

  function drawRoot() {
    const message = timelineOf(about.chat_id).find(about.id) ?? about;
    const mark = timelineOf(about.chat_id).marks.get(about.id);
    root.replaceChildren(
      messageElement(message, { compact: false, mark, inThread: true, parent: null, room }),
    );
  }

  on("thread", (message) => {
    about = message;
    byId("tab-thread").hidden = false;
    showTab("thread");
    drawRoot();
    const { id, chat_id: chatId } = message.thread;
    list.open(chatId);
    composer.open(chatId, { entity_type: "thread", entity_id: id });
    composer.focus();
    void loadLatest(chatId);
  });
  on("timeline", (chatId) => chatId === about?.chat_id && drawRoot());
}
