/** Calls to the sandbox: the emulated API and the page's own endpoints. */
import { t } from "./i18n.js";

const BASE = location.pathname.replace(/[^/]*$/, "");
let token = "";

export const speakAs = (personToken) => (token = personToken);

/** An error with a message for users. */
export class CallFailed extends Error {
  constructor(message, status = 0, answer = null) {
    super(message);
    this.status = status;
    this.answer = answer;
  }
}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers: headersFor(method, body),
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new CallFailed(t("unreachable"));
  }
  const answer = await answerOf(response);
  if (!response.ok) throw new CallFailed(wordsFor(response, answer), response.status, answer);
  return answer;
}

function headersFor(method, body) {
  const headers = { Accept: "application/json", Authorization: `Bearer ${token}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  return headers;
}

const csrfToken = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

async function answerOf(response) {
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return text;
  }
}

function wordsFor(response, answer) {
  if (Array.isArray(answer?.errors)) return answer.errors.map((error) => error.message).join("; ");
  if (answer?.error_description) return answer.error_description;
  if (response.status === 429)
    return t("tooMany", { seconds: response.headers.get("Retry-After") ?? 1 });
  if (response.status >= 500) return t("serverFailed", { status: response.status });
  return t("refused", { status: response.status });
}

const official = (path) => `api/shared/v1/${path}`;
const data = (answer) => answer.data;

export const api = {
  state: () => call("GET", "state"),
  messages: (chatId, before) =>
    call("GET", `chats/${chatId}/messages?limit=50${before ? `&before=${before}` : ""}`),
  read: (chatId) => call("POST", `chats/${chatId}/read`),
  direct: (userId) => call("POST", `direct/${userId}`),
  click: (messageId, value) => call("POST", `messages/${messageId}/click`, { data: value }),
  submitView: (viewId, values) => call("POST", `views/${viewId}/submit`, { data: values }),
  closeView: (viewId) => call("POST", `views/${viewId}/close`),
  trace: (messageId) => call("GET", `messages/${messageId}/trace`),
  faults: () => call("GET", "faults"),
  setFaults: (faults) => call("PUT", "faults", faults),
  resetFaults: () => call("DELETE", "faults"),

  message: (id) => call("GET", official(`messages/${id}`)).then(data),
  send: (message) => call("POST", official("messages"), { message }).then(data),
  edit: (id, message) => call("PUT", official(`messages/${id}`), { message }).then(data),
  remove: (id) => call("DELETE", official(`messages/${id}`)),
  pin: (id) => call("POST", official(`messages/${id}/pin`)),
  unpin: (id) => call("DELETE", official(`messages/${id}/pin`)),
  react: (id, code) => call("POST", official(`messages/${id}/reactions`), { code }),
  unreact: (id, code) =>
    call("DELETE", official(`messages/${id}/reactions?code=${encodeURIComponent(code)}`)),
  thread: (id) => call("POST", official(`messages/${id}/thread`)).then(data),
  uploadForm: () => call("POST", official("uploads")),
};

/**
 * Uploads as the messenger's clients do: request the form fields, then post the file with them.
 * @param {File} file
 * @param {(part: number) => void} onprogress from 0 to 1
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} the key to name in a message
 */
export async function upload(file, onprogress, signal) {
  const { direct_url: address, ...fields } = await api.uploadForm();
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file, file.name);
  await postForm(localAddress(address), form, onprogress, signal);
  // eslint-disable-next-line no-template-curly-in-string -- S3's placeholder, not ours
  return fields.key.replace("${filename}", file.name);
}

function postForm(address, form, onprogress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = (event) => onprogress(event.loaded / event.total);
    request.onload = () =>
      request.status < 300
        ? resolve()
        : reject(new CallFailed(t("uploadFailed", { status: request.status })));
    request.onerror = () => reject(new CallFailed(t("unreachable")));
    request.onabort = () => reject(new CallFailed(t("cancelled")));
    signal?.addEventListener("abort", () => request.abort());
    request.open("POST", address);
    request.send(form);
  });
}

/** The configured host may differ from the one in the address bar (localhost, 127.0.0.1). */
export function localAddress(address) {
  const url = new URL(address, location.href);
  return url.pathname.startsWith(BASE) ? url.pathname + url.search : address;
}

/** The URL of a stored file, for elements that cannot send headers. */
export function fileAddress(file) {
  if (file.url.startsWith("blob:")) return file.url;
  const url = new URL(localAddress(file.url), location.href);
  if (url.origin === location.origin && !url.searchParams.has("token"))
    url.searchParams.set("token", token);
  return url.href;
}
