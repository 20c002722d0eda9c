// From a raw example to what a network takes.

const START = 1, UNKNOWN = 2, FIRST = 4;

function readReader(node, characters, tags) {
  const makers = { words: WordsReader, "byte pair texts": BytePairTextsReader, "ranked words": RankedWordsReader, ids: IdsReader,
    "forms of words": WordFormsReader, "standardized series": StandardizedReader, images: ImageReader };
  return new makers[node.kind](node, characters, tags);
}

/** Texts to ids of words: the start, then each word; the last are kept. */
class WordsReader {
  constructor(node, characters) {
    this.characters = characters;
    this.length = node.length;
    this.ids = new Map(node.vocabulary.map((word, i) => [word, i + FIRST]));
  }

  steps(text) {
    const words = ["", ...this.characters.words(text)].slice(-this.length);
    const tokens = Int32Array.from(words, (word, i) => (word === "" ? START : (this.ids.get(word) ?? UNKNOWN)));
    return { tokens, length: tokens.length, words: words.map((word) => word || "(start)") };
  }
}

/** Texts to ids of ranked words, padded in front to one length, as Keras's IMDb has them. */
class RankedWordsReader {
  constructor(node, characters) {
    this.characters = characters;
    this.length = node.length;
    const known = (id) => (id < node.skip_top || id >= node.num_words ? UNKNOWN : id);
    this.start = known(START);
    this.ids = new Map(node.vocabulary.map((word, i) => [word, known(i + FIRST)]));
  }

  steps(text) {
    const words = ["", ...this.characters.plainWords(text).filter((word) => this.ids.has(word))].slice(-this.length);
    const tokens = new Int32Array(this.length), before = this.length - words.length;
    words.forEach((word, i) => (tokens[before + i] = word === "" ? this.start : this.ids.get(word)));
    return { tokens, length: tokens.length, words: [...Array(before).fill(""), ...words.map((word) => word || "(start)")] };
  }
}

/** Texts to ids of pieces of words: the start, then each piece; the last are kept. */
class BytePairTextsReader {
  constructor(node, characters) {
    this.pieces = new BytePairs(node, characters);
    this.length = node.length;
  }

  steps(text) {
    const tokens = Int32Array.from([START, ...this.pieces.encode(text, Infinity)].slice(-this.length));
    return { tokens, length: tokens.length, words: Array.from(tokens, (id) => (id === START ? "(start)" : this.pieces.decode([id]))) };
  }
}

/** Words that are split already to the ids of their forms. */
class WordFormsReader {
  constructor(node, characters) {
    this.characters = characters;
    this.ids = new Map(node.vocabulary.map((word, i) => [word, i + FIRST]));
    this.symbols = node.vocabulary.some((form) => SYMBOLS.test(form) && !/^<>$|^….|.…$/.test(form));
  }

  steps(words) {
    const ids = (word) => this.forms(word).map((form, i) => this.ids.get(form) ?? (i ? 0 : UNKNOWN));
    return { tokens: Int32Array.from(words.flatMap(ids)), length: words.length };
  }

  knows(word) {
    return this.ids.has(this.characters.lower(word));
  }

  /** The forms of a word, as in training: in lower case, its spelling, its last characters, and its first ones. */
  forms(word) {
    const lower = this.characters.lower(word), upper = word.toUpperCase(), all = [...lower];
    const rest = [...word].slice(1).join(""), capital = rest === all.slice(1).join("") ? "Xx" : "xX";
    const cased = lower === upper ? "" : word === lower ? "x" : word === upper && rest ? "X" : capital;
    const affix = (size, part) => (size > all.length ? "" : part);
    const ends = [1, 2, 3].map((size) => affix(size, `…${all.slice(-size).join("")}`));
    const begins = [1, 2, 3].map((size) => affix(size, `${all.slice(0, size).join("")}…`));
    return [lower, `<${cased}${/[0-9]/.test(word) ? "9" : ""}>`, ...ends, ...begins];
  }

