/** A scrolling list of messages, with days, groups, a marker for new ones, and paging. */
import { loadLatest, loadOlder, markRead } from "../actions.js";
import { h, reconcile, stamp } from "../dom.js";
import { dayKey, dayOf, t } from "../i18n.js";
import { isMine, messageElement } from "./message.js";
import { on, timelineOf } from "../store.js";

const NEAR_END = 60;
const NEAR_START = 240;
const GROUP_MINUTES = 5;

export class MessageList {
  /**
   * @param {Record<"scroller" | "list" | "older", HTMLElement>
   *   & Partial<Record<"empty" | "jump" | "jumpCount", HTMLElement>>} parts
   * @param {{inThread?: boolean, room: any, emptyState?: () => Node}} setting
   */
  constructor(parts, setting) {
    this.scroller = parts.scroller;
    this.list = parts.list;
    this.older = parts.older;
    this.empty = parts.empty;
    this.jump = parts.jump;
    this.jumpCount = parts.jumpCount;
    this.setting = setting;
    this.chatId = null;
    this.pinnedToEnd = true;
    this.missed = 0;
    this.places = new Map();
    this.listenToScroll();
    this.listenToKeys();
    on("timeline", (chatId) => chatId === this.chatId && this.draw());
    on("unread", (chatId) => chatId === this.chatId && this.toFirstNew());
    on("arrived", (message) => message.chat_id === this.chatId && this.greet(message));
  }

  open(chatId) {
    if (this.chatId !== null)
      this.places.set(this.chatId, this.pinnedToEnd ? null : this.scroller.scrollTop);
    this.chatId = chatId;
    this.missed = 0;
    this.list.replaceChildren();
    const place = this.places.get(chatId) ?? null;
    this.pinnedToEnd = place === null;
    this.draw();
    if (place !== null) this.scroller.scrollTop = place;
  }

  draw() {
    const timeline = timelineOf(this.chatId);
    const before = this.holdPlace();
    reconcile(this.list, this.items(timeline));
    this.list.setAttribute("aria-busy", String(timeline.status === "loading"));
    this.drawEdges(timeline);
    this.keepTabStop();
    before();
    this.drawJump();
  }

  items(timeline) {
    const items = [];
    let last = null;
    for (const message of timeline.messages) {
      const newDay = !last || dayKey(last.created_at) !== dayKey(message.created_at);
      const isFirstNew = timeline.newFrom === message.id;
      if (newDay)
        items.push(divider(`day-${dayKey(message.created_at)}`, "day", dayOf(message.created_at)));
      if (isFirstNew) items.push(divider("new", "new", t("newMessages")));
      items.push(this.item(timeline, message, !newDay && !isFirstNew && continues(last, message)));
      last = message;
    }
    return items;
  }

  item(timeline, message, compact) {
    const mark = timeline.marks.get(message.id);
    const parent = message.parent_message_id && timeline.find(message.parent_message_id);
    const { inThread = false, room } = this.setting;
    return {
      key: String(message.id),
      version: [stamp(message), compact, stamp(mark), stamp(parent)].join(),
      render: () => messageElement(message, { compact, mark, parent, inThread, room }),
    };
  }

  drawEdges(timeline) {
    const { status, error, messages } = timeline;
    const retry = () =>
      h(
        "button",
        { type: "button", class: "link", onclick: () => loadLatest(this.chatId) },
        t("retry"),
      );
    this.older.replaceChildren(
      ...(status === "failed"
        ? [h("p", { class: "trouble", role: "alert" }, h("span", null, error), retry())]
        : []),
      ...(status === "loading"
        ? [h("span", { class: "spinner", role: "img", "aria-label": t("loading") })]
        : []),
      ...(status === "ready" && error ? [h("p", { class: "trouble" }, error)] : []),
    );
    if (!this.empty) return;
    this.empty.hidden = status !== "ready" || messages.length > 0;
    if (!this.empty.hidden) this.empty.replaceChildren(this.setting.emptyState());
  }

