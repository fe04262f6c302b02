/** Actions of the person and real-time updates, applied to the store. */
import { api, CallFailed } from "./api.js";
import { t } from "./i18n.js";
import { nameOf } from "./people.js";
import { emit, store, timelineOf } from "./store.js";

export async function loadState() {
  const { users, chats } = await api.state();
  for (const user of users) store.users.set(user.id, { ...user, name: nameOf(user) });
  for (const chat of chats) store.chats.set(chat.id, chat);
  emit("chats");
}

/** Fetches what was missed while the connection was lost. */
export async function catchUp() {
  await loadState();
  const opened = [...store.timelines.values()].filter((timeline) => timeline.status !== "new");
  await Promise.all(opened.map((timeline) => loadLatest(timeline.chatId)));
}

export async function openDirect(userId) {
  const { chat } = await api.direct(userId);
  store.chats.set(chat.id, chat);
  emit("chats");
  return chat;
}

export async function openChat(chatId) {
  store.openChatId = chatId;
  const timeline = timelineOf(chatId);
  timeline.newFrom = null;
  // Read the count first: showing the messages marks them as read.
  const unread = store.chats.get(chatId)?.unread ?? 0;
  emit("open", chatId);
  if (timeline.status === "new" || timeline.status === "failed") await loadLatest(chatId);
  if (unread) showFirstUnread(timeline, unread);
}

function showFirstUnread(timeline, unread) {
  const others = timeline.sent.filter((message) => message.user_id !== store.me.id);
  timeline.newFrom = others.at(-unread)?.id ?? others[0]?.id ?? null;
  emit("timeline", timeline.chatId);
  emit("unread", timeline.chatId);
}

export async function loadLatest(chatId) {
  const timeline = timelineOf(chatId);
  if (timeline.status !== "ready") timeline.become("loading");
  const meanwhile = (timeline.meanwhile = []);
  try {
    const { messages, has_more: hasMore } = await api.messages(chatId);
    timeline.takeLatest(messages, hasMore);
    for (const [action, message] of meanwhile.splice(0)) takeIn(timeline, action, message);
    emit("loaded", chatId);
  } catch (error) {
    if (timeline.status === "loading") timeline.become("failed", error.message);
  }
}

export async function loadOlder(chatId) {
  const timeline = timelineOf(chatId);
  if (timeline.status !== "ready" || !timeline.hasMore) return;
  timeline.become("loading");
  try {
    const { messages, has_more: hasMore } = await api.messages(chatId, timeline.sent[0].id);
    timeline.addOlder(messages, hasMore);
  } catch (error) {
    timeline.hasMore = false;
    timeline.become("ready", error.message);
  }
}

export async function markRead(chatId) {
  const chat = store.chats.get(chatId);
  if (!chat?.unread) return;
  store.chats.set(chatId, { ...chat, unread: 0 });
  emit("chats");
  // If this fails, the next fetch of the state corrects the count.
  await api.read(chatId).catch(() => {});
}

let locals = 0;

/**
 * Shows the message immediately and sends it; if sending fails, it can be retried.
 *
 * @typedef {{shown: object, uploaded: () => Promise<object>}} OutgoingFile
 * @typedef {{entity_type: string, entity_id: number}} Entity
 * @typedef {{chatId: number, entity: Entity, content: string}} Text
 * @param {Text & {files?: OutgoingFile[], voice?: object, parentId?: number}} draft
 */
export function send(draft) {
  const id = `local-${++locals}`;
  const message = pendingMessage(id, draft);
  timelineOf(draft.chatId).put(message);
  return deliver(message);
}

export const sendAgain = (message) => {
  const timeline = timelineOf(message.chat_id);
  const again = { ...message, sending: "pending", error: "" };
  timeline.remove(message.id);
  timeline.put(again);
  return deliver(again);
};

export const dropUnsent = (message) => timelineOf(message.chat_id).remove(message.id);

async function deliver(message) {
  const { draft } = message;
  const timeline = timelineOf(draft.chatId);
  try {
    const files = await Promise.all((draft.files ?? []).map((file) => file.uploaded()));
    const answer = await api.send({
      ...draft.entity,
      content: draft.content,
      ...(files.length && { files }),
      ...(draft.parentId && { parent_message_id: draft.parentId }),
    });
    timeline.remove(message.id);
    if (!timeline.find(answer.id)) timeline.put(pageMessage(answer));
    emit("sent", answer);
  } catch (error) {
    if (timeline.find(message.id))
      timeline.put({ ...message, sending: "failed", error: wordsOf(error) });
  }
}

const wordsOf = (error) => (error instanceof CallFailed ? error.message : t("unreachable"));

const meAsAuthor = () => ({
  id: store.me.id,
  name: store.me.name,
  bot: false,
  image_url: store.users.get(store.me.id)?.image_url,
});

