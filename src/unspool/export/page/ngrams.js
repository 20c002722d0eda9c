// Texts to the numbers of their tokens, and to the n-grams that a model knows.

/** Words with the punctuation between them, or characters, by number. */
class TokenNumbers {
  constructor(node, characters) {
    this.ofWords = node.of === "words";
    this.characters = characters;
    this.numbers = new Map();
    node.alphabet.forEach((token, i) => this.numbers.has(token) || this.numbers.set(token, this.ofWords ? this.numbers.size : i));
    this.size = node.alphabet.length;
  }

  /** The numbers of a text's tokens, -1 for those that are not known. */
  read(text) {
    const tokens = this.ofWords ? this.characters.tokens(text) : [...this.characters.plain(text)];
    return Int32Array.from(tokens, (token) => this.numbers.get(token) ?? -1);
  }

  /** The number of the space among characters, or -1. */
  space() {
    return this.ofWords ? -1 : (this.numbers.get(" ") ?? -1);
  }
}

/** The n-grams of one length: pairs of an n-gram of the length before and one token more, in a table by hash. */
class Level {
  constructor({ first, last }) {
    this.first = first.data;
    this.last = last.data;
    let size = 4;
    while (size < 2 * this.first.length) size *= 2;
    this.table = new Int32Array(size).fill(-1);
    for (let i = 0; i < this.first.length; i++) {
      let at = this.place(this.first[i], this.last[i]);
      while (this.table[at] >= 0) at = (at + 1) & (size - 1);
      this.table[at] = i;
    }
  }

  place(first, last) {
    const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(last, 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & (this.table.length - 1);
  }

  /** The number of a pair, or -1. */
  get(first, last) {
    for (let at = this.place(first, last); this.table[at] >= 0; at = (at + 1) & (this.table.length - 1)) {
      const i = this.table[at];
      if (this.first[i] === first && this.last[i] === last) return i;
    }
    return -1;
  }
}

class NGrams {
  constructor(node, characters) {
    this.tokens = new TokenNumbers(node, characters);
    this.shortest = node.shortest;
    this.levels = node.levels.map((one) => new Level(one));
    const sizes = [this.tokens.size, ...node.levels.map((one) => one.first.data.length)].slice(node.shortest - 1);
    this.before = [0, ...sums(sizes)];
    this.width = this.before.pop();
    this.apart = node.within_words ? this.tokens.space() : -1;
  }

  /** For each length, which n-gram begins at each token, or -1. */
  places(text) {
    const read = this.tokens.read(text);
    let grams = read;
    const found = [read];
    this.levels.forEach((level, i) => {
      const size = i + 2, next = new Int32Array(read.length).fill(-1);
      for (let t = 0; t + size <= read.length; t++) {
        const whole = grams[t] >= 0 && grams[t + 1] >= 0 && read[t + size - 1] >= 0;
        const within = size === 2 || this.apart < 0 || read[t + size - 2] !== this.apart;
        if (whole && within) next[t] = level.get(grams[t], read[t + size - 1]);
      }
      found.push((grams = next));
    });
    return found.slice(this.shortest - 1);
  }

  /** How often each n-gram occurs: for each length a `Map` from its number to its count, in the order of appearance. */
  count(text) {
    return this.places(text).map((grams, level) => {
      const found = new Map();
      for (const gram of grams) {
        if (gram >= 0) found.set(gram + this.before[level], (found.get(gram + this.before[level]) ?? 0) + 1);
      }
      return found;
    });
  }

  /** All occurrences by the token that each begins at, the shortest first. */
  occurrences(text) {
    const found = this.places(text), all = [];
    for (let t = 0; t < (found[0]?.length ?? 0); t++) {
      found.forEach((grams, level) => grams[t] >= 0 && all.push(grams[t] + this.before[level]));
    }
    return all;
  }
}