  /**
   * Where words stand in a text, `{start, end}`: at white space, and symbols around a word are words of their own if the
   * model knows any, else none.
   */
  split(text) {
    return Array.from(text.matchAll(/\S+/g)).flatMap(({ 0: piece, index }) => {
      const inner = piece.match(INSIDE), found = [];
      if (this.knows(piece) || (!inner && this.symbols)) return [{ start: index, end: index + piece.length }];
      const [before, word, behind] = inner ? inner.slice(1) : [piece, "", ""];
      const add = (part, at) => part && found.push({ start: at, end: at + part.length });
      const each = (symbols, at) => this.symbols && [...symbols].reduce((place, one) => (add(one, place), place + one.length), at);
      each(before, index);
      add(word, index + before.length);
      each(behind, index + before.length + word.length);
      return found;
    });
  }
}

const SYMBOLS = /^[\p{P}\p{S}]+$/u;
const INSIDE = /^([\p{P}\p{S}]*)(.*?[^\p{P}\p{S}])([\p{P}\p{S}]*)$/u;

/** A person's own token ids to those that a network takes. */
class IdsReader {
  constructor(node) {
    this.length = node.length;
    this.ids = new Map(Array.from(node.known.data, (id, i) => [id, i + FIRST]));
  }

  steps(ids) {
    const tokens = Int32Array.from(ids, (id) => this.ids.get(id) ?? UNKNOWN).slice(-this.length);
    return { tokens: tokens.length ? tokens : new Int32Array(1), length: Math.max(tokens.length, 1) };
  }
}

/**
 * Series `{values, length}`, values (T, C), to standardised numbers: the last steps, with missing numbers filled in. Steps without
 * numbers at the end are cut off, unless the model `tags` each step.
 */
class StandardizedReader {
  constructor(node, characters, tags = false) {
    Object.assign(this, node, { tags });
    this.width = node.mean.length;
  }

  steps(series) {
    const { width } = this, given = filled(this.tags ? series : present(series, width), width, this.mean).values.slice(-this.length * width);
    const length = given.length / width;
    if (!length) return { values: new Float32Array(width), width, length: 1, mask: new Uint8Array(1) };
    const values = Float32Array.from(given, (one, i) => (one - this.mean[i % width]) / this.scale[i % width]);
    return { values, width, length, mask: new Uint8Array(length).fill(1) };
  }

  /** Standardised numbers in the units of the data. */
  original(values) {
    return values.map((one, i) => one * this.scale[i % this.width] + this.mean[i % this.width]);
  }
}

/** Images, a row a time step, as they are. */
class ImageReader {
  constructor(node) {
    this.length = node.length;
    this.width = node.features;
  }

  steps({ values }) {
    return { values: Float32Array.from(values), width: this.width, length: this.length };
  }

  original(values) {
    return values;
  }
}

/** A series without the steps at its end that have no number, which are padding. */
function present({ values, length }, channels) {
  const end = Math.floor(values.findLastIndex((one) => !Number.isNaN(one)) / channels) + 1;
  return end === length ? { values, length } : { values: values.slice(0, end * channels), length: end };
}

/**
 * A series in which missing numbers (NaN) are filled in by linear interpolation along time, before the first and after the
 * last by the nearest; a channel without any number becomes its mean.
 */
function filled({ values, length }, channels, mean) {
  if (!values.some(Number.isNaN)) return { values, length };
  const found = values.slice();
  for (let c = 0; c < channels; c++) {
    const known = Array.from({ length }, (_, t) => t).filter((t) => !Number.isNaN(values[t * channels + c]));
    if (!known.length && !mean) throw new Error(`Channel ${c + 1} has no numbers.`);
    for (let t = 0; t < length; t++) {
      found[t * channels + c] = known.length ? between(t, known, (k) => values[k * channels + c]) : mean[c];
    }
  }
  return { values: found, length };
}

/** The value at a place, between the nearest known places. */
function between(t, known, valueAt) {
  const after = known.findIndex((one) => one >= t);
  if (after < 0) return valueAt(known.at(-1));
  if (after === 0 || known[after] === t) return valueAt(known[after]);
  const [a, b] = [known[after - 1], known[after]];
  return valueAt(a) + (valueAt(b) - valueAt(a)) / (b - a) * (t - a);
}
