/** The trace of a message: webhooks, responses, and API calls by bots. */
import { api } from "../api.js";
import { byId, h, icon, reconcile } from "../dom.js";
import { t, timeOf } from "../i18n.js";
import { gist, isMine } from "../messages/message.js";
import { showTab } from "./pane.js";
import { on, store, timelineOf } from "../store.js";

const SETTLE = 300;
const NEAR_END = 60;
let shownId = null;
let followsLast = true;
let timer = 0;
let request = 0;

export function startTrace() {
  const panel = byId("panel-trace");
  const head = h("div", { class: "trace-head" });
  const steps = h("ol", { class: "plain steps" });
  const note = h("div", { class: "pane-note" });
  panel.append(head, steps, note);

  async function load() {
    const mine = ++request;
    try {
      const trace = await api.trace(shownId);
      if (mine === request) draw(trace);
    } catch (error) {
      if (mine === request)
        note.replaceChildren(h("p", { class: "trouble", role: "alert" }, error.message));
    }
  }

  /** Keeps the newest step selected if it was selected. */
  function draw(trace) {
    const atEnd =
      followsLast && panel.scrollHeight - panel.scrollTop - panel.clientHeight < NEAR_END;
    reconcile(steps, stepsOf(trace));
    if (atEnd) panel.scrollTop = panel.scrollHeight;
    note.replaceChildren(...(trace.events.length || trace.calls.length ? [] : [emptyNote()]));
  }

  function show(id) {
    if (id !== shownId) steps.replaceChildren();
    shownId = id;
    drawHead();
    void load();
  }

  function drawHead() {
    const message = [...store.timelines.values()]
      .map((timeline) => timeline.find(shownId))
      .find(Boolean);
    const follow =
      !followsLast &&
      h("button", { type: "button", class: "link", onclick: followLast }, t("followLast"));
    head.replaceChildren(
      h("p", { class: "quiet" }, followsLast ? t("lastOfYours") : t("chosenMessage"), " ", follow),
      message ? h("blockquote", null, gist(message)) : "",
    );
  }

  function followLast() {
    followsLast = true;
    const timeline = timelineOf(store.openChatId);
    const last = timeline.sent.findLast(isMine);
    if (last) return show(last.id);
    shownId = null;
    steps.replaceChildren();
    head.replaceChildren();
    return note.replaceChildren(timeline.status === "ready" ? emptyNote() : "");
  }

  on("show-trace", (id) => {
    followsLast = false;
    showTab("trace");
    show(id);
  });
  on("trace", (id) => {
    if (id !== shownId) return;
    clearTimeout(timer);
    timer = setTimeout(load, SETTLE);
  });
  on("open", followLast);
  for (const done of ["loaded", "sent"]) on(done, () => followsLast && followLast());
  on("pressed", (message) => followsLast && show(message.id));
}

const emptyNote = () =>
  h(
    "div",
    { class: "welcome small" },
    icon("trace"),
    h("p", null, t("noTrace")),
    h("p", { class: "quiet" }, t("noTraceHow")),
  );

function stepsOf({ events, calls }) {
  const webhooks = events.map((event) => ({
    at: event.attempts[0]?.at ?? "",
    key: `event-${event.id}`,
    version: JSON.stringify(event),
    render: () => webhookStep(event),
  }));
  const requests = calls.map((call, index) => ({
    at: call.at,
    key: `call-${index}-${call.at}`,
    version: `${call.status}-${call.ms}`,
    render: () => callStep(call),
  }));
  // Events that are not sent yet have no time and come last; calls are sorted by time.
  return [...webhooks, ...requests].sort((one, other) =>
    (one.at || "9").localeCompare(other.at || "9"),
  );
}

