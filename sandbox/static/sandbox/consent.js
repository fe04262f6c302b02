// Cancelling leads back to where the person came from, as in Pachca; the bot is not told.

for (const button of document.querySelectorAll("[data-go-back]")) {
  button.addEventListener("click", (event) => {
    if (history.length > 1) {
      event.preventDefault();
      history.back();
    }
  });
}
