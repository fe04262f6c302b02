/** "Show more" expands truncated tweets in place. Without JavaScript it opens the tweet. */

export function unfoldTexts() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.unfold");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const text = link.previousElementSibling;
    text.classList.remove("folded");
    text.tabIndex = -1;
    text.focus({ preventScroll: true });
    link.remove();
  });
}
