/** Full-size pictures in an overlay; arrow keys show the others of the tweet. */

const viewer = document.getElementById("viewer");
const image = viewer.querySelector("img");
const words = viewer.querySelector("p");

let shown = null;

export function showPictures() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".media a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link);
    viewer.showModal();
  });
  viewer.addEventListener("click", () => viewer.close());
  viewer.addEventListener("keydown", (event) => {
    const next = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[event.key];
    if (next && shown[next]) show(shown[next]);
  });
}

function show(link) {
  const { alt } = link.firstElementChild;
  shown = link;
  image.src = link.href;
  image.alt = alt;
  words.textContent = link.dataset.described === undefined ? "" : alt;
}
