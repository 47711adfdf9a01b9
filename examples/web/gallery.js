// Shows the photos of a document of `pixelater preview`, each behind its placeholder.

const gallery = document.querySelector(".gallery");
const status = document.querySelector("#status");

// The placeholder is the background of the photo, so the browser paints it at once, and the photo
// covers it. The size is known from the start, so nothing moves.
function makeImage(photo, base) {
  const image = new Image(photo.width, photo.height);
  image.loading = "lazy";
  image.decoding = "async";
  image.alt = photo.photo.split("/").at(-1).replace(/\.\w+$/, "").replace(/[-_]+/g, " ");
  image.style.background = photo.data_uri
    ? `${photo.dominant_color} url(${photo.data_uri}) center / cover no-repeat`
    : photo.dominant_color;
  if (photo.has_alpha) image.addEventListener("load", () => image.style.background = "none");
  image.src = locate(photo.photo, base);
  return image;
}

function makeLink(photo, base) {
  const link = document.createElement("a");
  link.href = locate(photo.photo, base);
  link.style.setProperty("--shape", photo.width / photo.height);
  link.append(makeImage(photo, base));
  return link;
}

function locate(path, base) {
  return new URL(path.split("/").map(encodeURIComponent).join("/"), base).href;
}

async function show() {
  const response = await fetch(gallery.dataset.previews);
  if (!response.ok) throw new Error(`${gallery.dataset.previews}: status ${response.status}`);
  const {photos} = await response.json();
  const base = new URL(gallery.dataset.photos, document.baseURI);
  const shown = photos.filter((photo) => !photo.error);
  gallery.replaceChildren(...shown.map((photo) => makeLink(photo, base)));
  status.textContent = shown.length === 1 ? "1 photo" : `${shown.length} photos`;
}

show().catch((error) => {
  status.textContent = `The photos cannot be shown: ${error.message}`;
});
