/** The state of the page, with listeners for its changes. */

const listeners = new Map();

/**
 * Topics: chats; open, loaded, timeline, unread (with a chat id); arrived, sent, pressed, thread
 * (with a message); trace, show-trace (with a message id); view, view-closed.
 */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(listener);
}

export function emit(topic, detail) {
  for (const listener of listeners.get(topic) ?? []) listener(detail);
}

export const store = {
  /** @type {{id: number, name: string, token: string} | null} */
  me: null,
  bots: [],
  users: new Map(),
  chats: new Map(),
  timelines: new Map(),
  openChatId: null,
};

export function timelineOf(chatId) {
  if (!store.timelines.has(chatId)) store.timelines.set(chatId, new Timeline(chatId));
  return store.timelines.get(chatId);
}

/** The messages of a chat or thread, oldest first; unsent ones are last. */
export class Timeline {
  constructor(chatId) {
    this.chatId = chatId;
    this.messages = [];
    this.hasMore = false;
    /** @type {"new" | "loading" | "ready" | "failed"} */
    this.status = "new";
    this.error = "";
    /** The first message that the person has not seen. */
    this.newFrom = null;
    /** Real-time updates received while the newest page is loading; applied after it. */
    this.meanwhile = [];
    /** Of single messages: {error?, presses?: {place: "waiting" | "done" | "failed"}}. */
    this.marks = new Map();
  }

  get sent() {
    return this.messages.filter((message) => !message.sending);
  }

  find(id) {
    return this.messages.find((message) => message.id === id);
  }

  /** Adds or replaces a message; a real-time update of mine replaces the unsent copy. */
  put(message) {
    const at = this.messages.findIndex((each) => each.id === message.id);
    if (at >= 0) this.messages[at] = message;
    else this.insert(message);
    emit("timeline", this.chatId);
  }

  insert(message) {
    if (!message.sending && message.user_id === store.me.id) this.endWait(message);
    const after = this.messages.findLastIndex(
      (each) => message.sending || (!each.sending && each.id < message.id),
    );
    this.messages.splice(after + 1, 0, message);
  }

  endWait(message) {
    const at = this.messages.findIndex(
      (each) => each.sending === "pending" && each.content === message.content,
    );
    if (at >= 0) this.messages.splice(at, 1);
  }

  remove(id) {
    this.messages = this.messages.filter((message) => message.id !== id);
    emit("timeline", this.chatId);
  }

  mark(id, change) {
    this.marks.set(id, { ...this.marks.get(id), ...change });
    emit("timeline", this.chatId);
  }

  become(status, error = "") {
    this.status = status;
    this.error = error;
    emit("timeline", this.chatId);
  }

  addOlder(messages, hasMore) {
    this.messages = [...messages, ...this.messages];
    this.hasMore = hasMore;
    this.become("ready");
  }

  /** Merges the newest page after a reconnect; if there is a gap, the list is reset. */
  takeLatest(messages, hasMore) {
    const waiting = this.messages.filter((message) => message.sending);
    const first = messages[0]?.id ?? Infinity;
    const older = this.sent.filter((message) => message.id < first);
    const gapless = hasMore && this.sent.some((message) => message.id >= first);
    this.messages = [...(gapless ? older : []), ...messages, ...waiting];
    this.hasMore = gapless && older.length ? this.hasMore : hasMore;
    this.become("ready");
  }
}

export function nameOfUser(id) {
  return store.users.get(id)?.name ?? "";
}

export const unreadInAll = () =>
  [...store.chats.values()].reduce((sum, chat) => sum + chat.unread, 0);
