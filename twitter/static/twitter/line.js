/** The live line of the feed. */

import { connect } from "../realtime/client.js";

/**
 * @param {{live: () => void, lost: () => void, event: (name: string, payload: any) => void}} listener
 *   `live` is called each time that nothing can be missed from now on.
 */
export function watchTweets(listener) {
  const line = connect({
    greet: () => line.ask("tweets.watch"),
    state: (state) => (state === "live" ? listener.live() : state !== "connecting" && listener.lost()),
  });
  line.on("system.refetch", listener.live);
  line.on("*", listener.event);
}
