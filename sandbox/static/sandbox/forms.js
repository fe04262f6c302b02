/** Forms that bots open: every kind of block, checked here first, then by the bot. */
import { api, CallFailed } from "./api.js";
import { h, icon, iconButton } from "./dom.js";
import { outgoingFile } from "./files.js";
import { sizeOf, t } from "./i18n.js";
import { rendered } from "./markdown.js";
import { on } from "./store.js";

const SLOW_BOT = 504;
const open = new Map();

export function listenToForms() {
  on("view", (view) => new FormDialog(view));
  on("view-closed", (id) => open.get(id)?.leave());
}

class FormDialog {
  constructor(view) {
    this.view = view;
    this.opener = document.activeElement;
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
    this.submitButton = h("button", { type: "submit", class: "button primary" }, submitText || t("submit"));
    this.form = h(
      "form",
      { novalidate: true, onsubmit: (event) => this.submit(event) },
      h("header", { class: "dialog-head" }, h("div", null, h("h2", { id: titleId }, title), bot && h("p", { class: "quiet" }, bot.name)), iconButton("close", t("close"), () => this.close())),
      h("div", { class: "dialog-body" }, blocks.map((block) => byBlock.get(block) ?? still(block))),
      this.trouble,
      h("footer", { class: "dialog-foot" }, h("button", { type: "button", class: "button", onclick: () => this.close() }, closeText || t("cancel")), this.submitButton),
    );
    this.dialog = h("dialog", { class: "dialog", "aria-labelledby": titleId, oncancel: (event) => this.cancelled(event) }, this.form);
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
    const pairs = await Promise.all(this.fields.map(async (field) => [field.block.name, await field.value()]));
    return Object.fromEntries(pairs);
  }

  explain(error) {
    const told = error.answer?.errors;
    if (error.status === 400 && told && !Array.isArray(told)) return this.showErrors(told);
    this.trouble.hidden = false;
    this.trouble.textContent = error.status === SLOW_BOT ? t("formSilent") : error instanceof CallFailed ? error.message : t("unreachable");
    return undefined;
  }

  /** Each error stands at its block; one for no block here stands above the buttons. */
  showErrors(errors) {
    const rest = Object.entries(errors).filter(([name]) => !this.fields.some((field) => field.block.name === name));
    for (const field of this.fields) field.complain(errors[field.block.name] ?? "");
    this.trouble.hidden = !rest.length;
    this.trouble.textContent = rest.map(([name, text]) => `${name}: ${text}`).join("; ");
    this.fields.find((field) => field.block.name in errors)?.focus();
  }

  busy(is) {
    this.submitButton.disabled = is;
    this.submitButton.replaceChildren(...(is ? [h("span", { class: "spinner" })] : []), this.view.submit_text || t("submit"));
    if (is) this.trouble.hidden = true;
  }

