/** Voice messages: a player with a waveform, and a recorder. */
import { fileAddress } from "../api.js";
import { h, icon, svg } from "../dom.js";
import { lengthOf, t } from "../i18n.js";

const BARS = 44;
const SPEEDS = [1, 1.5, 2];
const HEIGHT = 28;
const players = new Map();
let playing = null;

/** One player per file and place, so that playback continues when a message is rendered again. */
export function voicePlayer(file, voice, place) {
  const key = `${place} ${file.key ?? file.url}`;
  if (!players.has(key)) players.set(key, new Player(file, voice));
  return players.get(key).withTranscript(voice.transcript);
}

class Player {
  constructor(file, voice) {
    this.audio = new Audio();
    this.audio.preload = "none";
    this.audio.src = fileAddress(file);
    this.length = voice.duration_ms;
    this.bars = heights(voice.waveform).map(bar);
    this.build();
    for (const name of ["play", "pause", "ended", "timeupdate"])
      this.audio.addEventListener(name, () => this.draw());
    this.audio.addEventListener("error", () => this.fail());
    this.draw();
  }

  build() {
    this.button = h("button", {
      type: "button",
      class: "round",
      "data-part": "play",
      onclick: () => this.toggle(),
    });
    const picture = svg(
      "svg",
      { viewBox: `0 0 ${BARS * 5} ${HEIGHT}`, "aria-hidden": "true", preserveAspectRatio: "none" },
      ...this.bars,
    );
    this.wave = h(
      "div",
      {
        class: "wave",
        role: "slider",
        tabindex: 0,
        "data-part": "wave",
        "aria-label": t("position"),
        "aria-valuemin": 0,
        onclick: (event) => this.seekTo(event),
        onkeydown: (event) => this.seekBy(event),
      },
      picture,
    );
    this.time = h("span", { class: "voice-time" });
    this.speed = h(
      "button",
      { type: "button", class: "speed", "data-part": "speed", onclick: () => this.faster() },
      "1×",
    );
    this.transcript = h("p", { class: "transcript" });
    this.element = h(
      "div",
      { class: "voice", role: "group", "aria-label": t("voiceMessage") },
      this.button,
      this.wave,
      this.time,
      this.speed,
      this.transcript,
    );
  }

  withTranscript(text) {
    this.transcript.textContent = text ?? "";
    this.transcript.hidden = !text;
    return this.element;
  }

  toggle() {
    if (!this.audio.paused) return this.audio.pause();
    if (playing && playing !== this) playing.audio.pause();
    playing = this;
    return this.audio.play().catch(() => this.fail());
  }

  faster() {
    this.audio.playbackRate = SPEEDS[(SPEEDS.indexOf(this.audio.playbackRate) + 1) % SPEEDS.length];
    this.draw();
  }

  seekTo(event) {
    const box = this.wave.getBoundingClientRect();
    this.seek(((event.clientX - box.left) / box.width) * this.length);
  }

  seekBy(event) {
    const step = { ArrowLeft: -2000, ArrowRight: 2000 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.seek(this.audio.currentTime * 1000 + step);
  }

  seek(milliseconds) {
    this.audio.currentTime = Math.min(Math.max(milliseconds, 0), this.length) / 1000;
    this.draw();
  }

  draw() {
    const { paused, ended, currentTime, playbackRate } = this.audio;
    const at = ended ? 0 : currentTime * 1000;
    const idle = paused && !at;
    this.button.replaceChildren(icon(paused ? "play" : "pause"));
    this.button.setAttribute("aria-label", paused ? t("play") : t("pause"));
    this.time.textContent = lengthOf(idle ? this.length : at);
    this.speed.textContent = `${playbackRate}×`;
    this.speed.setAttribute("aria-label", t("speed", { rate: playbackRate }));
    this.wave.setAttribute("aria-valuemax", String(Math.round(this.length / 1000)));
    this.wave.setAttribute("aria-valuenow", String(Math.round(at / 1000)));
    this.wave.setAttribute("aria-valuetext", lengthOf(at));
    this.bars.forEach((each, index) =>
      each.classList.toggle("played", !idle && index / BARS < at / this.length),
    );
  }

  fail() {
    this.time.textContent = t("notPlayable");
    this.element.classList.add("broken");
  }
}

/** @param {string} waveform amplitudes such as "4,8,12" → BARS numbers from 0 to 1 */
function heights(waveform) {
  const values = waveform
    .split(",")
    .map(Number)
    .filter((value) => value >= 0);
  const top = Math.max(...values, 1);
  return Array.from(
    { length: BARS },
    (_, index) => (values[Math.floor((index * values.length) / BARS)] ?? 0) / top,
  );
}

function bar(height, index) {
  const tall = Math.max(3, height * HEIGHT);
  return svg("rect", { x: index * 5 + 1, y: (HEIGHT - tall) / 2, width: 3, height: tall, rx: 1.5 });
}

export const canRecord = () =>
  Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

const TYPES = ["audio/mp4", "audio/webm;codecs=opus", "audio/ogg;codecs=opus"];
const ENDINGS = { "audio/mp4": "m4a", "audio/webm": "webm", "audio/ogg": "ogg" };
const POINTS = 64;

/** Records from the microphone until `finish` (a voice file) or `cancel`. */
export async function record() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream, {
    mimeType: TYPES.find((type) => MediaRecorder.isTypeSupported(type)),
  });
  const parts = [];
  const loudness = meter(stream);
  const started = performance.now();
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.start();

  function release() {
    loudness.stop();
    for (const track of stream.getTracks()) track.stop();
  }

  async function finish() {
    const duration = Math.max(1, Math.round(performance.now() - started));
    await new Promise((resolve) => {
      recorder.onstop = resolve;
      recorder.stop();
    });
    release();
    const type = recorder.mimeType.split(";")[0];
    const file = new File(parts, `voice.${ENDINGS[type] ?? "webm"}`, { type });
    return {
      file,
      voice: { duration_ms: duration, waveform: loudness.waveform(), transcript: null },
    };
  }

  function cancel() {
    recorder.stop();
    release();
  }

  return { finish, cancel, elapsed: () => performance.now() - started, level: loudness.level };
}

function meter(stream) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const levels = [];
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    levels.push(Math.max(...samples.map(Math.abs)));
  }, 50);
  return {
    level: () => levels.at(-1) ?? 0,
    waveform: () => compress(levels),
    stop() {
      clearInterval(timer);
      void context.close();
    },
  };
}

/** At most POINTS numbers from 0 to 99: short enough for the 256 characters of the API. */
function compress(levels) {
  const count = Math.min(POINTS, Math.max(levels.length, 1));
  const points = Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * levels.length) / count);
    const part = levels.slice(
      from,
      Math.max(from + 1, Math.floor(((index + 1) * levels.length) / count)),
    );
    return Math.round(Math.min(1, Math.max(0, ...part)) * 99);
  });
  return points.join(",");
}
