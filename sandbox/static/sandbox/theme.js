// Runs before the first paint, so that a chosen theme never flashes in the other colours.
{
  const chosen = localStorage.getItem("sandbox.theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
}
