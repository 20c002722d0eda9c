// The plane of latent vectors that a map shows: the two axes, or the first two principal components of the golden examples.

class Plane {
  /** @param vectors rows of numbers, those of the golden examples; @param bounded whether latent numbers are from 0 to 1 */
  constructor(vectors, bounded) {
    const width = vectors[0].length;
    this.bounded = bounded;
    this.principal = width > 2;
    this.centre = Array.from({ length: width }, (_, d) => (this.principal ? average(vectors.map((one) => one[d])) : 0));
    const unit = (at) => Array.from({ length: width }, (_, d) => (d === at ? 1 : 0));
    this.axes = this.principal ? principalAxes(vectors, this.centre) : [unit(0), unit(1)];
    const places = vectors.map((one) => this.place(one));
    this.ranges = [0, 1].map((axis) => this.range(places.map((one) => one[axis]), this.bounded && axis < width && !this.principal));
  }

  range(numbers, bounded) {
    const low = Math.min(...numbers), high = Math.max(...numbers), margin = 0.15 * (high - low) || 0.5;
    const clip = (one) => (bounded ? Math.min(Math.max(one, 0), 1) : one);
    return [clip(low - margin), clip(high + margin)];
  }

  /** Where a latent vector stands in the plane. */
  place(vector) {
    return this.axes.map((axis) => axis.reduce((all, one, d) => all + one * (vector[d] - this.centre[d]), 0));
  }

  /** The latent vector at a place in the plane. */
  vector(place) {
    return this.centre.map((one, d) => {
      const found = one + place[0] * this.axes[0][d] + place[1] * this.axes[1][d];
      return this.bounded ? Math.min(Math.max(found, 0), 1) : found;
    });
  }
}

/** The first two principal axes, by power iteration; the second at a right angle to the first. */
function principalAxes(vectors, centre) {
  const rows = vectors.map((one) => centre.map((mean, d) => one[d] - mean)), axes = [];
  for (let k = 0; k < 2; k++) {
    let axis = centre.map((_, d) => Math.cos(1 + d * (k + 1)));
    for (let i = 0; i < 200; i++) {
      const next = centre.map(() => 0);
      for (const row of rows) {
        const along = row.reduce((all, one, d) => all + one * axis[d], 0);
        row.forEach((one, d) => (next[d] += along * one));
      }
      for (const other of axes) {
        const along = other.reduce((all, one, d) => all + one * next[d], 0);
        other.forEach((one, d) => (next[d] -= along * one));
      }
      const length = Math.hypot(...next);
      if (!length) break;
      axis = next.map((one) => one / length);
    }
    axes.push(axis);
  }
  return axes;
}
