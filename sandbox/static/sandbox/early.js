// Applies stored choices before the first paint, to avoid flashes and layout shifts.
{
  const { dataset } = document.documentElement;
  const theme = localStorage.getItem("sandbox.theme");
  if (theme) dataset.theme = theme;
  dataset.pane = localStorage.getItem("sandbox.pane") ?? "open";
  // On narrow screens, where the pane covers the chat, it is closed initially.
  if (matchMedia("(max-width: 1179px)").matches) dataset.pane = "closed";
}