function webhookStep({ event_type: type, bot, payload, attempts, state, failure }) {
  const last = attempts.at(-1);
  return h(
    "li",
    { class: "step webhook" },
    h(
      "div",
      { class: "step-head" },
      h("span", { class: "direction", title: t("webhookTo") }, "→"),
      h("strong", null, type),
      statusPill(last, state),
      last && duration(last.ms),
    ),
    h(
      "p",
      { class: "quiet" },
      t("webhookToBot", { name: bot.name }),
      attempts.length > 1 && ` · ${t("attempts", { count: attempts.length })}`,
      last?.at && ` · ${timeOf(last.at)}`,
    ),
    fold(
      "payload",
      t("payload"),
      h("div", null, h("p", { class: "code-note" }, "Pachca-Signature: ••••••••"), json(payload)),
    ),
    attempts.map((attempt, index) => attemptPart(attempt, index, attempts.length)),
    failure && failurePart(failure),
  );
}

/** The last line of a traceback is its summary. */
function failurePart({ error, handler, is_final: isFinal }) {
  const last = error.trim().split("\n").at(-1);
  return h(
    "div",
    { class: "failure" },
    h(
      "p",
      { class: "trouble" },
      handler ? t("handlerFailed", { handler }) : t("handlerFailedUnnamed"),
      ` ${isFinal ? t("handlerGivenUp") : t("handlerTriedAgain")}`,
    ),
    fold("traceback", last, h("pre", { class: "json", tabindex: 0 }, error)),
  );
}

function attemptPart({ at, status, ms, error, answer }, index, count) {
  const title = count > 1 ? t("attemptAt", { number: index + 1, time: timeOf(at) }) : t("answer");
  const summary = h(
    "span",
    null,
    title,
    " ",
    count > 1 && [statusPill({ status, error }), " ", duration(ms)],
  );
  if (error && !answer) return h("p", { class: "trouble" }, count > 1 && `${title}: `, error);
  return fold(
    `answer-${index}`,
    summary,
    answer ? json(answer) : h("p", { class: "quiet" }, t("emptyAnswer")),
  );
}

function callStep({ bot, method, path, status, ms, request: sent, response, at }) {
  const name = typeof bot === "string" ? bot : bot?.name;
  return h(
    "li",
    { class: "step call" },
    h(
      "div",
      { class: "step-head" },
      h("span", { class: "direction", title: t("callBy") }, "←"),
      h("strong", { class: `method ${method.toLowerCase()}` }, method),
      h("code", { class: "path" }, path),
      statusPill({ status }),
      duration(ms),
    ),
    h("p", { class: "quiet" }, t("callByBot", { name: name ?? "" }), ` · ${timeOf(at)}`),
    sent != null && sent !== "" && fold("request", t("request"), json(sent)),
    response != null && response !== "" && fold("response", t("response"), json(response)),
  );
}

function statusPill(attempt, state) {
  if (attempt?.status)
    return h(
      "span",
      { class: `status ${attempt.status < 400 ? "good" : "bad"}` },
      String(attempt.status),
    );
  if (attempt?.error) return h("span", { class: "status bad" }, t("failed"));
  return h("span", { class: "status waiting" }, state === "failed" ? t("failed") : t("waiting"));
}

const duration = (ms) =>
  ms != null && h("span", { class: "ms" }, t("ms", { count: Math.round(ms * 10) / 10 }));

const fold = (part, title, content) =>
  h(
    "details",
    { "data-part": part },
    h("summary", { "data-part": `${part}-summary` }, title),
    content,
  );

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON with syntax highlighting; other text unchanged. */
function json(value) {
  const element = h("pre", { class: "json", tabindex: 0 });
  const parsed = typeof value === "string" ? parse(value) : value;
  if (typeof parsed === "string") return h("pre", { class: "json", tabindex: 0 }, parsed);
  const text = JSON.stringify(parsed, null, 2);
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [token, string, colon, word] = match;
    const kind = string ? (colon ? "key" : "string") : word ? "word" : "number";
    element.append(
      text.slice(at, match.index),
      h("span", { class: `json-${kind}` }, string ?? token),
      colon ?? "",
    );
    at = match.index + token.length;
  }
  element.append(text.slice(at));
  return element;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
