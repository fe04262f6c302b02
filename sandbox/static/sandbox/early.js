// Runs before the first paint, so that what was chosen earlier neither flashes nor moves anything.
{
  const { dataset } = document.documentElement;
  const theme = localStorage.getItem("sandbox.theme");
  if (theme) dataset.theme = theme;
  dataset.pane = localStorage.getItem("sandbox.pane") ?? "open";
  // Where the pane would cover the chat, it opens only when asked for.
  if (matchMedia("(max-width: 1179px)").matches) dataset.pane = "closed";
}
