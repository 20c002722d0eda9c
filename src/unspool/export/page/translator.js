// A model that translates, its tokenizer, and the search for translations: greedy, or with a beam.

const ENDS = new RegExp(`^[${WHITE}]+|[${WHITE}]+$`, "g");

class Translator {
  constructor({ model, reader, pieces, task }, characters) {
    this.tokens = new BytePairs(pieces ?? reader, characters);
    this.series = pieces ? new StandardizedReader(reader) : null;
    const network = model.network ?? model; // of what joint n-grams rank, too
    this.ngrams = model.network ? new JointNgrams(model) : null;
    this.network = network.kind === "transformer" ? new Transformer(network) : new EncoderDecoder(network);
    this.length = reader.length;
    this.task = task;
  }

  /** The ids of a text. */
  ids(text) {
    return [START, ...this.tokens.encode(text, this.length - 1)];
  }

  /** What the network reads: the ids of a text, or the steps of a series `{values, length}`. */
  source(example) {
    return this.series ? this.series.steps(example) : this.ids(example);
  }

  /**
   * Search for the translations of a text, or the captions of a series, the best first: `{text, ids, logProbability, score,
   * ended}`. A generator, which stops after each step so that a page can do other things, and returns the translations at the end.
   */
  *search(example, beam = this.task.beam, count = 1) {
    const source = this.source(example), memory = this.network.encode(source), ranks = this.ngrams && beam > 1;
    yield;
    let found = yield* beam === 1 ? this.greedy(memory) : this.widened(memory, beam, ranks ? beam : count);
    if (ranks) {
      const phonemes = found.map(({ ids }) => this.tokens.decode(ids).split(WHITE_RUN).filter(Boolean));
      found = this.ngrams.ranked(this.tokens.decode(source), found, phonemes).slice(0, count);
    }
    return found.map((one) => ({ ...one, text: this.tokens.decode(one.ids).replace(ENDS, "") }));
  }

  /** The same in one go. */
  translate(example, beam, count) {
    return finished(this.search(example, beam, count));
  }

  /** What each id of an answer looks at in its source, by the blocks of the decoder: shares (S). */
  attention(source, ids) {
    const memory = this.network.encode(source);
    let kept = this.network.start(memory);
    return ids.slice(0, -1).map((id, place) => {
      const looks = [];
      kept = this.network.step(memory, kept, id, place, looks).after;
      return looks;
    });
  }

  *greedy(memory) {
    const { start, end, maximum } = this.task, ids = [];
    let kept = this.network.start(memory), total = 0;
    for (let place = 0; place < maximum; place++) {
      const { gained, after } = this.network.step(memory, kept, ids.at(-1) ?? start, place);
      const chosen = largest(gained);
      kept = after;
      total = Math.fround(total + gained[chosen]);
      if (chosen === end) return [{ ids, logProbability: total, score: total, ended: true }];
      ids.push(chosen);
      yield;
    }
    return [{ ids, logProbability: total, score: total, ended: false }];
  }

  *widened(memory, beam, count) {
    const { start, end, maximum } = this.task;
    let live = [{ total: 0, ids: [], kept: this.network.start(memory) }], done = [];
    for (let place = 0; place < maximum; place++) {
      const steps = [];
      for (const one of live) {
        steps.push(this.network.step(memory, one.kept, one.ids.at(-1) ?? start, place));
        yield;
      }
      const following = [];
      best(live.map((one, i) => ({ total: one.total, gained: steps[i].gained })), 2 * beam).forEach(({ total, row, id }, rank) => {
        const { ids } = live[row];
        if (id !== end) {
          if (following.length < beam) following.push({ total, ids: [...ids, id], kept: steps[row].after });
        } else if (rank < beam) {
          done.push({ ids, logProbability: total, score: total / this.penalty(place + 1), ended: true });
        }
      });
      done = done.sort((a, b) => b.score - a.score).slice(0, beam);
      live = following;
      if (!live.length) break;
      const hoped = live[0].total / this.penalty(maximum);
      if (done.length >= count && !(hoped > done[count - 1].score)) break;
    }
    const cut = this.penalty(maximum);
    const left = live.map(({ total, ids }) => ({ ids, logProbability: total, score: total / cut, ended: false }));
    return [...done, ...left].slice(0, count);
  }

  penalty(length) {
    return ((5 + length) / 6) ** this.task.length_penalty;
  }
}

/** The likeliest beginnings with one id more, of equal ones the first: `{total, row, id}`. */
function best(rows, count) {
  const found = [];
  rows.forEach(({ total, gained }, row) => {
    for (let id = 0; id < gained.length; id++) {
      const one = Math.fround(total + gained[id]);
      if (one === -Infinity || (found.length === count && !(one > found[count - 1].total))) continue;
      let at = found.length;
      while (at > 0 && one > found[at - 1].total) at--;
      found.splice(at, 0, { total: one, row, id });
      if (found.length > count) found.pop();
    }
  });
  return found;
}
