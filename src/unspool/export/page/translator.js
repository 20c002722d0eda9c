// A model that translates, and its tokenizer.

const ENDS = new RegExp(`^[${WHITE}]+|[${WHITE}]+$`, "g");

class Translator {
  constructor({ model, reader, pieces, task }, characters) {
    this.tokens = new BytePairs(pieces ?? reader, characters);
    this.series = pieces ? new StandardizedReader(reader) : null;
    const network = model.network ?? model; // of what joint n-grams rank, too
    this.ngrams = model.network ? new JointNgrams(model) : null;
    this.network = new Searched(network);
    this.length = reader.length;
    this.task = task;
  }

  /** The ids of a text. */
  ids(text) {
    return [START, ...this.tokens.encode(text.replace(ENDS, ""), this.length - 1)];
  }

  /** What the network reads: the ids of a text, or the steps of a series `{values, length}`. */
  source(example) {
    return this.series ? this.series.steps(example) : this.ids(example);
  }

  /**
   * Search for the translations of a text, or the captions of a series, the best first: `{text, ids, logProbability, score,
   * ended}`. A generator, which stops before the search so that a page can do other things, and returns the translations at the end.
   */
  *search(example, beam = this.task.beam, count = 1) {
    const source = this.source(example), ranks = this.ngrams && beam > 1;
    yield;
    let found = this.network.search(source, { ...this.task, beam, returned: ranks || count > 1 ? beam : 1 });
    if (ranks) {
      const phonemes = found.map(({ ids }) => this.tokens.decode(ids).split(WHITE_RUN).filter(Boolean));
      found = this.ngrams.ranked(this.tokens.decode(source), found, phonemes);
    }
    const best = new Map(); // several answers may be one text, split differently
    for (const one of found) {
      const text = this.tokens.decode(one.ids).replace(ENDS, "");
      if (!best.has(text)) best.set(text, { ...one, text });
    }
    return [...best.values()].slice(0, count);
  }

  /** The same in one go. */
  translate(example, beam, count) {
    return finished(this.search(example, beam, count));
  }

  /** What each id of an answer looks at in its source, by the blocks of the decoder: shares (S). */
  attention(source, ids) {
    return this.network.attention(source, ids.slice(0, -1));
  }
}
