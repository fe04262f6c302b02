/** The bar in the composer while a voice message is recorded. */
import { h, iconButton } from "../dom.js";
import { outgoingFile } from "./files.js";
import { lengthOf, t } from "../i18n.js";
import { record } from "./voice.js";

const REFRESH = 100;

export class RecordingBar {
  /** @param {{finished: (outgoing: object, voice: object) => void, ended: () => void}} callbacks */
  constructor(callbacks) {
    this.callbacks = callbacks;
    this.clock = h("span", { class: "voice-time", role: "timer" });
    this.level = h("meter", { min: 0, max: 1, "aria-label": t("loudness") });
    const cancel = { type: "button", class: "link", onclick: () => this.cancel() };
    this.sendButton = iconButton("send", t("sendVoice"), () => this.finish(), { class: "send" });
    this.element = h(
      "div",
      { class: "recording", hidden: true },
      h("span", { class: "dot", "aria-hidden": "true" }),
      this.clock,
      this.level,
      h("button", cancel, t("cancel")),
      this.sendButton,
    );
  }

  /** Rejects if there is no microphone. */
  async start() {
    this.recorder = await record();
    this.element.hidden = false;
    this.ticking = setInterval(() => this.tick(), REFRESH);
    this.tick();
    this.sendButton.focus();
  }

  tick() {
    this.clock.textContent = lengthOf(this.recorder.elapsed());
    this.level.value = this.recorder.level();
  }

  cancel() {
    this.recorder.cancel();
    this.end();
  }

  async finish() {
    const { file, voice } = await this.recorder.finish();
    const { duration_ms, waveform } = voice;
    const outgoing = outgoingFile(file, { extra: { file_type: "voice", duration_ms, waveform } });
    this.end();
    this.callbacks.finished(outgoing, voice);
  }

  end() {
    clearInterval(this.ticking);
    this.element.hidden = true;
    this.callbacks.ended();
  }
}
