/**
 * Hands the buttons for passkeys to allauth's scripts, and shows what went wrong.
 *
 * A button names the form's role in `data-passkey` (loginForm, addForm, authenticateForm), the
 * ids of the fields, and of the element with the options that the server has prepared.
 */

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!(button instanceof HTMLButtonElement)) continue;
  const { passkey, credential, passwordless, options } = button.dataset;
  const ids = { login: button.id, add: button.id, authenticate: button.id, credential, passwordless, data: options };
  globalThis.allauth.webauthn.forms[passkey]({ ids });
  button.hidden = !globalThis.PublicKeyCredential;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const fault = document.getElementById("passkey-fault");
  if (fault) fault.hidden = false;
});
