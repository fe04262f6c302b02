/** The live line: one websocket, opened again whenever it breaks. */

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

/**
 * @typedef {"connecting" | "live" | "lost"} State
 * @param {string} token whose chats to watch
 * @param {{event: (name: string, payload: any) => void, state: (state: State) => void}} heard
 */
export function listen(token, heard) {
  let socket = null;
  let failures = 0;
  let timer = 0;

  function open() {
    clearTimeout(timer);
    if (socket && socket.readyState <= WebSocket.OPEN) return;
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`);
    socket.onopen = () =>
      socket.send(JSON.stringify({ eventName: "sandbox.watch", payload: { token }, headers: {} }));
    socket.onmessage = receive;
    socket.onclose = reopenLater;
  }

  function receive({ data }) {
    const { eventName, payload } = JSON.parse(data);
    if (eventName === "sandbox.watching") {
      failures = 0;
      heard.state("live");
    } else {
      heard.event(eventName, payload);
    }
  }

  function reopenLater() {
    heard.state("lost");
    const pause = Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE);
    failures += 1;
    timer = setTimeout(open, pause * (0.5 + Math.random() / 2));
  }

  heard.state("connecting");
  addEventListener("online", open);
  document.addEventListener(
    "visibilitychange",
    () => document.visibilityState === "visible" && open(),
  );
  open();
}
