/** Refreshes the page of connections while it is visible and has no focused element. */

const state = document.getElementById("state");

const mayRefresh = () => document.visibilityState === "visible" && !state.contains(document.activeElement);

async function refresh() {
  if (!mayRefresh()) return;
  const response = await fetch(location.href, { headers: { "x-fragment": "1" } });
  // After a sign-out the response is the sign-in page, to which the next click leads anyway.
  if (!response.ok || response.redirected) return;
  const fragment = await response.text();
  if (mayRefresh()) state.innerHTML = fragment;
}

setInterval(() => refresh().catch(() => {}), Number(state.dataset.every));
