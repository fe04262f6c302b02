/** Plays the speech of tweets, one at a time. */

let playing = null;

class Reading {
  constructor(link) {
    this.link = link;
    this.audio = new Audio(link.href);
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.draw());
    this.audio.addEventListener("playing", () => link.removeAttribute("aria-busy"));
    this.audio.addEventListener("error", () => this.fail());
  }

  toggle() {
    if (!this.audio.paused) return this.audio.pause();
    this.link.setAttribute("aria-busy", "true");
    return this.audio.play().catch(() => this.fail());
  }

  draw() {
    this.link.setAttribute("aria-pressed", String(!this.audio.paused));
  }

  fail() {
    this.link.removeAttribute("aria-busy");
    this.draw();
    document.dispatchEvent(new CustomEvent("htmx:sendError"));
  }
}

export function listenToTweets() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.listen");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (playing?.link !== link) {
      playing?.audio.pause();
      playing = new Reading(link);
    }
    playing.toggle();
  });
}