  close() {
    // The bot is told if it can be; the person leaves in any case.
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

const STILL = {
  header: ({ text }) => h("h3", null, text),
  plain_text: ({ text }) => h("p", { class: "plain-text" }, text),
  divider: () => h("hr"),
  markdown({ text }) {
    const element = h("div", { class: "content" });
    element.append(rendered(text));
    return element;
  },
};

const still = (block) => (STILL[block.type] ?? (() => h("p", { class: "quiet" }, t("unknownBlock", { type: block.type }))))(block);

let fields = 0;

/** A block that asks for something: its label, control, hint and error. */
class Field {
  constructor(block) {
    this.block = block;
    this.id = `field-${++fields}`;
    this.control = (CONTROLS[block.type] ?? CONTROLS.input)(this.id, block);
    this.error = h("p", { class: "field-error", id: `${this.id}-error`, hidden: true });
    this.build();
  }

  build() {
    const { label, required, hint } = this.block;
    const star = required && h("span", { class: "star", title: t("required"), "aria-label": t("required") }, "*");
    const hintElement = hint && h("p", { class: "quiet", id: `${this.id}-hint` }, hint);
    const isGroup = this.control.isGroup;
    this.element = h(
      isGroup ? "fieldset" : "div",
      { class: "field" },
      isGroup ? h("legend", null, label, star) : h("label", { htmlFor: this.id }, label, star),
      this.control.element,
      hintElement,
      this.error,
    );
    const target = isGroup ? this.element : this.control.input;
    target.setAttribute("aria-describedby", [hint && `${this.id}-hint`, `${this.id}-error`].filter(Boolean).join(" "));
    if (required && !isGroup) target.setAttribute("aria-required", "true");
    this.element.addEventListener("input", () => this.complain(""));
    this.target = target;
  }

  focus() {
    this.control.input?.focus();
  }

  value() {
    return this.control.value();
  }

  check() {
    const problem = this.problem();
    this.complain(problem);
    return !problem;
  }

  problem() {
    const { required, min_length: shortest = 0, max_length: longest = Infinity } = this.block;
    const raw = this.control.raw();
    if (this.control.input?.validity?.badInput) return t("badValue");
    if (!raw.length) return required ? t("fieldRequired") : "";
    if (this.block.type !== "input") return "";
    if (raw.length < shortest) return t("tooShort", { count: shortest });
    if (raw.length > longest) return t("tooLong", { count: longest });
    return "";
  }

  complain(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
    this.target.setAttribute("aria-invalid", String(Boolean(text)));
  }
}

const single = (input) => ({ element: input, input, raw: () => input.value, value: () => input.value || null });

/** Controls by kind of block: `raw()` is what is checked, `value()` what the bot gets. */
const CONTROLS = {
  input(id, block) {
    const { multiline, placeholder, initial_value: value, max_length: longest } = block;
    const props = { id, placeholder, value: value ?? "", class: "control" };
    const input = multiline ? h("textarea", { ...props, rows: 4 }) : h("input", { ...props, type: "text", autocomplete: "off" });
    const control = single(input);
    return longest ? { ...control, element: counted(input, longest) } : control;
  },

  select(id, { options = [], required }) {
    const chosen = options.find((option) => option.selected);
    const none = h("option", { value: "" }, required ? t("choose") : "—");
    const input = h("select", { id, class: "control" }, none, options.map(({ text, value }) => h("option", { value }, text)));
    input.value = chosen?.value ?? "";
    return single(input);
  },

  radio: (id, { options = [] }) => choices(id, "radio", options, ([value]) => value ?? null),
  checkbox: (id, { options = [] }) => choices(id, "checkbox", options, (values) => values),
  date: (id, { initial_date: value }) => single(h("input", { id, type: "date", class: "control", value: value ?? "" })),
  time: (id, { initial_time: value }) => single(h("input", { id, type: "time", class: "control", value: value ?? "" })),
  file_input: (id, block) => new FileControl(id, block),
};

function counted(input, longest) {
  const count = h("span", { class: "count", "aria-hidden": "true" });
  const draw = () => {
    count.textContent = `${input.value.length}/${longest}`;
    count.classList.toggle("over", input.value.length > longest);
  };
  input.addEventListener("input", draw);
  draw();
  return h("div", { class: "counted" }, input, count);
}

function choices(id, type, options, valueOf) {
  const inputs = options.map((option) => h("input", { type, name: id, value: option.value, checked: Boolean(option.checked ?? option.selected) }));
  const rows = options.map(({ text, description }, index) => h("label", { class: "choice" }, inputs[index], h("span", null, text, description && h("small", null, description))));
  const raw = () => inputs.filter((input) => input.checked).map((input) => input.value);
  return { isGroup: true, element: h("div", { class: "choices" }, rows), input: inputs[0], raw, value: () => valueOf(raw()) };
}

class FileControl {
  constructor(id, { filetypes, max_files: most = 10 }) {
    this.most = most;
    this.files = [];
    const accept = filetypes?.map((ending) => `.${ending.replace(/^\./, "")}`).join(",");
    this.input = h("input", { id, type: "file", accept, multiple: most > 1, class: "control", onchange: () => this.add() });
    this.list = h("ul", { class: "plain attachments" });
    this.element = h("div", null, this.input, this.list);
  }

  add() {
    const chosen = [...this.input.files].slice(0, this.most - this.files.length);
    this.input.value = "";
    this.files.push(...chosen.map((file) => outgoingFile(file, { changed: () => this.draw() })));
    this.draw();
  }

  draw() {
    this.list.replaceChildren(...this.files.map((file) => this.row(file)));
  }

  row(file) {
    const { shown, progress, error } = file;
    const remove = () => {
      this.files = this.files.filter((each) => each !== file);
      this.draw();
    };
    return h(
      "li",
      { class: error ? "attachment failed" : "attachment" },
      icon("file"),
      h("span", { class: "attachment-text" }, h("span", { class: "attachment-name" }, shown.name), h("small", null, error || sizeOf(shown.size))),
      iconButton("close", t("removeFile", { name: shown.name }), remove),
      progress < 1 && !error && h("progress", { max: 1, value: progress, "aria-label": t("uploading") }),
    );
  }

  raw() {
    return this.files;
  }

  async value() {
    const uploaded = await Promise.all(this.files.map((file) => file.uploaded()));
    return uploaded.map(({ key, name, size, file_type: fileType }) => ({ key, name, size, file_type: fileType }));
  }
}
