// Texts to pieces of words and back: byte-level BPE, cut where the trainer's tokenizer cuts.

const MOST_PIECE = 4000; // bytes of a text between two cuts

// A character beyond ASCII is read as one that stands for its class: others, letters, numbers, white space.
const STAND_INS = "\xa1\xc0\xb2\x85";
const CUT = new RegExp(
  "'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z\xc0]+| ?[0-9\xb2]+| ?[^\t\n\v\f\r \x85A-Za-z\xc00-9\xb2]+" +
  "|[\t\n\v\f\r \x85]+(?![^\t\n\v\f\r \x85])|[\t\n\v\f\r \x85]+", "g");

class BytePairs {
  constructor(node, characters) {
    this.characters = characters;
    this.lowercase = node.lowercase;
    this.bytes = node.bytes.data;
    this.classes = spread([...node.starts.data], (i) => node.classes.data[i]);
    this.pieces = new Map(Array.from(this.bytes, (id, byte) => [id, [byte]]));
    this.merges = new Map();
    const { data } = node.merges;
    for (let i = 0; i < data.length; i += 3) {
      const [left, right, joined] = data.subarray(i, i + 3);
      this.merges.set(pair(left, right), { rank: i, joined });
      if (!this.pieces.has(joined)) this.pieces.set(joined, [...this.pieces.get(left), ...this.pieces.get(right)]);
    }
    this.known = new Map();
  }

  /** The first `most` ids of a text. */
  encode(text, most) {
    const all = [...(this.lowercase ? this.characters.lower(text) : text)];
    const classed = all.map((one) => (one < "\x80" ? one : STAND_INS[this.classes[one.codePointAt(0)]])).join("");
    const found = [];
    for (const { 0: one, index } of classed.matchAll(CUT)) {
      found.push(...this.ids(all.slice(index, index + one.length).join("")));
      if (found.length >= most) break;
    }
    return found.slice(0, most);
  }

  /** The text of ids: those that are no pieces are left out. */
  decode(ids) {
    const bytes = ids.flatMap((id) => this.pieces.get(id) ?? []);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  }

  /** The ids of a piece of text: of all pairs side by side, the one with the lowest rank is joined first. */
  ids(piece) {
    if (this.known.has(piece)) return this.known.get(piece);
    const ids = Array.from(new TextEncoder().encode(piece), (byte) => this.bytes[byte]);
    if (ids.length > MOST_PIECE) throw new Error(`A word has ${ids.length} bytes; the limit of this page is ${MOST_PIECE}.`);
    for (;;) {
      let best = null, at = -1;
      for (let i = 0; i + 1 < ids.length; i++) {
        const one = this.merges.get(pair(ids[i], ids[i + 1]));
        if (one && (!best || one.rank < best.rank)) [best, at] = [one, i];
      }
      if (!best) break;
      ids.splice(at, 2, best.joined);
    }
    this.known.set(piece, ids);
    return ids;
  }
}

function pair(left, right) {
  return left * 2 ** 22 + right;
}

/** Pieces as words: `{text, start, end}`. A piece that begins with a space, or with a mark, begins a word. */
function wordsOf(pieces) {
  const found = [];
  pieces.forEach((piece, i) => {
    if (found.length && /^[\p{L}\p{M}\p{N}\ufffd'’]/u.test(piece)) {
      found.at(-1).text += piece;
      found.at(-1).end = i + 1;
    } else found.push({ text: piece.trim(), start: i, end: i + 1 });
  });
  return found.filter(({ text }) => text);
}
