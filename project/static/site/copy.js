/** Buttons that copy the text of the element whose id is in `data-copy`. */

const CONFIRMATION_TIMEOUT = 2_000;

for (const button of document.querySelectorAll("button[data-copy]")) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!(await copy(document.getElementById(button.dataset.copy)))) return;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = label), CONFIRMATION_TIMEOUT);
  });
}

/** Copies and selects the text, so that it can be copied by hand if the browser refuses. */
async function copy(element) {
  getSelection().selectAllChildren(element);
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    // Pages without HTTPS have no clipboard API.
    return document.execCommand("copy");
  }
}
