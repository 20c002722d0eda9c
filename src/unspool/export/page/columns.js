// Columns of numbers and of categories beside a text: read from rows, and weighed by models.

/** Rows, objects with a text and the cells beside it, to `{text, cells}`: numbers, NaN where one is missing, then categories. */
class RowReader {
  constructor({ text, numeric, categorical }) {
    this.text = text;
    this.numeric = numeric;
    this.categorical = categorical;
  }

  get names() {
    return [...this.numeric, ...this.categorical];
  }

  read(row) {
    const numbers = this.numeric.map((name) => numberIn(row[name], name));
    return { text: row[this.text], cells: [...numbers, ...this.categorical.map((name) => (row[name] ?? "").trim())] };
  }
}

/** Categories that stand for an empty cell: pandas reads them as such. */
const EMPTY = new Set([
  "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
  "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
]);

/** A cell of a numeric column; a missing one is NaN. */
function numberIn(cell, name) {
  if (typeof cell === "number") return cell;
  const written = (cell ?? "").trim(), found = /^0[xob]/i.test(written) ? NaN : Number(written); // 0x10 is one for JavaScript alone
  if (lacksNumber(written)) return NaN;
  if (!(Math.abs(found) <= 3.4028235e38)) throw new Error(`${name}: “${written}” is not a number.`);
  return found;
}

/** What a category means, however it is written: 1, 01 and 1.0 are one number, true and True one boolean, NA is an empty cell. */
function meaningOf(category) {
  if (EMPTY.has(category)) return "";
  const found = /^(-?)0*([0-9]+?)(?:\.([0-9]*?)0*)?$/.exec(category);
  if (found) return `${found[1]}${found[2]}.${found[3] ?? ""}`;
  return /^(true|false)$/i.test(category) ? category.toLowerCase() : category;
}

/** The place of a category among those that are known, or -1; one that means the same as a known one is that one. */
function placeOf(category, names) {
  const place = names.indexOf(category);
  return place < 0 ? names.findIndex((name) => meaningOf(name) === meaningOf(category)) : place;
}

/** What models weigh of cells: of a number how far it is from the mean, whether it is missing, and how far it lies above knots. */
class Columns {
  constructor({ numbers, categories }) {
    this.numbers = numbers;
    this.categories = categories.map(({ names }) => names);
  }

  features(cells) {
    const numbers = this.numbers.flatMap(({ mean, scale, knots }, i) => {
      const missing = Number.isNaN(cells[i]), known = !missing && knots.length > 0;
      const standard = known ? Math.min(Math.max((cells[i] - mean) / scale, knots[0]), knots.at(-1)) : 0;
      return [standard, missing ? 1 : 0, ...knots.slice(1, -1).map((knot) => Math.max(standard - knot, 0))];
    });
    const categories = this.categories.flatMap((names, i) => {
      const place = placeOf(cells[this.numbers.length + i], names);
      return [...names, null].map((_, k) => (k === (place < 0 ? names.length : place) ? 1 : 0));
    });
    const share = Math.sqrt(Math.max(this.numbers.length + this.categories.length, 1));
    return [...numbers, ...categories].map((one) => Math.fround(one / share));
  }
}
