// Enlarging images: by a network that adds to pixels, and by bicubic interpolation. Images are (T D) grey values.

class Upscaler {
  constructor({ network, factor }, { length, features }) {
    Object.assign(this, { factor, network: new Network(network), size: { length, width: features } });
    this.large = { length: factor * length, width: factor * features };
  }

  /** (f T f D): the network's answer for a row is added to the row's pixels, repeated. */
  enlarged(image) {
    const { factor, size: { width } } = this, wide = factor * width;
    const details = this.network.run({ ...this.size, values: Float32Array.from(image) }).values;
    return Float64Array.from(details, (one, i) => {
      const row = Math.floor(i / (factor * wide)), column = Math.floor((i % wide) / factor);
      return Math.fround(image[row * width + column] + one);
    });
  }

  /** The same by cubic splines through the pixels, each taken as a square: the baseline of training. */
  interpolated(image) {
    const { factor, size, large } = this, lines = (values, width) =>
      Array.from({ length: values.length / width }, (_, i) => splined(values.slice(i * width, (i + 1) * width), factor));
    const turned = (values, width) => Float64Array.from(values, (_, i) => values[(i % (values.length / width)) * width + Math.floor(i / (values.length / width))]);
    const wide = Float64Array.from(lines(Float64Array.from(image), size.width).flatMap((one) => [...one]));
    const high = Float64Array.from(lines(turned(wide, large.width), size.length).flatMap((one) => [...one]));
    return turned(high, large.length);
  }

  /** The small image of a large one: each pixel is the mean of a square. */
  shrunk(image) {
    const { factor, size, large } = this;
    return Float64Array.from({ length: size.length * size.width }, (_, i) => {
      const row = Math.floor(i / size.width) * factor, column = (i % size.width) * factor;
      let total = 0;
      for (let k = 0; k < factor * factor; k++) total += image[(row + Math.floor(k / factor)) * large.width + column + k % factor];
      return total / factor ** 2;
    });
  }
}

const SPLINE_POLE = Math.sqrt(3) - 2, SPLINE_ROOM = 12; // pixels beside a row, like its ends

/** A row with `factor` numbers for each of its numbers, by a cubic spline through these. */
function splined(row, factor) {
  const count = row.length + 2 * SPLINE_ROOM, z = SPLINE_POLE;
  const c = Float64Array.from({ length: count }, (_, i) => 6 * row[Math.min(Math.max(i - SPLINE_ROOM, 0), row.length - 1)]);
  c[0] = c.reduce((all, one, i) => all + one * z ** i, 0);
  for (let i = 1; i < count; i++) c[i] += z * c[i - 1];
  c[count - 1] = z / (z * z - 1) * (c[count - 1] + z * c[count - 2]);
  for (let i = count - 2; i >= 0; i--) c[i] = z * (c[i + 1] - c[i]);
  return Float64Array.from({ length: row.length * factor }, (_, i) => {
    const place = (i + 0.5) / factor - 0.5 + SPLINE_ROOM, at = Math.floor(place), t = place - at, u = 1 - t;
    return (u ** 3 * c[at - 1] + (4 - 6 * t * t + 3 * t ** 3) * c[at] + (4 - 6 * u * u + 3 * u ** 3) * c[at + 1] + t ** 3 * c[at + 2]) / 6;
  });
}

/** The peak signal-to-noise ratio of an image in decibels, as grey values from 0 to 255. */
function decibelsOf(image, original) {
  const grey = (one) => Math.round(255 * Math.min(Math.max(one, 0), 1)) / 255;
  const error = original.reduce((all, one, i) => all + (grey(one) - grey(image[i])) ** 2, 0) / original.length;
  return -10 * Math.log10(error);
}
