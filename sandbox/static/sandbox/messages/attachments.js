/** Files to be sent: progress, errors, removal. */
import { h, icon, iconButton, reconcile } from "../dom.js";
import { outgoingFile } from "./files.js";
import { sizeOf, t } from "../i18n.js";

export class Attachments {
  /** @param {{most: number, changed?: () => void}} setting */
  constructor({ most, changed = () => {} }) {
    this.most = most;
    this.changed = changed;
    this.files = [];
    this.element = h("ul", { class: "plain attachments", "aria-label": t("attachments") });
    this.draw();
  }

  /** @param {File[]} files @returns whether there was room for all of them */
  add(files) {
    const room = this.most - this.files.length;
    const taken = files.slice(0, room);
    const outgoing = taken.map((file) => outgoingFile(file, { changed: () => this.draw() }));
    this.become([...this.files, ...outgoing]);
    return taken.length === files.length;
  }

  /** Returns the files and clears the list. */
  take() {
    const { files } = this;
    this.become([]);
    return files;
  }

  drop(file) {
    file.cancel();
    this.become(this.files.filter((each) => each !== file));
  }

  become(files) {
    this.files = files;
    this.draw();
    this.changed();
  }

  draw() {
    this.element.hidden = !this.files.length;
    const items = this.files.map((file) => ({
      key: file.shown.url,
      version: `${file.progress}${file.error}`,
      render: () => this.chip(file),
    }));
    reconcile(this.element, items);
  }

  chip(file) {
    const { shown, progress, error } = file;
    const isImage = shown.file_type === "image";
    const remove = t("removeFile", { name: shown.name });
    return h(
      "li",
      { class: error ? "attachment failed" : "attachment" },
      isImage ? h("img", { src: shown.url, alt: "" }) : icon("file"),
      h(
        "span",
        { class: "attachment-text" },
        h("span", { class: "attachment-name" }, shown.name),
        h("small", null, error || sizeOf(shown.size), " ", error && this.retryButton(file)),
      ),
      iconButton("close", remove, () => this.drop(file), { "data-part": "drop" }),
      progress < 1 &&
        !error &&
        h("progress", { max: 1, value: progress, "aria-label": t("uploading") }),
    );
  }

  retryButton(file) {
    const again = () => {
      file.error = "";
      this.draw();
      // Failures are rendered by the file itself.
      file.uploaded().catch(() => {});
    };
    return h("button", { type: "button", class: "link", onclick: again }, t("retry"));
  }
}