  /** Keeps the scroll position: at the end if it was there, else at the same message. */
  holdPlace() {
    const anchor = this.firstVisible();
    const top = anchor?.getBoundingClientRect().top;
    return () => {
      if (this.pinnedToEnd) return this.toEnd();
      const same =
        anchor && this.list.querySelector(`[data-key="${CSS.escape(anchor.dataset.key)}"]`);
      if (same) this.scroller.scrollTop += same.getBoundingClientRect().top - top;
    };
  }

  firstVisible() {
    const edge = this.scroller.getBoundingClientRect().top;
    const shown = /** @type {HTMLElement[]} */ ([...this.list.children]);
    return shown.find((child) => child.getBoundingClientRect().bottom > edge);
  }

  toEnd() {
    this.pinnedToEnd = true;
    this.missed = 0;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.drawJump();
    this.readIfSeen();
  }

  toFirstNew() {
    const mark = this.list.querySelector('[data-key="new"]');
    if (mark)
      this.scroller.scrollTop +=
        mark.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top - NEAR_END;
    this.scrolled();
  }

  drawJump() {
    if (!this.jump) return;
    this.jump.hidden = this.pinnedToEnd;
    this.jumpCount.textContent = this.missed ? String(this.missed) : "";
  }

  greet(message) {
    if (isMine(message)) return this.toEnd();
    if (!this.pinnedToEnd) this.missed += 1;
    this.drawJump();
    return this.readIfSeen();
  }

  readIfSeen() {
    if (
      this.pinnedToEnd &&
      document.visibilityState === "visible" &&
      document.hasFocus() &&
      !this.hiddenFromView()
    )
      void markRead(this.chatId);
  }

  hiddenFromView() {
    return this.scroller.offsetParent === null;
  }

  /** @param {number} id of the message to scroll to and highlight, loading older pages */
  async show(id) {
    const timeline = timelineOf(this.chatId);
    while (timeline.sent[0]?.id > id && timeline.hasMore && timeline.status === "ready")
      await loadOlder(timeline.chatId);
    const element = this.list.querySelector(`[data-key="${id}"]`);
    if (!element) return;
    this.pinnedToEnd = false;
    element.scrollIntoView({ block: "center", behavior: "smooth" });
    element.classList.add("flash");
    setTimeout(() => element.classList.remove("flash"), 1600);
  }

  listenToScroll() {
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.jump?.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.pinnedToEnd && this.toEnd()).observe(this.list);
    new ResizeObserver(() => this.pinnedToEnd && this.toEnd()).observe(this.scroller);
    document.addEventListener("visibilitychange", () => this.chatId && this.readIfSeen());
    addEventListener("focus", () => this.chatId && this.readIfSeen());
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.pinnedToEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (this.pinnedToEnd) this.missed = 0;
    this.drawJump();
    this.readIfSeen();
    if (scrollTop < NEAR_START) void loadOlder(this.chatId);
  }

  /** One message of the list is a tab stop; arrow keys move it. */
  listenToKeys() {
    this.list.addEventListener("keydown", (event) => {
      const at = event.target.closest(".message");
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step || event.target !== at) return;
      event.preventDefault();
      const all = [...this.list.querySelectorAll(".message")];
      all[all.indexOf(at) + step]?.focus();
    });
    this.list.addEventListener("focusin", (event) =>
      this.keepTabStop(event.target.closest(".message")),
    );
    this.list.addEventListener("click", (event) => {
      if (event.pointerType === "touch" && !event.target.closest("a, button, input"))
        event.target.closest(".message")?.focus({ preventScroll: true });
    });
  }

  keepTabStop(chosen = null) {
    const stops = this.list.querySelectorAll(".message[tabindex='0']");
    const stop = chosen ?? stops[0] ?? this.list.querySelector(".message:last-child");
    for (const each of stops) each.tabIndex = -1;
    if (stop) stop.tabIndex = 0;
  }
}

function divider(key, kind, text) {
  return {
    key,
    version: text,
    render: () => h("li", { class: `divider ${kind}` }, h("span", null, text)),
  };
}

function continues(last, message) {
  const minutes = (Date.parse(message.created_at) - Date.parse(last.created_at)) / 60_000;
  const sameAuthor = last.user_id === message.user_id && last.display_name === message.display_name;
  return sameAuthor && minutes < GROUP_MINUTES && !message.parent_message_id && !message.pinned;
}
