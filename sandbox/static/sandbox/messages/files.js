/** Files: rendering in messages, and uploading. */
import { fileAddress, upload } from "../api.js";
import { h, icon } from "../dom.js";
import { sizeOf, t } from "../i18n.js";
import { voicePlayer } from "./voice.js";

const LARGEST_PREVIEW = 340;

/** @param {any} message @param {string} place distinguishes copies of a message on the page */
export function filesOf(message, place) {
  if (!message.files?.length) return null;
  return h(
    "div",
    { class: "files" },
    message.files.map((file) => fileElement(file, message, place)),
  );
}

function fileElement(file, message, place) {
  if (file.file_type === "voice" && message.voice_content)
    return voicePlayer(file, message.voice_content, place);
  if (file.file_type === "image") return imageElement(file);
  if (file.file_type === "audio")
    return h(
      "figure",
      { class: "audio" },
      h("figcaption", null, file.name),
      h("audio", { controls: true, preload: "none", src: fileAddress(file) }),
    );
  return download(file);
}

/** Reserves the space of a picture before it is loaded, to avoid layout shifts. */
function imageElement(file) {
  const image = h("img", {
    src: fileAddress(file),
    alt: file.name,
    loading: "lazy",
    decoding: "async",
  });
  if (file.width && file.height) {
    const scale = Math.min(1, LARGEST_PREVIEW / file.width, LARGEST_PREVIEW / file.height);
    image.width = Math.round(file.width * scale);
    image.height = Math.round(file.height * scale);
  }
  return h(
    "a",
    { class: "picture", href: fileAddress(file), target: "_blank", rel: "noopener" },
    image,
  );
}

function download(file) {
  return h(
    "a",
    {
      class: "download",
      href: fileAddress(file),
      download: file.name,
      "aria-label": t("download", { name: file.name }),
    },
    h("span", { class: "download-icon" }, icon("file")),
    h(
      "span",
      { class: "download-text" },
      h("strong", null, file.name),
      file.size && h("small", null, sizeOf(file.size)),
    ),
  );
}

/** The file type in Pachca's terms. */
const kindOf = (file) =>
  /^image\/(png|jpeg|gif|webp|avif|bmp)/.test(file.type)
    ? "image"
    : /^audio\//.test(file.type)
      ? "audio"
      : "file";

/**
 * A chosen file: its upload starts immediately.
 * @param {File} file
 * @param {{changed?: () => void, extra?: object}} [setting]
 */
export function outgoingFile(file, { changed = () => {}, extra = {} } = {}) {
  const url = URL.createObjectURL(file);
  const shown = { id: 0, name: file.name, size: file.size, file_type: kindOf(file), url, ...extra };
  const cancel = new AbortController();
  const measured = shown.file_type === "image" ? measure(url) : Promise.resolve({});
  const outgoing = { file, shown, progress: 0, error: "", cancel: () => cancel.abort(), uploaded };
  let attempt = null;

  async function run() {
    const key = await upload(file, progressed, cancel.signal);
    Object.assign(shown, await measured);
    const { name, size, file_type, width, height } = shown;
    return { key, name, size, file_type, ...(width && { width, height }), ...extra };
  }

  function progressed(part) {
    outgoing.progress = part;
    changed();
  }

  /** Returns the running upload, or retries a failed one. */
  function uploaded() {
    attempt ??= run().catch((error) => {
      attempt = null;
      outgoing.error = error.message;
      changed();
      throw error;
    });
    return attempt;
  }

  uploaded().then(
    () => progressed(1),
    () => {},
  );
  return outgoing;
}

async function measure(url) {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    return { width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    return {};
  }
}
