/** Keeps the page of live connections fresh while somebody looks at it and does not use it. */

const state = document.getElementById("state");

async function refresh() {
  if (document.visibilityState !== "visible" || state.contains(document.activeElement)) return;
  const answer = await fetch(location.href, { headers: { "x-fragment": "1" } });
  // Whoever was signed out meanwhile is led to the sign-in page by the next click.
  if (answer.ok && !answer.redirected) state.innerHTML = await answer.text();
}

setInterval(() => refresh().catch(() => {}), Number(state.dataset.every));
