/** Where messages are written: text with marks, files, voice; answers and edits. */
import { edit, send } from "./actions.js";
import { h, icon, iconButton, reconcile } from "./dom.js";
import { outgoingFile } from "./files.js";
import { lengthOf, sizeOf, t } from "./i18n.js";
import { authorOf, gist, isMine } from "./message.js";
import { timelineOf } from "./store.js";
import { canRecord, record } from "./voice.js";

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
    this.drafts = new Map();
    this.reset();
    this.build(place, setting);
    this.listenToFiles(place);
  }

  reset() {
    this.files = [];
    this.parent = null;
    this.edited = null;
  }

  build(place, { id, label }) {
    this.context = h("div", { class: "composer-context", hidden: true });
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    this.chips = h("ul", { class: "plain attachments", "aria-label": t("attachments") });
    this.text = h("textarea", { id, rows: 1, class: "composer-text", "aria-label": label, placeholder: label, autocomplete: "off", oninput: () => this.changed(), onkeydown: (event) => this.keyed(event), onpaste: (event) => this.pasted(event) });
    this.chooser = h("input", { type: "file", multiple: true, hidden: true, onchange: () => this.chose() });
    this.sendButton = iconButton("send", t("send"), () => this.submit(), { class: "send" });
    this.micButton = canRecord() && iconButton("mic", t("recordVoice"), () => this.startRecording(), { class: "mic" });
    this.tools = h("div", { class: "composer-tools" }, iconButton("attach", t("attach"), () => this.chooser.click()), h("span", { class: "marks", role: "group", "aria-label": t("formatting") }, MARKS.map((mark) => this.markButton(mark))), h("span", { class: "hint" }, t("enterHint")), this.micButton, this.sendButton);
    this.recording = h("div", { class: "recording", hidden: true });
    this.box = h("div", { class: "composer-box" }, this.context, this.chips, this.text, this.tools, this.recording);
    place.append(h("form", { class: "composer", onsubmit: (event) => event.preventDefault() }, this.trouble, this.box, this.chooser));
    this.changed();
  }

  markButton(mark) {
    const label = mark.key ? `${t(mark.label)} (Ctrl+${mark.key.toUpperCase()})` : t(mark.label);
    return iconButton(mark.icon, label, () => this.apply(mark));
  }

  /** @param {number} chatId @param {{entity_type: string, entity_id: number}} entity */
  open(chatId, entity) {
    if (this.chatId === chatId) return;
    if (this.chatId !== null) this.drafts.set(this.chatId, this.edited ? "" : this.text.value);
    this.chatId = chatId;
    this.entity = entity;
    this.reset();
    this.text.value = this.drafts.get(chatId) ?? "";
    this.complain("");
    this.drawContext();
    this.drawFiles();
    this.changed();
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  suggest(text) {
    this.text.value = text;
    this.changed();
    this.focus();
  }

  changed() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
    const empty = !this.text.value.trim() && !this.files.length;
    this.sendButton.disabled = empty;
    this.box.classList.toggle("is-empty", empty && !this.edited);
  }

  keyed(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) return this.run(event, () => this.submit());
    if (event.key === "Escape" && (this.edited || this.parent)) return this.run(event, () => this.leaveContext());
    if (event.key === "ArrowUp" && !this.text.value && !this.edited) return this.run(event, () => this.editLast());
    const mark = (event.ctrlKey || event.metaKey) && MARKS.find((each) => each.key && event.code === `Key${each.key.toUpperCase()}`);
    if (mark) this.run(event, () => this.apply(mark));
  }

  run(event, act) {
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  apply({ around, before = around, after = around, line }) {
    const { selectionStart: start, selectionEnd: end, value } = this.text;
    const chosen = value.slice(start, end);
    const lineStart = value.lastIndexOf("\n", start - 1) + 1;
    this.focus();
    if (line) {
      const marked = value.slice(lineStart, end).replace(/^/gm, line);
      this.text.setRangeText(marked, lineStart, end, "end");
    } else {
      this.text.setRangeText(before + chosen + after, start, end, "end");
      if (!chosen) this.text.setSelectionRange(start + before.length, start + before.length);
    }
    this.changed();
  }

  submit() {
    const content = this.text.value.trim();
    if (this.edited) return this.finishEdit(content);
    if (!content && !this.files.length) return undefined;
    this.complain("");
    const draft = { chatId: this.chatId, entity: this.entity, content, files: this.files, parentId: this.parent?.id };
    this.text.value = "";
    this.reset();
    this.drawContext();
    this.drawFiles();
    this.changed();
    this.focus();
    return send(draft);
  }

  reply(message) {
    this.edited = null;
    this.parent = message;
    this.drawContext();
    this.focus();
  }

  editLast() {
    const last = timelineOf(this.chatId).sent.findLast(isMine);
    if (last) this.edit(last);
  }

  edit(message) {
    this.edited = message;
    this.parent = null;
    this.text.value = message.content;
    this.drawContext();
    this.changed();
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
    this.edited = null;
    this.parent = null;
    this.complain("");
    this.drawContext();
    this.changed();
    this.focus();
  }

  drawContext() {
    const message = this.edited ?? this.parent;
    this.context.hidden = !message;
    if (!message) return;
    const title = this.edited ? t("editing") : t("replyTo", { name: authorOf(message).name });
    this.context.replaceChildren(icon(this.edited ? "edit" : "reply", "small"), h("span", { class: "composer-context-text" }, h("strong", null, title), " ", gist(message)), iconButton("close", t("cancel"), () => this.leaveContext()));
  }

  complain(text) {
    this.trouble.textContent = text;
    this.trouble.hidden = !text;
  }

  listenToFiles(place) {
    const room = place.closest(".room, .panel");
    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    room.addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      room.classList.add("drop-here");
    });
    room.addEventListener("dragleave", (event) => room.contains(event.relatedTarget) || room.classList.remove("drop-here"));
    room.addEventListener("drop", (event) => {
      room.classList.remove("drop-here");
      if (carriesFiles(event)) this.run(event, () => this.add([...event.dataTransfer.files]));
    });
  }

  pasted(event) {
    const files = [...event.clipboardData.files];
    if (files.length) this.run(event, () => this.add(files));
  }

  chose() {
    this.add([...this.chooser.files]);
    this.chooser.value = "";
  }

  add(files) {
    const room = MOST_FILES - this.files.length;
    this.complain(files.length > room ? t("tooManyFiles", { most: MOST_FILES }) : "");
    this.files = [...this.files, ...files.slice(0, room).map((file) => outgoingFile(file, { changed: () => this.drawFiles() }))];
    this.drawFiles();
    this.changed();
    this.focus();
  }

  drop(file) {
    file.cancel();
    this.files = this.files.filter((each) => each !== file);
    this.drawFiles();
    this.changed();
    this.focus();
  }

  drawFiles() {
    this.chips.hidden = !this.files.length;
    reconcile(this.chips, this.files.map((file) => ({ key: file.shown.url, version: `${file.progress}${file.error}`, render: () => this.chip(file) })));
  }

  chip(file) {
    const { shown, progress, error } = file;
    const picture = shown.file_type === "image" ? h("img", { src: shown.url, alt: "" }) : icon("file");
    const retry = error && h("button", { type: "button", class: "link", onclick: () => this.retry(file) }, t("retry"));
    return h(
      "li",
      { class: error ? "attachment failed" : "attachment" },
      picture,
      h("span", { class: "attachment-text" }, h("span", { class: "attachment-name" }, shown.name), h("small", null, error || sizeOf(shown.size), " ", retry)),
      iconButton("close", t("removeFile", { name: shown.name }), () => this.drop(file), { "data-part": "drop" }),
      progress < 1 && !error && h("progress", { max: 1, value: progress, "aria-label": t("uploading") }),
    );
  }

  retry(file) {
    file.error = "";
    this.drawFiles();
    file.uploaded().then(() => this.drawFiles(), () => {});
  }

  async startRecording() {
    this.complain("");
    try {
      this.recorder = await record();
    } catch {
      return this.complain(t("noMicrophone"));
    }
    const clock = h("span", { class: "voice-time", role: "timer" }, lengthOf(0));
    const level = h("meter", { min: 0, max: 1, "aria-label": t("loudness") });
    this.ticking = setInterval(() => {
      clock.textContent = lengthOf(this.recorder.elapsed());
      level.value = this.recorder.level();
    }, 100);
    const finish = iconButton("send", t("sendVoice"), () => this.finishRecording(), { class: "send" });
    this.recording.replaceChildren(h("span", { class: "dot", "aria-hidden": "true" }), clock, level, h("button", { type: "button", class: "link", onclick: () => this.cancelRecording() }, t("cancel")), finish);
    this.showRecording(true);
    return finish.focus();
  }

  showRecording(on) {
    this.recording.hidden = !on;
    this.tools.hidden = on;
    this.text.hidden = on;
    if (on) return;
    clearInterval(this.ticking);
    this.focus();
  }

  cancelRecording() {
    this.recorder.cancel();
    this.showRecording(false);
  }

  async finishRecording() {
    const { file, voice } = await this.recorder.finish();
    const { duration_ms, waveform } = voice;
    const outgoing = outgoingFile(file, { extra: { file_type: "voice", duration_ms, waveform } });
    this.showRecording(false);
    return send({ chatId: this.chatId, entity: this.entity, content: "", files: [outgoing], voice });
  }
}
