/** Completes usernames after "@". */

const BEGUN = /(?:^|[^\w@/.+-])@([\p{L}\p{N}_.+-]{1,40})$/u;
const ASK_AFTER = 120;
// Only while the list is open: a multi-line text box must not have the role combobox.
const COMBOBOX = { role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-expanded": "true" };

/**
 * @param {HTMLTextAreaElement} box
 * @param {HTMLFormElement} form
 */
export function completeNames(box, form) {
  const list = Object.assign(document.createElement("ul"), { className: "completions card", id: `${form.id}-names` });
  list.setAttribute("role", "listbox");
  list.hidden = true;
  box.after(list);
  let timer = 0;
  let asked = "";

  box.addEventListener("input", () => {
    clearTimeout(timer);
    asked = begun();
    if (!asked) return close();
    timer = setTimeout(() => ask(asked), ASK_AFTER);
  });
  box.addEventListener("blur", () => setTimeout(close, 150));
  box.addEventListener("keydown", onKey);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("li");
    if (option) take(option);
  });

  function begun() {
    return BEGUN.exec(box.value.slice(0, box.selectionStart))?.[1] ?? "";
  }

  async function ask(begins) {
    const response = await fetch(`${form.dataset.names}?begins=${encodeURIComponent(begins)}`);
    if (!response.ok || begins !== asked) return;
    const { people } = await response.json();
    list.replaceChildren(...people.map(optionOf));
    if (!people.length) return close();
    list.hidden = false;
    for (const [name, value] of Object.entries({ ...COMBOBOX, "aria-controls": list.id })) box.setAttribute(name, value);
    select(list.firstElementChild);
  }

  function optionOf({ username, name }, place) {
    const option = document.createElement("li");
    option.id = `${list.id}-${place}`;
    option.dataset.username = username;
    option.textContent = `${name} @${username}`;
    option.setAttribute("role", "option");
    return option;
  }

  function select(option) {
    for (const other of list.children) other.setAttribute("aria-selected", String(other === option));
    box.setAttribute("aria-activedescendant", option.id);
  }

  function selected() {
    return list.querySelector("[aria-selected=true]");
  }

  function onKey(event) {
    if (list.hidden) return;
    const moves = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" };
    if (moves[event.key]) select(selected()[moves[event.key]] ?? selected());
    else if (event.key === "Enter" || event.key === "Tab") take(selected());
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function take(option) {
    const end = box.selectionStart;
    const start = end - begun().length;
    box.setRangeText(`${option.dataset.username} `, start, end, "end");
    close();
    box.focus();
  }

  function close() {
    asked = "";
    list.hidden = true;
    for (const name of [...Object.keys(COMBOBOX), "aria-controls", "aria-activedescendant"]) box.removeAttribute(name);
  }
}
