/**
 * Real-time events: one WebSocket connection that is restored whenever it is interrupted.
 *
 *     const connection = connect({ greet: () => connection.join("kitchen", { refetch: reload }) });
 *     connection.on("tea.poured", (payload) => …);
 *     const price = await connection.ask("tea.price", { tea: "green" });
 *
 * @typedef {"connecting" | "live" | "lost" | "refused"} State
 * @typedef {Record<string, any>} Headers
 * @typedef {(...heard: any[]) => void} Listener payload and headers; of "*" the event's name first
 * @typedef {{offset: string, refetch: () => void, joinedBy?: WebSocket | null}} Room
 * @typedef {object} Options
 * @property {string} [url] of the WebSocket; /ws of this site by default
 * @property {string} [apiKey] for pages without a session
 * @property {() => unknown} [greet] is called each time the connection opens; afterwards the state is "live"
 * @property {(state: State) => void} [state] is called with the state of the connection whenever it changes
 */

const FIRST_PAUSE = 500;
const MAX_PAUSE = 15_000;
const MAX_RESTART_PAUSE = 3_000;
const PING_INTERVAL = 25_000;
const REPLY_TIMEOUT = 10_000;

const RESTARTING = 1012;
const UNAUTHORIZED = 4401;

/** An `error` event in reply to a request; its code is "lost" if no reply was received. */
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
  #pending = /** @type {Map<number, {resolve: Function, reject: Function}>} */ (new Map());
  #requests = 0;
  #failures = 0;
  #timer = 0;
  #isClosed = false;

  /** @param {Options} [options] */
  constructor(options = {}) {
    this.#options = options;
    this.#setState("connecting");
    // Deferred, since `greet` uses the variable that this object is being assigned to.
    queueMicrotask(this.#open);
    globalThis.addEventListener?.("online", this.#open);
    globalThis.document?.addEventListener("visibilitychange", this.#openIfVisible);
  }

  /**
   * Listen to an event, or to all events as "*", whose listener receives the name first.
   * @param {string} name
   * @param {Listener} listener
   * @returns {() => void} removes the listener
   */
  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name).add(listener);
    return () => this.#listeners.get(name).delete(listener);
  }

  /** Send an event; return false if the connection is not open. */
  send(name, payload = null, headers = {}) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ eventName: name, payload, headers }));
    return true;
  }

  /**
   * Send an event and return the payload of the reply; rejects with a LineError.
   * @returns {Promise<any>}
   */
  ask(name, payload = null) {
    const id = ++this.#requests;
    return new Promise((resolve, reject) => {
      const lost = () => reject(new LineError({ code: "lost", message: "The connection was lost." }));
      const timer = setTimeout(() => this.#pending.delete(id) && lost(), REPLY_TIMEOUT);
      const settle = (end) => (value) => (clearTimeout(timer), end(value));
      this.#pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      if (!this.send(name, payload, { id })) this.#settle(id, "lost");
    });
  }

  /**
   * Join a room, again after each interruption, and receive the events that were missed.
   * @param {string} room
   * @param {{refetch?: () => void}} [options] `refetch` is called if some of them are lost
   * @returns {Promise<any>} the payload of `system.joined`
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

  /** Close the connection for good. */
  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("online", this.#open);
    globalThis.document?.removeEventListener("visibilitychange", this.#openIfVisible);
    this.#socket?.close();
  }

  #setState(state) {
    this.#options.state?.(state);
  }

  #openIfVisible = () => {
    if (document.visibilityState === "visible") this.#open();
  };

  #open = () => {
    clearTimeout(this.#timer);
    if (this.#isClosed || this.#socket) return;
    const url = this.#options.url ?? `${location.origin.replace(/^http/, "ws")}/ws`;
    const socket = new WebSocket(url);
    socket.onopen = () => this.#greet(socket);
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => this.#reconnectLater(code);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#abandon(socket), REPLY_TIMEOUT);
  };

  /** Give up a socket without waiting for the server, which may be unreachable. */
  #abandon(socket) {
    if (socket !== this.#socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#reconnectLater();
  }

  async #greet(socket) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ping, PING_INTERVAL);
    try {
      if (this.#options.apiKey) await this.ask("system.auth", { api_key: this.#options.apiKey });
      await this.#options.greet?.();
      const left = [...this.#rooms].filter(([, { joinedBy }]) => joinedBy !== socket);
      await Promise.all(left.map(([room, { refetch }]) => this.join(room, { refetch })));
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      // The server closes a connection that it refused, with the reason. Without a reply, reconnect.
      if (error.code === "lost") this.#abandon(socket);
      else socket.close();
      return;
    }
    if (socket !== this.#socket) return;
    this.#failures = 0;
    this.#setState("live");
  }

  /** A ping without a reply shows that the connection is dead. */
  #ping = async () => {
    const socket = this.#socket;
    try {
      await this.ask("system.ping");
      if (socket === this.#socket) this.#timer = setTimeout(this.#ping, PING_INTERVAL);
    } catch {
      this.#abandon(socket);
    }
  };

  #receive({ eventName, payload, headers }) {
    const { room, offset, reply_to: request } = headers ?? {};
    if (offset && this.#rooms.has(room)) this.#rooms.get(room).offset = offset;
    if (eventName === "system.refetch") this.#rooms.get(payload.room)?.refetch();
    if (this.#pending.has(request)) this.#settle(request, eventName, payload);
    this.#listeners.get(eventName)?.forEach((listener) => listener(payload, headers ?? {}));
    this.#listeners.get("*")?.forEach((listener) => listener(eventName, payload, headers ?? {}));
  }

  #settle(id, eventName, payload = { code: "lost", message: "The connection was lost." }) {
    const { resolve, reject } = this.#pending.get(id);
    this.#pending.delete(id);
    if (eventName === "error" || eventName === "lost") reject(new LineError(payload));
    else resolve(payload);
  }

  #reconnectLater(code) {
    clearTimeout(this.#timer);
    this.#socket = null;
    for (const id of [...this.#pending.keys()]) this.#settle(id, "lost");
    if (this.#isClosed) return;
    if (code === UNAUTHORIZED) {
      this.#isClosed = true;
      this.#setState("refused");
      return;
    }
    this.#setState("lost");
    this.#timer = setTimeout(this.#open, this.#pause(code));
  }

  /** Pauses grow exponentially and are random, so that reconnects are spread out. */
  #pause(code) {
    if (code === RESTARTING) return Math.random() * MAX_RESTART_PAUSE;
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#failures, MAX_PAUSE);
    this.#failures += 1;
    return pause * (0.5 + Math.random() / 2);
  }
}
