// A classic script in the head: a chosen theme is in force before the first paint.
{
  const root = document.documentElement;
  const key = "site.theme";
  const chosen = localStorage.getItem(key);
  if (chosen) root.dataset.theme = chosen;

  const isDark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    button.hidden = false;
    button.onclick = () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      localStorage.setItem(key, root.dataset.theme);
    };
  });
}
