// Images of grey values, in which ink is 1: read from files, and drawn in the page's ink.

/** The grey values of an image file at a size, or null if this browser cannot read it. */
async function greyOf(file, { width, length }) {
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return null;
  }
  const canvas = element("canvas", { width, height: length }), pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, length);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, width, length);
  const { data } = pen.getImageData(0, 0, width, length);
  const grey = Float32Array.from({ length: width * length }, (_, i) => (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 765);
  const edges = Array.from(grey).filter((_, i) => i < width || i >= width * (length - 1));
  return average(edges) > 0.5 ? grey.map((one) => 1 - one) : grey;
}

/** Draw (T D) grey values at a place, `wide` and `high`, next to what is drawn already. */
function drawGrey(pen, values, { width, length }, left, top, wide, high, strength = 1) {
  const tile = element("canvas", { width, height: length }), image = new ImageData(width, length), ink = colour("--ink");
  for (let i = 0; i < width * length; i++) image.data.set([...ink, 255 * strength * Math.min(Math.max(values[i], 0), 1)], 4 * i);
  tile.getContext("2d").putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(tile, left, top, wide, high);
}

/** Draw them on a canvas of their own, which has a pixel for each. */
function showGrey(canvas, values, size) {
  [canvas.width, canvas.height] = [size.width, size.length];
  drawGrey(canvas.getContext("2d"), values, size, 0, 0, size.width, size.length);
}
