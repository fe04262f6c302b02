/** What django-unfold lacks: axes that begin at zero, names for inputs in tables, capital letters. */

if (typeof Chart !== "undefined") {
  // Without data an axis would run from -1 to 1.
  Chart.defaults.scales.linear.beginAtZero = true;
  Chart.defaults.scales.linear.suggestedMax = 1;
}

const UNNAMED = ":is(input:not([type=hidden]), select, textarea):not([aria-label], [aria-labelledby])";

/** Names an input after its column, and after its row where the row has a name. */
function nameByColumn(input) {
  const cell = input.closest("td");
  const column = cell && cell.closest("table").querySelectorAll("thead th")[cell.cellIndex];
  const title = column?.innerText.trim();
  if (!title || input.labels?.length) return;
  const row = cell.closest("tr").querySelector("th, .field-__str__, a")?.innerText.trim();
  input.setAttribute("aria-label", row ? `${title}: ${row}` : title);
}

/** Select2 names its box after the chosen value only. */
function nameSelect2(box) {
  const select = box.closest(".select2-container")?.previousElementSibling;
  const label = select?.labels?.[0];
  if (!label) return;
  label.id ||= `${select.id}-label`;
  box.setAttribute("aria-labelledby", `${label.id} ${box.getAttribute("aria-labelledby") ?? ""}`.trim());
  box.querySelector("[role=textbox]")?.setAttribute("aria-labelledby", label.id);
}

/** On a phone every cell shows its column's name, which begins in lower case. */
function capitalise(cell) {
  const label = cell.dataset.label;
  cell.dataset.label = label.charAt(0).toLocaleUpperCase() + label.slice(1);
}

function completeMarkup() {
  // Django names these icons, but a name needs a role.
  document.querySelectorAll(".search-label-icon[aria-label]").forEach((icon) => icon.setAttribute("role", "img"));
  document.querySelectorAll("td[data-label], th[data-label]").forEach(capitalise);
  document.querySelectorAll(`td ${UNNAMED}`).forEach(nameByColumn);
  document.querySelectorAll(".select2-selection[role=combobox]").forEach(nameSelect2);
}

// After Select2 has been set up, which happens when the document is ready, and after the lists of
// choices, which are set up by a listener of the same event.
addEventListener("load", () => setTimeout(completeMarkup));
document.addEventListener("formset:added", completeMarkup);
