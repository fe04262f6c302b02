/** The live line of the page. */

import { connect } from "../realtime/client.js";

/**
 * @param {string} token whose chats to watch
 * @param {{
 *   event: (name: string, payload: any) => void,
 *   state: (state: "connecting" | "live" | "lost") => void,
 * }} heard
 */
export function listen(token, heard) {
  const line = connect({
    greet: () => line.ask("sandbox.watch", { token }),
    state: (state) => heard.state(state === "refused" ? "lost" : state),
  });
  line.on("*", heard.event);
  line.on("system.refetch", () => ["lost", "live"].forEach(heard.state));
}
