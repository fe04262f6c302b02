/** The composer: text, formatting, files, voice messages, replies and edits. */
import { edit, send } from "../actions.js";
import { Attachments } from "./attachments.js";
import { h, icon, iconButton } from "../dom.js";
import { t } from "../i18n.js";
import { authorOf, gist, isMine } from "./message.js";
import { RecordingBar } from "./recording.js";
import { timelineOf } from "../store.js";
import { canRecord } from "./voice.js";

const MOST_FILES = 10;
const MARKS = [
  { icon: "bold", label: "bold", key: "b", around: "**" },
  { icon: "italic", label: "italic", key: "i", around: "_" },
  { icon: "code", label: "code", key: "e", around: "`" },
  { icon: "link", label: "link", key: "k", before: "[", after: "](https://)" },
  { icon: "list", label: "list", line: "- " },
  { icon: "quote", label: "quote", line: "> " },
];

export class Composer {
  /**
   * @param {HTMLElement} place
   * @param {{id: string, label: string}} setting
   */
  constructor(place, setting) {
    this.chatId = null;
    this.isSentEarly = false;
    this.entity = null;
    this.drafts = new Map();
    this.parent = null;
    this.edited = null;
    this.build(setting);
    place.append(this.form);
    this.listenToDrops(place.closest(".room, .panel"));
    this.changed();
  }

  build(setting) {
    this.context = h("div", { class: "composer-context", hidden: true });
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    this.text = this.textField(setting);
    this.attachments = new Attachments({ most: MOST_FILES, changed: () => this.changed() });
    this.recording = new RecordingBar({
      finished: (file, voice) => this.sendVoice(file, voice),
      ended: () => this.showRecording(false),
    });
    this.tools = this.toolbar();
    this.box = h(
      "div",
      { class: "composer-box" },
      this.context,
      this.attachments.element,
      this.text,
      this.tools,
      this.recording.element,
    );
    const props = { class: "composer", onsubmit: (event) => event.preventDefault() };
    this.form = h("form", props, this.trouble, this.box, this.chooser);
  }

  textField({ id, label }) {
    return h("textarea", {
      id,
      rows: 1,
      class: "composer-text",
      "aria-label": label,
      placeholder: label,
      autocomplete: "off",
      oninput: () => this.changed(),
      onkeydown: (event) => this.keyed(event),
      onpaste: (event) => this.pasted(event),
    });
  }

  toolbar() {
    const choose = () => this.chooser.click();
    const formatting = { class: "marks", role: "group", "aria-label": t("formatting") };
    this.chooser = h("input", { type: "file", multiple: true, hidden: true });
    this.chooser.addEventListener("change", () => this.chose());
    this.sendButton = iconButton("send", t("send"), () => this.submit(), { class: "send" });
    return h(
      "div",
      { class: "composer-tools" },
      iconButton("attach", t("attach"), choose),
      h("span", formatting, ...MARKS.map((mark) => this.markButton(mark))),
      h("span", { class: "hint" }, t("enterHint")),
      canRecord() && iconButton("mic", t("recordVoice"), () => this.startRecording()),
      this.sendButton,
    );
  }

  markButton(mark) {
    const label = mark.key ? `${t(mark.label)} (Ctrl+${mark.key.toUpperCase()})` : t(mark.label);
    return iconButton(mark.icon, label, () => this.apply(mark));
  }

  // --- which chat ---

  /** @param {number} chatId @param {{entity_type: string, entity_id: number}} entity */
  open(chatId, entity) {
    if (this.chatId === chatId) return;
    // Input made before the first chat was loaded belongs to that chat.
    const isFirst = this.chatId === null;
    const begun = { text: this.text.value, files: this.attachments.files };
    const isSent = this.isSentEarly;
    this.isSentEarly = false;
    if (!isFirst) this.keepDraft();
    const draft = this.drafts.get(chatId) ?? (isFirst ? begun : { text: "", files: [] });
    this.chatId = chatId;
    this.entity = entity;
    this.text.value = draft.text;
    this.attachments.become(draft.files);
    this.turnTo({});
    this.complain("");
    this.changed();
    if (isSent) void this.submit();
  }

  keepDraft() {
    const text = this.edited ? "" : this.text.value;
    this.drafts.set(this.chatId, { text, files: this.attachments.files });
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  // --- text ---

  suggest(text) {
    this.text.value = text;
    this.changed();
    this.focus();
  }

  changed() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
    this.sendButton.disabled = !this.text.value.trim() && !this.attachments.files.length;
  }

  keyed(event) {
    if (event.isComposing) return;
    const act = this.actFor(event);
    if (act) this.instead(event, act);
  }

