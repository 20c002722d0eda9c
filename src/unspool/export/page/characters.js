// Texts to words, by the classes of characters that the model brings along, so that no browser's Unicode can part them otherwise.

const PROPERTIES = ["letter", "number", "symbol", "alone", "extend", "joiner", "spacing", "pictograph", "regional",
  "consonant", "linker", "conjunct", "apostrophe"];
const JOINED = 256; // is added to the class of a consonant that a linker joins to what stands before

// What Python calls white space, which is not what JavaScript does.
const WHITE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WHITE_RUN = new RegExp(`[${WHITE}]+`);
const LINE_BREAK = new RegExp(`<br[${WHITE}]*/?>`, "gi");
const BETWEEN_PIECES = /(?:<br[ \t\n\r\f\v]*\/?>|[ \t\n\r\f\v])+/gi;
const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~\t\n]/g;
const ASCII = /^[\0-\x7f]*$/;
const ASCII_TOKEN = /[a-z0-9]+(?:'[a-z]+)?|[!-/:-@[-`{-~]+/g;

class Characters {
  /**
   * @param node the description's `characters`, or nothing where texts are split by ASCII's rule alone
   * @param unicode what export/page/unicode.py says of the trainer's Unicode
   */
  constructor(node, { unassigned = [], cased = [], ignored = [] }) {
    [this.unassigned, this.cased, this.ignored] = [unassigned, cased, ignored].map(members);
    if (!node) return;
    this.classes = spread(node.starts.data, (i) => node.classes.data[i]);
    this.properties = node.properties;
    const inside = this.set((one) => one & (bit("letter") | bit("number") | bit("apostrophe")));
    const word = this.set((one) => one & (bit("letter") | bit("number")));
    const [letter, symbol, apostrophe] = ["letter", "symbol", "apostrophe"].map((one) => this.having(one));
    const between = this.set((one) => one & (bit("conjunct") | bit("linker")));
    this.word = new RegExp(`${this.alone()}|${inside}+`, "g");
    this.token = new RegExp(`${this.alone()}|${word}+(?:${apostrophe}${letter}+)?|${symbol}+`, "g");
    this.linked = new RegExp(`${this.having("linker")}${between}*${this.having("consonant")}`, "g");
  }

  /** Lower-case words, without punctuation. */
  words(text) {
    if (ASCII.test(text)) return this.plainWords(text);
    const plain = this.nfkc(text).replaceAll("’", "'").replace(LINE_BREAK, " ");
    return this.found(this.word, this.lower(plain)).map((one) => one.text);
  }

  /** The same by the rule of Keras's Tokenizer, which knows ASCII's punctuation alone. */
  plainWords(text) {
    return split(this.lower(text.replace(LINE_BREAK, " ")).replace(PUNCTUATION, " "));
  }

  /** Lower-case words and runs of punctuation. */
  tokens(text) {
    return this.placedTokens(text).map((one) => one.text);
  }

  /** The same, each with where it stands in the text: `{text, start, end}`. */
  placedTokens(text) {
    return pieces(text).flatMap(({ start, end }) => this.piece(text.slice(start, end), start));
  }

  piece(piece, start) {
    if (ASCII.test(piece)) {
      const found = piece.toLowerCase().matchAll(ASCII_TOKEN);
      return Array.from(found, ({ 0: text, index }) => ({ text, start: start + index, end: start + index + text.length }));
    }
    const plain = this.lower(this.nfkc(piece).replaceAll("’", "'"));
    // Where each character stays one, tokens stand where their characters do; else they all stand for the whole piece.
    const even = [...piece].every((one) => this.nfkc(one).length === one.length && this.lower(one).length === one.length);
    const whole = { start, end: start + piece.length };
    return this.found(this.token, plain).map(({ text, at }) =>
      even && plain.length === piece.length ? { text, start: start + at, end: start + at + text.length } : { text, ...whole });
  }

  /** What n-grams of characters are taken of: lower case, NFKC beyond ASCII, one space between words and at the ends. */
  plain(text) {
    const plain = pieces(text).map(({ start, end }) => text.slice(start, end)).join(" ");
    return ` ${split(this.lower(ASCII.test(plain) ? plain : this.nfkc(plain))).join(" ")} `;
  }

  nfkc(text) {
    return this.apart(text, (one) => one.normalize("NFKC"));
  }

  lower(text) {
    return this.apart(this.sigmas(text), (one) => one.toLowerCase());
  }

  /** Capital sigmas to small ones, final or not as Python has it. */
  sigmas(text) {
    if (!text.includes("Σ")) return text;
    const all = [...text], code = (i) => all[i].codePointAt(0);
    return all.map((one, i) => {
      if (one !== "Σ") return one;
      let before = i - 1, after = i + 1;
      while (before >= 0 && this.ignored[code(before)]) before--;
      while (after < all.length && this.ignored[code(after)]) after++;
      const final = before >= 0 && this.cased[code(before)] && (after === all.length || !this.cased[code(after)]);
      return final ? "ς" : "σ";
    }).join("");
  }

  /** Change a text, but for characters that the trainer's Unicode lacks: a later one may know what they are. */
  apart(text, change) {
    if (ASCII.test(text)) return change(text);
    let found = "", done = 0;
    for (let i = 0; i < text.length; ) {
      const code = text.codePointAt(i), size = code > 0xffff ? 2 : 1;
      if (this.unassigned[code]) {
        found += change(text.slice(done, i)) + text.slice(i, i + size);
        done = i + size;
      }
      i += size;
    }
    return found + change(text.slice(done));
  }

  /** The parts of a text whose classes match a pattern, and where each begins. */
  found(pattern, text) {
    const classes = [], places = [];
    for (let i = 0; i < text.length; ) {
      const code = text.codePointAt(i);
      classes.push(this.classes[code]);
      places.push(i);
      i += code > 0xffff ? 2 : 1;
    }
    places.push(text.length);
    const line = String.fromCharCode.apply.bind(String.fromCharCode, null);
    for (const match of inParts(classes, line).matchAll(this.linked)) classes[match.index + match[0].length - 1] += JOINED;
    return Array.from(inParts(classes, line).matchAll(pattern), (match) => {
      const at = places[match.index];
      return { at, text: text.slice(at, places[match.index + match[0].length]) };
    });
  }

  /** A character that is a word by itself, with all that Unicode's grapheme clusters put behind it. */
  alone() {
    const picture = this.having("alone", "pictograph"), region = this.having("regional");
    const further = `${this.having("extend")}*${this.having("joiner")}${this.having("pictograph")}`;
    const stays = this.set((one) => one & (bit("extend") | bit("joiner") | bit("spacing")));
    const joined = "[\\u0100-\\u01ff]";
    return `(?:${region}${region}|${picture}(?:${further})*|${this.having("alone")})(?:${stays}|${joined})*`;
  }

  having(...names) {
    const wanted = names.reduce((all, name) => all | bit(name), 0);
    return this.set((one) => (one & wanted) === wanted);
  }

  set(has) {
    const numbers = this.properties.flatMap((one, number) => (has(one) ? [number, number + JOINED] : []));
    return numbers.length ? `[${numbers.map((one) => `\\u${one.toString(16).padStart(4, "0")}`).join("")}]` : "(?!)";
  }
}

function bit(name) {
  return 1 << PROPERTIES.indexOf(name);
}

/** Where the pieces stand that HTML line breaks and ASCII's white space leave of a text. */
function pieces(text) {
  const found = [];
  let start = 0;
  const take = (end) => end > start && found.push({ start, end });
  for (const match of text.matchAll(BETWEEN_PIECES)) {
    take(match.index);
    start = match.index + match[0].length;
  }
  take(text.length);
  return found;
}

function split(text) {
  return text.split(WHITE_RUN).filter((one) => one);
}

function sums(numbers) {
  let total = 0;
  return numbers.map((one) => (total += one));
}

/** A byte for each character of Unicode: whether it is in a set, given as where runs begin and end, from the number before. */
function members(runs) {
  return spread([0, ...sums(runs)], (i) => i % 2);
}

/** A byte for each character of Unicode, from where runs of equal ones begin. */
function spread(starts, valueOf) {
  const found = new Uint8Array(0x110000);
  for (let i = 0; i < starts.length; i++) found.fill(valueOf(i), starts[i], starts[i + 1] ?? found.length);
  return found;
}

/** A function takes so many arguments at most: a long list goes through it in parts. */
function inParts(list, change) {
  let found = "";
  for (let i = 0; i < list.length; i += 8192) found += change(list.slice(i, i + 8192));
  return found;
}
