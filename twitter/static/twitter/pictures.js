/** Pictures of a new tweet: chosen, dragged or pasted, uploaded immediately, described. */

export class Pictures {
  #coming = 0;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.list = form.querySelector(".pictures");
    this.fault = form.querySelector(".compose-fault");
    this.button = form.querySelector(".button");
    const input = form.querySelector("input[type=file]");
    input.addEventListener("change", () => {
      this.add(input.files);
      input.value = "";
    });
    form.addEventListener("paste", (event) => this.#take(event, event.clipboardData.files));
    form.addEventListener("dragover", (event) => {
      event.preventDefault();
      form.classList.add("dragged");
    });
    form.addEventListener("dragleave", () => form.classList.remove("dragged"));
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      form.classList.remove("dragged");
      this.add(event.dataTransfer.files);
    });
  }

  get areComing() {
    return this.#coming > 0;
  }

  /** @param {Iterable<File>} files */
  add(files) {
    this.fault.textContent = "";
    for (const file of files) this.#upload(file);
  }

  clear() {
    for (const image of this.list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.list.replaceChildren();
    this.list.hidden = true;
  }

  #take(event, files) {
    if (!files.length) return;
    event.preventDefault();
    this.add(files);
  }

  #upload(file) {
    const { item, progress } = this.#preview(file);
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    request.open("POST", this.form.dataset.media);
    request.setRequestHeader("X-CSRFToken", this.form.elements["csrfmiddlewaretoken"].value);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => (progress.value = loaded / total);
    request.onload = () => {
      if (request.response?.result) this.#describe(item, progress, request.response);
      else this.#refuse(item, request.response?.error_message);
    };
    request.onerror = () => this.#refuse(item);
    request.onloadend = () => this.#count(-1);
    this.#count(1);
    request.send(body);
    item.querySelector("button").addEventListener("click", () => {
      request.abort();
      this.#remove(item);
    });
  }

  #count(change) {
    this.#coming += change;
    this.button.disabled = this.areComing;
  }

  #preview(file) {
    const item = document.createElement("li");
    const image = Object.assign(document.createElement("img"), { src: URL.createObjectURL(file), alt: file.name });
    const progress = Object.assign(document.createElement("progress"), { max: 1, value: 0, ariaLabel: file.name });
    const remove = Object.assign(document.createElement("button"), {
      type: "button",
      textContent: "✕",
      ariaLabel: this.form.dataset.remove,
    });
    item.append(image, remove, progress);
    this.list.append(item);
    this.list.hidden = false;
    return { item, progress };
  }

  #describe(item, progress, { media_id: id, url }) {
    const image = item.querySelector("img");
    if (!image.naturalWidth) {
      // Most browsers cannot display HEIC: use the converted picture.
      URL.revokeObjectURL(image.src);
      image.src = url;
    }
    const media = Object.assign(document.createElement("input"), { type: "hidden", name: "media", value: id });
    const about = Object.assign(document.createElement("input"), {
      name: `alt-${id}`,
      maxLength: 1000,
      placeholder: this.form.dataset.about,
      ariaLabel: this.form.dataset.about,
    });
    progress.replaceWith(media, about);
  }

  #refuse(item, why) {
    const message = `${item.querySelector("img").alt}: ${why ?? this.form.dataset.failed}`;
    this.fault.textContent = `${this.fault.textContent} ${message}`.trim();
    this.#remove(item);
  }

  #remove(item) {
    URL.revokeObjectURL(item.querySelector("img").src);
    item.remove();
    this.list.hidden = !this.list.children.length;
  }
}