  actFor(event) {
    const { key, shiftKey, ctrlKey, metaKey, code } = event;
    if (key === "Enter" && !shiftKey) return () => this.submit();
    if (key === "Escape" && (this.edited || this.parent)) return () => this.leaveContext();
    if (key === "ArrowUp" && !this.text.value && !this.edited) return () => this.editLast();
    const isMark = (mark) => mark.key && code === `Key${mark.key.toUpperCase()}`;
    const mark = (ctrlKey || metaKey) && MARKS.find(isMark);
    return mark && (() => this.apply(mark));
  }

  instead(event, act) {
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** @param {{around?: string, before?: string, after?: string, line?: string}} mark */
  apply({ around, before = around, after = around, line }) {
    const { selectionStart: start, selectionEnd: end, value } = this.text;
    this.focus();
    if (line) {
      const lineStart = value.lastIndexOf("\n", start - 1) + 1;
      const marked = value.slice(lineStart, end).replace(/^/gm, line);
      this.text.setRangeText(marked, lineStart, end, "end");
    } else {
      this.text.setRangeText(before + value.slice(start, end) + after, start, end, "end");
      const inside = start + before.length;
      if (start === end) this.text.setSelectionRange(inside, inside);
    }
    this.changed();
  }

  // --- sending ---

  submit() {
    const content = this.text.value.trim();
    if (this.edited) return this.finishEdit(content);
    if (this.chatId === null) this.isSentEarly = true;
    if (this.chatId === null || this.sendButton.disabled) return undefined;
    const files = this.attachments.take();
    const { chatId, entity, parent } = this;
    this.text.value = "";
    this.turnTo({});
    this.complain("");
    this.focus();
    return send({ chatId, entity, content, files, parentId: parent?.id });
  }

  sendVoice(file, voice) {
    const { chatId, entity } = this;
    return send({ chatId, entity, content: "", files: [file], voice });
  }

  // --- replies and edits ---

  reply(message) {
    this.turnTo({ parent: message });
    this.focus();
  }

  editLast() {
    const last = timelineOf(this.chatId).sent.findLast(isMine);
    if (last) this.edit(last);
  }

  edit(message) {
    this.text.value = message.content;
    this.turnTo({ edited: message });
    this.focus();
    this.text.setSelectionRange(message.content.length, message.content.length);
  }

  finishEdit(content) {
    const message = this.edited;
    if (!content) return this.complain(t("emptyEdit"));
    this.leaveContext();
    return content === message.content ? undefined : edit(message, content);
  }

  leaveContext() {
    if (this.edited) this.text.value = "";
    this.turnTo({});
    this.complain("");
    this.focus();
  }

  /** Starts a reply to `parent`, an edit of `edited`, or, without both, a new message. */
  turnTo({ parent = null, edited = null }) {
    this.parent = parent;
    this.edited = edited;
    this.changed();
    const message = edited ?? parent;
    this.context.hidden = !message;
    if (!message) return;
    const title = edited ? t("editing") : t("replyTo", { name: authorOf(message).name });
    const text = { class: "composer-context-text" };
    this.context.replaceChildren(
      icon(edited ? "edit" : "reply", "small"),
      h("span", text, h("strong", null, title), " ", gist(message)),
      iconButton("close", t("cancel"), () => this.leaveContext()),
    );
  }

  complain(text) {
    this.trouble.textContent = text;
    this.trouble.hidden = !text;
  }

  // --- files ---

  listenToDrops(room) {
    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    const mark = (is) => room.classList.toggle("drop-here", is);
    room.addEventListener("dragover", (event) => {
      if (carriesFiles(event)) this.instead(event, () => mark(true));
    });
    room.addEventListener("dragleave", (event) => {
      if (!room.contains(event.relatedTarget)) mark(false);
    });
    room.addEventListener("drop", (event) => {
      mark(false);
      if (carriesFiles(event)) this.instead(event, () => this.add(event.dataTransfer.files));
    });
  }

  pasted(event) {
    const { files } = event.clipboardData;
    if (files.length) this.instead(event, () => this.add(files));
  }

  chose() {
    this.add(this.chooser.files);
    this.chooser.value = "";
  }

  add(files) {
    const allFit = this.attachments.add([...files]);
    this.complain(allFit ? "" : t("tooManyFiles", { most: MOST_FILES }));
    this.focus();
  }

  // --- voice ---

  async startRecording() {
    this.complain("");
    try {
      await this.recording.start();
      this.showRecording(true);
    } catch {
      this.complain(t("noMicrophone"));
    }
  }

  showRecording(is) {
    this.tools.hidden = is;
    this.text.hidden = is;
    if (!is) this.focus();
  }
}
