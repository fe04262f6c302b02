/** The live line: one websocket, opened again whenever it breaks. */

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

/**
 * @param {{live: () => void, lost: () => void, event: (name: string, payload: any) => void}} listener
 *   `live` is called each time that nothing can be missed from now on.
 */
export function watchTweets(listener) {
  let failures = 0;

  function open() {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`);
    socket.onopen = () => socket.send(JSON.stringify({ eventName: "tweets.watch" }));
    socket.onmessage = receive;
    socket.onclose = reopenLater;
  }

  function receive({ data }) {
    const { eventName, payload } = JSON.parse(data);
    if (eventName === "tweets.watching") {
      failures = 0;
      listener.live();
    } else {
      listener.event(eventName, payload);
    }
  }

  function reopenLater() {
    listener.lost();
    const pause = Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE);
    failures += 1;
    setTimeout(open, pause * (0.5 + Math.random() / 2));
  }

  open();
}
