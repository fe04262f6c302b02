/** A player with a waveform, in place of the browser's own controls. */

const BARS = 56;
const HEIGHT = 32;
const SPEEDS = [1, 1.25, 1.5, 2, 0.75];
const SVG = "http://www.w3.org/2000/svg";
const PLAY = "M8 5v14l11-7z";
const PAUSE = "M6 5h4v14H6zm8 0h4v14h-4z";

let playing = null;

/**
 * Put a player around an audio element; once.
 * @param {HTMLAudioElement} audio with `data-waveform` ("4,8,12") and `data-duration` (seconds)
 * @param {{play: string, pause: string, position: string, speed: string, broken: string}} words
 */
export function enhance(audio, words) {
  if (audio.parentElement.classList.contains("player")) return;
  new Player(audio, words);
}

class Player {
  constructor(audio, words) {
    this.audio = audio;
    this.words = words;
    this.length = Number(audio.dataset.duration);
    this.bars = heights(audio.dataset.waveform).map(bar);
    this.build();
    for (const name of ["play", "pause", "ended", "timeupdate", "ratechange"])
      audio.addEventListener(name, () => this.draw());
    audio.addEventListener("error", () => this.fail());
    this.draw();
  }

  build() {
    this.button = element("button", { type: "button", class: "player-play" });
    this.button.addEventListener("click", () => this.toggle());
    this.wave = element("div", { class: "player-wave", role: "slider", tabindex: 0, "aria-label": this.words.position, "aria-valuemin": 0 });
    this.wave.append(picture({ viewBox: `0 0 ${BARS * 5} ${HEIGHT}`, preserveAspectRatio: "none" }, this.bars));
    this.wave.addEventListener("click", (event) => this.seekTo(event));
    this.wave.addEventListener("keydown", (event) => this.seekBy(event));
    this.time = element("span", { class: "player-time" });
    this.speed = element("button", { type: "button", class: "player-speed" });
    this.speed.addEventListener("click", () => this.faster());
    const box = element("div", { class: "player" });
    this.audio.replaceWith(box);
    this.audio.controls = false;
    box.append(this.button, this.wave, this.time, this.speed, this.audio);
  }

  toggle() {
    if (!this.audio.paused) return this.audio.pause();
    if (playing && playing !== this) playing.audio.pause();
    playing = this;
    return this.audio.play().catch(() => this.fail());
  }

  faster() {
    this.audio.playbackRate = SPEEDS[(SPEEDS.indexOf(this.audio.playbackRate) + 1) % SPEEDS.length];
  }

  seekTo(event) {
    const box = this.wave.getBoundingClientRect();
    this.seek(((event.clientX - box.left) / box.width) * this.length);
  }

  seekBy(event) {
    if (event.key === " ") this.toggle();
    const step = { ArrowLeft: -2, ArrowRight: 2, " ": 0 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    if (step) this.seek(this.audio.currentTime + step);
  }

  seek(seconds) {
    this.audio.currentTime = Math.min(Math.max(seconds, 0), this.length);
    this.draw();
  }

  draw() {
    const { paused, ended, currentTime, playbackRate } = this.audio;
    const at = ended ? 0 : currentTime;
    const isIdle = paused && !at;
    this.button.replaceChildren(picture({ viewBox: "0 0 24 24" }, [shape("path", { d: paused ? PLAY : PAUSE })]));
    this.button.setAttribute("aria-label", paused ? this.words.play : this.words.pause);
    this.time.textContent = clock(isIdle ? this.length : at);
    this.speed.textContent = `${playbackRate}×`;
    this.speed.setAttribute("aria-label", `${this.words.speed}: ${playbackRate}`);
    this.wave.setAttribute("aria-valuemax", Math.round(this.length));
    this.wave.setAttribute("aria-valuenow", Math.round(at));
    this.wave.setAttribute("aria-valuetext", clock(at));
    this.bars.forEach((each, index) => each.classList.toggle("played", !isIdle && index / BARS < at / this.length));
  }

  fail() {
    this.time.textContent = this.words.broken;
  }
}

/** @param {string} waveform amplitudes such as "4,8,12" → BARS numbers from 0 to 1 */
function heights(waveform) {
  const values = waveform.split(",").map(Number);
  const top = Math.max(...values, 1);
  return Array.from({ length: BARS }, (_, index) => (values[Math.floor((index * values.length) / BARS)] || 0) / top);
}

function bar(height, index) {
  const tall = Math.max(3, height * HEIGHT);
  return shape("rect", { x: index * 5 + 1, y: (HEIGHT - tall) / 2, width: 3, height: tall, rx: 1.5 });
}

function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function element(name, attributes) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function picture(attributes, parts) {
  const made = shape("svg", { ...attributes, "aria-hidden": "true" });
  made.append(...parts);
  return made;
}
