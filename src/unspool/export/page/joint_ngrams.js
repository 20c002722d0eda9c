// Pronunciations by n-grams of letters with the phonemes that they stand for: joint_ngrams.py says how, in both packages.

const DISCOUNT = 0.75, MOST_WAYS = 32, NO_WAY = -1000, END_UNIT = 0;

/** The n-grams of one length. Those that go on from context c are `starts[c] .. starts[c + 1]`, by their last units. */
class Counted {
  constructor({ sizes, units, counts }) {
    this.units = units.data;
    this.starts = new Int32Array(sizes.data.length + 1);
    this.rest = new Float64Array(sizes.data.length);
    this.chances = new Float64Array(units.data.length);
    for (let c = 0; c < sizes.data.length; c++) {
      const first = this.starts[c], last = first + sizes.data[c];
      this.starts[c + 1] = last;
      let total = 0, kinds = 0;
      for (let i = first; i < last; i++) {
        total += counts.data[i];
        kinds += counts.data[i] > 0;
      }
      this.rest[c] = total ? (DISCOUNT * kinds) / total : 1;
      for (let i = first; i < last; i++) this.chances[i] = Math.max(counts.data[i] - DISCOUNT, 0) / Math.max(total, 1);
    }
  }

  /** The n-gram of a context and a unit, or -1. */
  get(context, unit) {
    let low = this.starts[context], high = this.starts[context + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.units[middle] < unit) low = middle + 1;
      else high = middle;
    }
    return low < this.starts[context + 1] && this.units[low] === unit ? low : -1;
  }
}

class JointNgrams {
  constructor({ letters, phonemes, units, orders, weight }) {
    this.weight = weight;
    this.letters = new Map(letters.map((letter, i) => [letter, i]));
    this.phonemes = new Map(phonemes.map((phoneme, i) => [phoneme, i + 1]));
    this.count = units.shape[0];
    this.units = new Map();
    for (let unit = 1; unit < this.count; unit++) this.units.set(units.data.subarray(3 * unit, 3 * unit + 3).join(), unit);
    this.orders = orders.map((one) => new Counted(one));
  }

  /** How probable a unit is after a context, an n-gram of each length or -1, and the context after it. */
  step(contexts, unit) {
    let chance = 1 / this.count;
    const after = [0];
    this.orders.forEach((order, n) => {
      const before = contexts[n], found = before < 0 ? -1 : order.get(before, unit);
      if (before >= 0) chance = (found < 0 ? 0 : order.chances[found]) + order.rest[before] * chance;
      if (n + 1 < this.orders.length) after.push(found);
    });
    return { chance, after };
  }

  /** The log-probability of a word with its phonemes: summed over the ways to spell both. */
  logProbability(word, phonemes) {
    const letters = [...word].map((letter) => this.letters.get(letter)).filter((letter) => letter !== undefined);
    const said = phonemes.map((phoneme) => this.phonemes.get(phoneme) ?? -1);
    const { after } = this.step(this.orders.map((_, n) => (n ? -1 : 0)), END_UNIT);
    let ways = [{ at: 0, total: 0, contexts: after.map((context, n) => (n > 1 ? -1 : context)) }];
    letters.forEach((letter, place) => {
      const left = letters.length - place - 1, following = [];
      for (const { at, total, contexts } of ways) {
        for (let count = 0; count <= 2; count++) {
          const missing = said.length - at - count;
          const unit = this.units.get([letter, count > 0 ? said[at] : 0, count > 1 ? said[at + 1] : 0].join());
          if (unit === undefined || missing < 0 || missing > 2 * left) continue;
          const found = this.step(contexts, unit);
          following.push({ at: at + count, total: total + Math.log(found.chance), contexts: found.after });
        }
      }
      ways = following.sort((a, b) => b.total - a.total).slice(0, MOST_WAYS);
    });
    const totals = ways.filter(({ at }) => at === said.length)
      .map(({ total, contexts }) => total + Math.log(this.step(contexts, END_UNIT).chance));
    if (!totals.length) return NO_WAY;
    const most = Math.max(...totals);
    return most + Math.log(totals.reduce((sum, one) => sum + Math.exp(one - most), 0));
  }

  /** A network's answers `{logProbability, ended, ...}` to a word, each with its phonemes, in the order of both. */
  ranked(word, answers, phonemes) {
    const scored = answers.map((one, i) => {
      const own = (1 - this.weight) * one.logProbability;
      return { ...one, score: own + this.weight * this.logProbability(word, phonemes[i]) };
    });
    return scored.sort((a, b) => b.ended - a.ended || b.score - a.score);
  }
}