function pendingMessage(id, draft) {
  const now = new Date().toISOString();
  return {
    ...pageMessage({
      id,
      user_id: store.me.id,
      chat_id: draft.chatId,
      content: draft.content,
      created_at: now,
      changed_at: now,
    }),
    files: (draft.files ?? []).map((file) => file.shown),
    parent_message_id: draft.parentId ?? null,
    voice_content: draft.voice ?? null,
    sending: "pending",
    draft,
  };
}

/** A message of mine in Pachca's format, with the fields that the page adds. */
const pageMessage = (message) => ({
  author: meAsAuthor(),
  reactions: [],
  pinned: false,
  thread: null,
  files: [],
  buttons: null,
  ...message,
});

/** Changes a message; an error is shown below it. */
async function attempt(message, change) {
  const timeline = timelineOf(message.chat_id);
  timeline.mark(message.id, { error: "" });
  try {
    return await change(timeline);
  } catch (error) {
    timeline.mark(message.id, { error: wordsOf(error) });
    return null;
  }
}

export const edit = (message, content) =>
  attempt(message, async (timeline) => {
    const answer = await api.edit(message.id, { content });
    timeline.put({
      ...timeline.find(message.id),
      content: answer.content,
      changed_at: answer.changed_at,
    });
  });

export const remove = (message) =>
  attempt(message, async (timeline) => {
    await api.remove(message.id);
    timeline.remove(message.id);
  });

export const togglePin = (message) =>
  attempt(message, async (timeline) => {
    await (message.pinned ? api.unpin(message.id) : api.pin(message.id));
    timeline.put({ ...timeline.find(message.id), pinned: !message.pinned });
  });

export const toggleReaction = (message, code) =>
  attempt(message, async (timeline) => {
    const isMine = (reaction) => reaction.code === code && reaction.user_id === store.me.id;
    const had = message.reactions.some(isMine);
    await (had ? api.unreact(message.id, code) : api.react(message.id, code));
    const now = timeline.find(message.id);
    const others = now.reactions.filter((reaction) => !isMine(reaction));
    const mine = had
      ? []
      : [{ code, user_id: store.me.id, name: code, created_at: new Date().toISOString() }];
    timeline.put({ ...now, reactions: [...others, ...mine] });
  });

export const startThread = (message) =>
  attempt(message, () => message.thread ?? api.thread(message.id));

/** Presses a button, waits for the bot's response and shows its outcome. */
export async function press(message, place, value) {
  const timeline = timelineOf(message.chat_id);
  const become = (outcome, error = "") =>
    timeline.mark(message.id, {
      error,
      presses: { ...timeline.marks.get(message.id)?.presses, [place]: outcome },
    });
  become("waiting");
  emit("pressed", message);
  try {
    const { status, error } = await api.click(message.id, value);
    const done = status >= 200 && status < 300;
    become(done ? "done" : "failed", done ? "" : whyNotPressed(status, error));
  } catch (error) {
    become("failed", wordsOf(error));
  }
  setTimeout(
    () =>
      timeline.marks.get(message.id)?.presses?.[place] !== "waiting" &&
      become(null, timeline.marks.get(message.id)?.error),
    2500,
  );
}

const whyNotPressed = (status, error) =>
  status ? t("botAnswered", { status }) : t("botSilent", { reason: error ?? "" });

/** @type {Record<string, (payload: any) => void>} */
export const handlers = {
  "sandbox.message": ({ action, message }) => {
    const timeline = store.timelines.get(message.chat_id);
    if (timeline && timeline.status !== "new") takeIn(timeline, action, message);
    touchChat(action, message);
    if (action === "new") emit("arrived", message);
  },
  "sandbox.chat": ({ chat }) => {
    store.chats.set(chat.id, chat);
    emit("chats");
  },
  "sandbox.view": ({ view }) => emit("view", view),
  "sandbox.view_closed": ({ id }) => emit("view-closed", id),
  "sandbox.trace": ({ message_id: id }) => emit("trace", id),
};

function takeIn(timeline, action, message) {
  timeline.meanwhile.push([action, message]);
  if (action === "delete") return timeline.remove(message.id);
  const unseen =
    document.visibilityState === "hidden" && action === "new" && message.user_id !== store.me.id;
  if (unseen) timeline.newFrom ??= message.id;
  return timeline.put(message);
}

function touchChat(action, message) {
  const chat = store.chats.get(message.chat_id);
  if (!chat) return;
  const isLast = action === "new" || chat.last_message?.id === message.id;
  if (!isLast) return;
  if (action === "delete") return void loadState().catch(() => {});
  const unread = chat.unread + (action === "new" && message.user_id !== store.me.id ? 1 : 0);
  const lastAt = action === "new" ? message.created_at : chat.last_message_at;
  store.chats.set(chat.id, { ...chat, unread, last_message: message, last_message_at: lastAt });
  emit("chats");
}
