/** Forms opened by bots. They are validated here first, then by the bot. */
import { api, CallFailed } from "../api.js";
import { h, iconButton } from "../dom.js";
import { Field, standing } from "./fields.js";
import { t } from "../i18n.js";
import { on } from "../store.js";

const SLOW_BOT = 504;
const open = new Map();

export function listenToForms() {
  on("view", (view) => new FormDialog(view));
  on("view-closed", (id) => open.get(id)?.leave());
}

class FormDialog {
  constructor(view) {
    this.view = view;
    this.opener = /** @type {HTMLElement} */ (document.activeElement);
    this.fields = view.blocks.filter((block) => block.name).map((block) => new Field(block));
    this.build();
    open.set(view.id, this);
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.fields[0]?.focus();
  }

  build() {
    const { title, blocks, bot, close_text: closeText, submit_text: submitText } = this.view;
    const titleId = `view-${this.view.id}-title`;
    const byBlock = new Map(this.fields.map((field) => [field.block, field.element]));
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    this.submitButton = h(
      "button",
      { type: "submit", class: "button primary" },
      submitText || t("submit"),
    );
    this.form = h(
      "form",
      { novalidate: true, onsubmit: (event) => this.submit(event) },
      h(
        "header",
        { class: "dialog-head" },
        h(
          "div",
          null,
          h("h2", { id: titleId }, title),
          bot && h("p", { class: "quiet" }, bot.name),
        ),
        iconButton("close", t("close"), () => this.close()),
      ),
      h(
        "div",
        { class: "dialog-body" },
        blocks.map((block) => byBlock.get(block) ?? standing(block)),
      ),
      this.trouble,
      h(
        "footer",
        { class: "dialog-foot" },
        h(
          "button",
          { type: "button", class: "button", onclick: () => this.close() },
          closeText || t("cancel"),
        ),
        this.submitButton,
      ),
    );
    this.dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": titleId, oncancel: (event) => this.cancelled(event) },
      this.form,
    );
  }

  cancelled(event) {
    if (event.target !== this.dialog) return;
    event.preventDefault();
    this.close();
  }

  async submit(event) {
    event.preventDefault();
    const wrong = this.fields.filter((field) => !field.check());
    if (wrong.length) return wrong[0].focus();
    this.busy(true);
    try {
      await api.submitView(this.view.id, await this.values());
      return this.leave();
    } catch (error) {
      return this.explain(error);
    } finally {
      this.busy(false);
    }
  }

  async values() {
    const pairs = await Promise.all(
      this.fields.map(async (field) => [field.block.name, await field.value()]),
    );
    return Object.fromEntries(pairs);
  }

  explain(error) {
    const errors = error.answer?.errors;
    if (error.status === 400 && errors && !Array.isArray(errors)) return this.showErrors(errors);
    this.trouble.hidden = false;
    this.trouble.textContent =
      error.status === SLOW_BOT
        ? t("formSilent")
        : error instanceof CallFailed
          ? error.message
          : t("unreachable");
    return undefined;
  }

  /** Shows each error at its block; others above the buttons. */
  showErrors(errors) {
    const rest = Object.entries(errors).filter(
      ([name]) => !this.fields.some((field) => field.block.name === name),
    );
    for (const field of this.fields) field.complain(errors[field.block.name] ?? "");
    this.trouble.hidden = !rest.length;
    this.trouble.textContent = rest.map(([name, text]) => `${name}: ${text}`).join("; ");
    this.fields.find((field) => field.block.name in errors)?.focus();
  }

  busy(is) {
    this.submitButton.disabled = is;
    this.submitButton.replaceChildren(
      ...(is ? [h("span", { class: "spinner" })] : []),
      this.view.submit_text || t("submit"),
    );
    if (is) this.trouble.hidden = true;
  }

  close() {
    // Tell the server if possible; close the form in any case.
    api.closeView(this.view.id).catch(() => {});
    this.leave();
  }

  leave() {
    open.delete(this.view.id);
    this.dialog.close();
    this.dialog.remove();
    if (this.opener?.isConnected) this.opener.focus();
  }
}
