/** The blocks of a form: static ones and inputs. */
import { Attachments } from "../messages/attachments.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { rendered } from "../messages/markdown.js";

const STANDING = {
  header: ({ text }) => h("h3", null, text),
  plain_text: ({ text }) => h("p", { class: "plain-text" }, text),
  divider: () => h("hr"),
  markdown({ text }) {
    const element = h("div", { class: "content" });
    element.append(rendered(text));
    return element;
  },
};

/** A static block. */
export const standing = (block) =>
  (
    STANDING[block.type] ??
    (() => h("p", { class: "quiet" }, t("unknownBlock", { type: block.type })))
  )(block);

let fields = 0;

/** An input block: label, control, hint and error. */
export class Field {
  constructor(block) {
    this.block = block;
    this.id = `field-${++fields}`;
    this.control = (CONTROLS[block.type] ?? CONTROLS.input)(this.id, block);
    this.error = h("p", { class: "field-error", id: `${this.id}-error`, hidden: true });
    this.build();
  }

  build() {
    const { label, required, hint } = this.block;
    const star =
      required &&
      h("span", { class: "star", title: t("required"), "aria-label": t("required") }, "*");
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
    target.setAttribute(
      "aria-describedby",
      [hint && `${this.id}-hint`, `${this.id}-error`].filter(Boolean).join(" "),
    );
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

const single = (input) => ({
  element: input,
  input,
  raw: () => input.value,
  value: () => input.value || null,
});

/** Controls by block type: `raw()` is validated, `value()` is sent to the bot. */
const CONTROLS = {
  input(id, block) {
    const { multiline, placeholder, initial_value: value, max_length: longest } = block;
    const props = { id, placeholder, value: value ?? "", class: "control" };
    const input = multiline
      ? h("textarea", { ...props, rows: 4 })
      : h("input", { ...props, type: "text", autocomplete: "off" });
    const control = single(input);
    return longest ? { ...control, element: counted(input, longest) } : control;
  },

  select(id, { options = [], required }) {
    const chosen = options.find((option) => option.selected);
    const none = h("option", { value: "" }, required ? t("choose") : "—");
    const input = h(
      "select",
      { id, class: "control" },
      none,
      options.map(({ text, value }) => h("option", { value }, text)),
    );
    input.value = chosen?.value ?? "";
    return single(input);
  },

  radio: (id, { options = [] }) => choices(id, "radio", options, ([value]) => value ?? null),
  checkbox: (id, { options = [] }) => choices(id, "checkbox", options, (values) => values),
  date: (id, { initial_date: value }) =>
    single(h("input", { id, type: "date", class: "control", value: value ?? "" })),
  time: (id, { initial_time: value }) =>
    single(h("input", { id, type: "time", class: "control", value: value ?? "" })),
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
  const inputs = options.map((option) =>
    h("input", {
      type,
      name: id,
      value: option.value,
      checked: Boolean(option.checked ?? option.selected),
    }),
  );
  const rows = options.map(({ text, description }, index) =>
    h(
      "label",
      { class: "choice" },
      inputs[index],
      h("span", null, text, description && h("small", null, description)),
    ),
  );
  const raw = () => inputs.filter((input) => input.checked).map((input) => input.value);
  return {
    isGroup: true,
    element: h("div", { class: "choices" }, rows),
    input: inputs[0],
    raw,
    value: () => valueOf(raw()),
  };
}

class FileControl {
  constructor(id, { filetypes, max_files: most = 10 }) {
    this.attachments = new Attachments({ most });
    this.input = h("input", {
      id,
      type: "file",
      accept: filetypes?.map((ending) => `.${ending.replace(/^\./, "")}`).join(","),
      multiple: most > 1,
      class: "control",
      onchange: () => this.add(),
    });
    this.element = h("div", null, this.input, this.attachments.element);
  }

  add() {
    this.attachments.add([...this.input.files]);
    this.input.value = "";
  }

  raw() {
    return this.attachments.files;
  }

  async value() {
    const files = await Promise.all(this.raw().map((file) => file.uploaded()));
    return files.map(({ key, name, size, file_type }) => ({ key, name, size, file_type }));
  }
}
