/** The real-time connection of the page. */

import { connect } from "../realtime/client.js";

/**
 * @param {string} token whose chats to watch
 * @param {{
 *   event: (name: string, payload: any) => void,
 *   state: (state: "connecting" | "live" | "lost") => void,
 * }} handlers
 */
export function listen(token, handlers) {
  const line = connect({
    greet: () => line.ask("sandbox.watch", { token }),
    state: (state) => handlers.state(state === "refused" ? "lost" : state),
  });
  line.on("*", handlers.event);
  line.on("system.refetch", () => {
    handlers.state("lost");
    handlers.state("live");
  });
}
