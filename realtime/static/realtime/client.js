/**
 * The live line to the server: one websocket, opened again whenever it breaks.
 *
 *     const line = connect({ greet: () => line.join("kitchen", { refetch: reload }) });
 *     line.on("tea.poured", (payload) => …);
 *     const price = await line.ask("tea.price", { tea: "green" });
 *
 * @typedef {"connecting" | "live" | "lost" | "refused"} State
 * @typedef {Record<string, any>} Headers
 * @typedef {(payload: any, headers: Headers) => void} Listener
 * @typedef {{offset: string, refetch: () => void, joinedBy?: WebSocket | null}} Room
 * @typedef {object} Options
 * @property {string} [url] of the websocket; /ws of this site unless told otherwise
 * @property {string} [apiKey] for pages without a session
 * @property {() => unknown} [greet] runs each time that the line opens; the line is live afterwards
 * @property {(state: State) => void} [state] hears how the line is
 */

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
const SPREAD_OF_RESTART = 3_000;
const PING_EVERY = 25_000;
const ANSWER_WITHIN = 10_000;

const RESTARTING = 1012;
const UNAUTHORIZED = 4401;

/** What the server answered with `error`, or "lost" if the line broke before it answered. */
export class LineError extends Error {
  /** @param {{code: string, message: string, fields?: Record<string, any>}} payload */
  constructor(payload) {
    super(payload.message);
    this.code = payload.code;
    this.payload = payload;
  }
}

/** @param {Options} [options] */
export function connect(options) {
  return new Line(options);
}

export class Line {
  #options;
  #socket = /** @type {WebSocket | null} */ (null);
  #listeners = /** @type {Map<string, Set<Listener>>} */ (new Map());
  #rooms = /** @type {Map<string, Room>} */ (new Map());
  #asked = /** @type {Map<number, {resolve: Function, reject: Function}>} */ (new Map());
  #questions = 0;
  #failures = 0;
  #timer = 0;
  #isClosed = false;

  /** @param {Options} [options] */
  constructor(options = {}) {
    this.#options = options;
    this.#tell("connecting");
    // Not before whoever made the line holds it: `greet` will want it.
    queueMicrotask(this.#open);
    globalThis.addEventListener?.("online", this.#open);
    globalThis.document?.addEventListener("visibilitychange", this.#openIfSeen);
  }

  /**
   * Hear an event, or every event as "*", whose listener gets the name first.
   * @param {string} name
   * @param {(...heard: any[]) => void} listener
   * @returns {() => void} stops it
   */
  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name).add(listener);
    return () => this.#listeners.get(name).delete(listener);
  }

  /** Send an event now; false if the line is not open. */
  send(name, payload = null, headers = {}) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ eventName: name, payload, headers }));
    return true;
  }

  /**
   * Send an event and wait for what answers it; LineError if that is an error, or none comes.
   * @returns {Promise<any>}
   */
  ask(name, payload = null) {
    const id = ++this.#questions;
    return new Promise((resolve, reject) => {
      const lost = () => reject(new LineError({ code: "lost", message: "The line broke." }));
      const timer = setTimeout(() => this.#asked.delete(id) && lost(), ANSWER_WITHIN);
      const settle = (end) => (value) => (clearTimeout(timer), end(value));
      this.#asked.set(id, { resolve: settle(resolve), reject: settle(reject) });
      if (!this.send(name, payload, { id })) this.#answer(id, "lost");
    });
  }

  /**
   * Join a room, again after each break, and hear what was missed meanwhile.
   * @param {string} room
   * @param {{refetch?: () => void}} [options] `refetch` is called when that cannot be told
   * @returns {Promise<any>} what the server answers
   */
  async join(room, { refetch = () => {} } = {}) {
    const known = this.#rooms.get(room) ?? { offset: "", refetch };
    known.refetch = refetch;
    this.#rooms.set(room, known);
    const socket = this.#socket;
    const joined = await this.ask("system.join", { room, since: known.offset });
    known.joinedBy = socket;
    if (joined.offset) known.offset = joined.offset;
    if (!joined.complete) refetch();
    return joined;
  }

  leave(room) {
    this.#rooms.delete(room);
    return this.ask("system.leave", { room });
  }

  /** End the line for good. */
  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("online", this.#open);
    globalThis.document?.removeEventListener("visibilitychange", this.#openIfSeen);
    this.#socket?.close();
  }

  #tell(state) {
    this.#options.state?.(state);
  }

  #openIfSeen = () => {
    if (document.visibilityState === "visible") this.#open();
  };

  #open = () => {
    clearTimeout(this.#timer);
    if (this.#isClosed || this.#socket) return;
    const url = this.#options.url ?? `${location.origin.replace(/^http/, "ws")}/ws`;
    const socket = new WebSocket(url);
    socket.onopen = () => this.#greet(socket);
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    socket.onclose = ({ code }) => this.#reopenLater(code);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#abandon(socket), ANSWER_WITHIN);
  };

  /** Give a socket up without waiting for the other side, which may be gone without a word. */
  #abandon(socket) {
    if (socket !== this.#socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#reopenLater();
  }

  async #greet(socket) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ping, PING_EVERY);
    try {
      if (this.#options.apiKey) await this.ask("system.auth", { api_key: this.#options.apiKey });
      await this.#options.greet?.();
      const left = [...this.#rooms].filter(([, { joinedBy }]) => joinedBy !== socket);
      await Promise.all(left.map(([room, { refetch }]) => this.join(room, { refetch })));
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      // Who was refused is told why by the server's close; who heard nothing waits for nobody.
      if (error.code === "lost") this.#abandon(socket);
      else socket.close();
      return;
    }
    if (socket !== this.#socket) return;
    this.#failures = 0;
    this.#tell("live");
  }

  /** A line that died without a word is found out by a ping that nobody answers. */
  #ping = async () => {
    const socket = this.#socket;
    try {
      await this.ask("system.ping");
      if (socket === this.#socket) this.#timer = setTimeout(this.#ping, PING_EVERY);
    } catch {
      this.#abandon(socket);
    }
  };

  #hear({ eventName, payload, headers }) {
    const { room, offset, reply_to: question } = headers ?? {};
    if (offset && this.#rooms.has(room)) this.#rooms.get(room).offset = offset;
    if (eventName === "system.refetch") this.#rooms.get(payload.room)?.refetch();
    if (this.#asked.has(question)) this.#answer(question, eventName, payload);
    this.#listeners.get(eventName)?.forEach((listener) => listener(payload, headers ?? {}));
    this.#listeners.get("*")?.forEach((listener) => listener(eventName, payload, headers ?? {}));
  }

  #answer(id, eventName, payload = { code: "lost", message: "The line broke." }) {
    const { resolve, reject } = this.#asked.get(id);
    this.#asked.delete(id);
    if (eventName === "error" || eventName === "lost") reject(new LineError(payload));
    else resolve(payload);
  }

  #reopenLater(code) {
    clearTimeout(this.#timer);
    this.#socket = null;
    for (const id of [...this.#asked.keys()]) this.#answer(id, "lost");
    if (this.#isClosed) return;
    if (code === UNAUTHORIZED) {
      this.#isClosed = true;
      this.#tell("refused");
      return;
    }
    this.#tell("lost");
    this.#timer = setTimeout(this.#open, this.#pause(code));
  }

  /** Pauses grow and are spread, so that not everybody comes back at the same moment. */
  #pause(code) {
    if (code === RESTARTING) return Math.random() * SPREAD_OF_RESTART;
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#failures, LONGEST_PAUSE);
    this.#failures += 1;
    return pause * (0.5 + Math.random() / 2);
  }
}
