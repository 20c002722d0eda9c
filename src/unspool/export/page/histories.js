// From a table with a row for each time step of each series to histories that a model continues: see the trainer's `read_panel`.

const TIME_TOLERANCE = 0.1; // the share of a step by which a time may be off its place
const MOST_TABLE_STEPS = 1e6, LEAST_THERE = 0.5; // of the steps of all series, as in training
const EVEN_TIMES = 0.75, WHOLE_INTERVAL = { sum: 0.9, mean: 0.5 }; // the share of rows that tells readings from events, and of those that an interval needs
const FEWEST_OTHERS = 10, MOST_OTHERS = 60, FEW_AS_EARLY = 0.05, USUALLY_AS_EARLY = 0.5; // the latest intervals, and the shares of them in which rows end as early as in the last one

/**
 * How far apart steps are: "row", "number", "second", "weekday" (Monday to Friday) or "month", and how many of these. `openings` are the only times at which
 * there are steps, in seconds of a week from Monday; none where there are steps at all times.
 */
class TimeStep {
  constructor({ unit, length, openings = [] }) {
    Object.assign(this, { unit, length, openings });
  }

  /** The place of a time on the grid that begins at `first`. */
  place(time, first) {
    if (this.unit === "weekday") return weekdaysBefore(time) - weekdaysBefore(first) + (onWeekend(time) ? 0.5 : 0);
    if (this.openings.length) return this.openingsBefore(time) - this.openingsBefore(first);
    return this.unit === "month" ? (monthOf(time) - monthOf(first)) / this.length : (time - first) / this.length;
  }

  /** Opening times since the first Monday of 1970; a time beside them lies halfway, so that it is refused. */
  openingsBefore(time) {
    const off = TIME_TOLERANCE * this.length, since = time - 4 * DAY + off, week = Math.floor(since / WEEK), within = since - week * WEEK;
    const before = this.openings.findLastIndex((one) => one <= within), beside = modulo(within - this.openings.at(before), WEEK) > 2 * off;
    return week * this.openings.length + before + (beside ? 0.5 : 0);
  }

  /** The time of a place, which may lie before the first; `day` is that of the month, 0 for the first's. */
  timeAt(first, place, day = 0) {
    if (this.unit === "month") {
      const month = monthOf(first) + Math.round(place * this.length), year = Math.floor(month / 12);
      const days = new Date(Date.UTC(year, month % 12 + 1, 0)).getUTCDate(), own = new Date(first * 1000).getUTCDate();
      return Date.UTC(year, month % 12, Math.min(day || own, days)) / 1000 + modulo(first, DAY);
    }
    if (this.openings.length) {
      const opening = this.openingsBefore(first) + place, week = Math.floor(opening / this.openings.length);
      return 4 * DAY + week * WEEK + this.openings[modulo(opening, this.openings.length)];
    }
    if (this.unit !== "weekday") return first + place * this.length;
    let date = Math.floor(first / DAY);
    for (let left = Math.abs(place); left; ) {
      date += Math.sign(place);
      if (weekdayOf(date) < 5) left--;
    }
    return date * DAY + modulo(first, DAY);
  }

  /** What a cell says: a number or, where steps are of the calendar, a date in seconds since 1970; NaN if it does not. */
  timeOf(cell) {
    if (this.unit === "number") return parsedNumber(cell) ?? NaN;
    return secondsOf(cell);
  }

  /** A time as a cell has it; marked as UTC if `utc`, which is set where cells name their zone. */
  shown(time) {
    if (this.unit === "row" || this.unit === "number") return String(Number(time.toPrecision(12)));
    if (this.utc) return new Date(Math.round(time * 1000)).toISOString().replace(".000Z", "Z");
    const said = new Date(Math.round(time * 1000)).toISOString(), midnight = time % DAY === 0;
    return midnight && (this.unit !== "second" || this.length % DAY === 0) ? said.slice(0, 10) : said.replace(/(\.000)?Z$/, "");
  }
}

/** The remainder that is never negative, as there are times before 1970. */
function modulo(number, of) {
  return ((number % of) + of) % of;
}

/** The day of the week of a day since 1970, which began on a Thursday; 0 is Monday. */
function weekdayOf(day) {
  return modulo(day + 3, 7);
}

/** The day of the month that all dates have in common, or the last day in shorter months (`before`, if it fits); 0 if there is none. */
function dayOfMonths(times, before) {
  const dates = times.map((time) => new Date(time * 1000)), latest = dates.reduce((most, one) => Math.max(most, one.getUTCDate()), 0);
  const lengthOf = (one) => new Date(Date.UTC(one.getUTCFullYear(), one.getUTCMonth() + 1, 0)).getUTCDate();
  return [before, latest].find((day) => day && dates.every((one) => one.getUTCDate() === Math.min(day, lengthOf(one)))) ?? 0;
}

function monthOf(time) {
  const date = new Date(time * 1000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** Whether a time is on a Saturday or Sunday, which lie halfway between weekdays, so that they are refused. */
function onWeekend(time) {
  return weekdayOf(Math.floor(time / DAY)) > 4;
}

/** Weekdays since the first Monday of 1970. */
function weekdaysBefore(time) {
  const day = Math.floor(time / DAY) - 4, week = Math.floor(day / 7);
  return week * 5 + Math.min(day - week * 7, 5);
}

const ZONE = /:\d{2}.*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$/i;
const BOOLEANS = new Map([["true", 1], ["false", 0]]); // of covariates
const NAME_OF_ZONE = /\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$/i;

/** A time without its zone: the local time. */
function wallClock(cell) {
  return ZONE.test(cell) ? cell.replace(NAME_OF_ZONE, "") : cell;
}

/** What the calendar says of the step at a time, as a list of numbers: see the trainer's `calendar_columns`. */
function calendarOf({ kind, calendar }, time) {
  if (!calendar) return [];
  const day = Math.floor(time / DAY), angle = 2 * Math.PI * time / (365.2425 * DAY);
  const week = Array.from({ length: 7 }, (_, one) => (one === weekdayOf(day) ? 1 : 0));
  if (calendar.step < DAY) return week;
  const waves = [Math.sin(angle), Math.cos(angle), Math.sin(2 * angle), Math.cos(2 * angle)];
  if (kind !== "dated histories") return waves;
  return [...waves, ...(calendar.step % (7 * DAY) ? week : []), new Date(day * DAY * 1000).getUTCDate()];
}

/** Reads tables as training did. */
class HistoryReader {
  constructor(reader, { horizon, season }) {
    const { columns, until_now, calendar, table } = reader;
    Object.assign(this, { reader, columns, horizon, season, calendar, table, step: new TimeStep(table) });
    this.knownAhead = columns.slice(1 + until_now);
  }

  /** The columns of a table, in the order in which examples show them. */
  get names() {
    return [this.table.series, this.table.time, ...this.columns.slice(1), this.columns[0]].filter((one) => one !== null);
  }

  /** The series of a table: `{name, example, first}`, see `even`; or an error in words. */
  read(text) {
    const { rows: all, mark } = cellsOf(text.replace(/^\ufeff/, "")), { time } = this.table;
    let rows = all.filter((cells) => (time === null ? cells.length : cells.some(Boolean))); // without times, each row is a step
    if (!rows.length) throw new Error("There are no steps yet.");
    const alone = this.names.length === 1 && rows[0].length === 1 && parsedNumber(rows[0][0]) !== undefined;
    let head = alone ? this.names : namesIn(rows.shift());
    let lines = rows.map((_, i) => i + (alone ? 1 : 2));
    rows.forEach(({ length }, i) => {
      if (length > head.length) throw new Error(`Row ${lines[i]} has ${length} cells and the header ${head.length}.`);
    });
    ({ head, rows } = withJoinedNames(head, rows, this.table.series));
    const isStacked = [this.table.series, this.columns[0]].every((name) => head.includes(name));
    if (!isStacked && head.some((name) => this.table.series_columns?.includes(name))) ({ head, rows, lines } = this.stacked(head, rows, lines));
    const places = new Map(head.map((name, i) => [name, i]));
    const parts = (time ?? "").split(",").map((one) => one.trim()), joined = !places.has(time) && parts.some((one) => places.has(one));
    const asked = (name) => ((joined && name === time) || name === this.table.series ? name.split(",").map((one) => one.trim()) : [name]);
    const isCounted = this.table.aggregate === "count" && !places.has(this.columns[0]); // else the table has the numbers of rows, as the examples do
    const lacking = this.names.filter((name) => !places.has(name) && !(isCounted && name === this.columns[0])).flatMap(asked).filter((name) => !places.has(name));
    if (lacking.length) throw new Error(`The first line must name the columns; it lacks ${lacking.join(", ")}.`);
    const cellOf = (cells, name) => cells[places.get(name)] ?? "";
    const times = rows.map((cells) => (joined ? joinedTime(parts, parts.map((name) => cellOf(cells, name))) : cellOf(cells, time)));
    const { unit, length } = this.step;
    const whens = unit === "number" ? times : withDashes(withYearFirst(times, this.table.dates), unit === "second" && length % (7 * DAY) === 0);
    const written = withPoints(this.columns.map((name, c) => rows.map((cells) => (isCounted && !c ? "1" : cellOf(cells, name)))), mark);
    const zoned = whens.some((one) => ZONE.test(one)), local = zoned && this.showsWallClock(whens);
    this.step.utc = zoned && !local;
    this.refuseOtherClock();
    const series = new Map();
    rows.forEach((cells, i) => {
      const cell = (name) => cellOf(cells, name), at = `Row ${lines[i]}`;
      const name = this.table.series === null ? "" : cell(this.table.series);
      const when = time === null ? lines[i] - lines[0] : this.step.timeOf(local ? wallClock(whens[i]) : whens[i]);
      if (this.table.series !== null && !name) throw new Error(`${at}: ${this.table.series} is empty.`);
      if (!Number.isFinite(when)) throw new Error(`${at}: “${times[i].slice(0, 40)}” in ${time} is not a ${this.step.unit === "number" ? "number" : "date such as 2026-01-31"}.`);
      const numbers = this.columns.map((column, c) => {
        const one = written[c][i], number = (c ? BOOLEANS.get(one.trim().toLowerCase()) : undefined) ?? parsedNumber(one);
        if (number === undefined) throw new Error(`${at}: “${one.slice(0, 40)}” in ${column} is not a number.`);
        return c ? Math.fround(number) : number; // the target is rounded after rows are combined
      });
      if (!series.has(name)) series.set(name, []);
      series.get(name).push({ time: when, numbers });
    });
    this.note = ""; // what a person should know of the last interval
    if (this.table.aggregate) this.combine(series);
    series.forEach((steps, name) => this.round(name, steps));
    const steps = [...series.values()].flat();
    this.day = this.dayOf(steps);
    const known = steps.filter(hasTarget);
    const latest = known.reduce((most, { time }) => Math.max(most, time), -Infinity);
    this.spanned = this.there = 0;
    const found = [...series].map(([name, steps]) => ({ name, ...this.even(name, steps, latest) }));
    if (this.there < LEAST_THERE * this.spanned) {
      throw new Error(`The table has only ${this.there} of ${this.spanned} steps. Give all rows, in steps as in training.`);
    }
    return found;
  }

  /** A table with a column for each series as one with a row for each step of each series. */
  stacked(head, rows, lines) {
    const { series_columns, series } = this.table, found = [];
    head.forEach((name, c) => {
      if (!series_columns.includes(name)) return;
      const there = rows.map((cells) => Boolean(cells[c]?.trim())), first = there.indexOf(true), last = there.lastIndexOf(true);
      rows.forEach((cells, i) => {
        const isIn = i >= first && (this.knownAhead.length > 0 || i <= last) && first >= 0; // without what is known ahead, a series ends with its last number
        const written = there[i] || this.table.fill === null || this.table.fill === undefined || i > last;
        if (isIn && written) found.push({ line: lines[i], cells: [...head.map((_, k) => cells[k] ?? ""), name, cells[c] ?? ""] });
      });
    });
    return { head: [...head, series, this.columns[0]], rows: found.map(({ cells }) => cells), lines: found.map(({ line }) => line) };
  }

  /** Whether times are read in local time: as in training, or if steps of days or months have a single local time of day. */
  showsWallClock(whens) {
    const { unit, length } = this.step, { local, resampled, zoned } = this.table;
    if (local || zoned) return local;
    const walls = whens.map((one) => secondsOf(wallClock(one))), clock = new Set(walls.map((one) => modulo(one, DAY)));
    if (clock.size > 1 || !(resampled || unit === "weekday" || unit === "month" || (unit === "second" && length % DAY === 0))) return false;
    return clock.has(0) || (!resampled && whens.some((one, i) => secondsOf(one) !== walls[i]));
  }

  /** Refuses times that name their zone where those of training did not, or vice versa: they would be hours off. */
  refuseOtherClock() {
    const { time, zoned } = this.table;
    if (time === null || (zoned ?? null) === null || this.step.utc === zoned) return; // models of earlier versions do not know
    throw new Error(zoned
      ? `The times in ${time} do not name their time zone; in training they did. Name it here, too, as in 2026-03-01T05:00+01:00 or 2026-03-01T04:00Z.`
      : `The times in ${time} name their time zone; in training they did not. Write them in the zone of training, without naming it, as in 2026-03-01T05:00.`);
  }

  /**
   * One series at even steps, without gaps: the `example` that a model takes, the time of its `first` step, and the `day` of the month. `latest` is the last
   * time of the table at which the target is known: until then, steps without a row are filled, where training filled them.
   */
  even(name, rows, latest) {
    const of = name ? `Series ${name}` : "The series", { columns, step } = this, width = columns.length;
    const steps = rows.toSorted((a, b) => a.time - b.time), start = step.unit === "row" ? 1 : steps[0].time;
    const places = steps.map(({ time }, i) => (step.unit === "row" ? i : step.place(time, start))), { fill } = this.table;
    const filled = fill === null ? 0 : Math.floor(step.place(latest, start) + TIME_TOLERANCE) + 1, length = Math.max(Math.round(places.at(-1)) + 1, filled);
    if (!(length <= MOST_TABLE_STEPS)) throw new Error(`${of} would have ${length} steps between its first and last times.`);
    const again = steps.findIndex(({ time }, i) => i && time === steps[i - 1].time);
    if (again > 0) throw new Error(`${of} has two rows for the time ${step.shown(steps[again].time)}.`);
    const grid = Array.from({ length }, (_, t) => [t < filled ? Math.fround(fill) : NaN, ...Array(width - 1).fill(NaN)]);
    if (this.table.resampled && !this.table.aggregate) this.resample(grid, steps, places);
    else steps.forEach(({ time, numbers }, i) => {
      const place = Math.round(places[i]), even = Math.abs(places[i] - place) <= TIME_TOLERANCE;
      if (!even || (i && place === Math.round(places[i - 1]))) throw new Error(`${of} has uneven times: ${step.shown(time)} is not a whole number of steps after ${step.shown(start)}.`);
      grid[place] = numbers;
    });
    this.spanned += length;
    this.there += grid.filter((one) => one.some((number) => !Number.isNaN(number))).length;
    const begin = grid.findIndex((one) => !Number.isNaN(one[0])), end = grid.findLastIndex((one) => !Number.isNaN(one[0])) + 1;
    if (begin < 0) throw new Error(`${of} has no numbers in ${columns[0]}.`);
    const day = this.day || this.dayOf(steps), first = step.timeAt(start, begin, day), body = grid.slice(begin, end);
    return { first, day, example: this.example(of, body, grid.slice(end), first) };
  }

  /** The day of the month on which steps are dated, 0 if there is none. */
  dayOf(steps) {
    return this.step.unit === "month" ? dayOfMonths(steps.map(({ time }) => time), this.table.day) : 0;
  }

  /** Combines the rows of each time, or of each interval of a resampled table: the sum or mean of the target, or the number of rows; the means of covariates. */
  combine(series) {
    const { aggregate, resampled } = this.table, { length, unit } = this.step, begin = unit === "number" ? 0 : 4 * DAY; // a Monday
    series.forEach((rows, name) => {
      const together = new Map();
      for (const row of rows.toSorted((a, b) => a.time - b.time)) {
        const when = resampled ? Math.floor((row.time - begin) / length + 1e-6) * length + begin : row.time;
        if (!together.has(when)) together.set(when, []);
        together.get(when).push(row);
      }
      if (resampled) this.lackingRows(together).forEach((when) => leaveOutTarget(together.get(when)));
      series.set(name, together);
    });
    if (resampled && aggregate !== "mean") this.leaveOutUnfinished(series);
    series.forEach((together, name) => series.set(name, [...together].map(([time, all]) => ({
      time,
      numbers: this.columns.map((_, c) => {
        const known = all.map(({ numbers }) => numbers[c]).filter((one) => !Number.isNaN(one)), total = known.reduce((sum, one) => sum + one, 0);
        const found = known.length ? (c || aggregate === "mean" ? total / known.length : total) : NaN;
        return c ? Math.fround(found) : found;
      }),
    }))));
  }

  /** Leaves out the last interval if its rows end earlier than those of nearly all others: see the trainer's `share_that_ends_as_early` and `ends_early`. */
  leaveOutUnfinished(series) {
    const { step, step: { length } } = this, alike = (1 - WHOLE_INTERVAL.sum) * length, ends = new Map(), every = new Set();
    for (const intervals of series.values()) {
      for (const [begin, rows] of intervals) {
        for (const { time } of rows.filter(hasTarget)) {
          ends.set(begin, Math.max(ends.get(begin) ?? 0, time - begin));
          every.add(time);
        }
      }
    }
    const begins = [...ends.keys()].toSorted((a, b) => a - b), last = begins.at(-1), others = begins.slice(-1 - MOST_OTHERS, -1);
    const share = others.length < FEWEST_OTHERS ? NaN : others.filter((one) => ends.get(one) <= ends.get(last) + alike).length / others.length;
    const times = [...every].toSorted((a, b) => a - b), least = times.slice(1).reduce((found, time, i) => Math.min(found, time - times[i]), length);
    if (!times.length || share >= USUALLY_AS_EARLY || times.at(-1) + least >= last + length - alike) return;
    if (!(share < FEW_AS_EARLY)) {
      this.note = `The last interval begins at ${step.shown(last)}, but the last row is at ${step.shown(times.at(-1))}: if the interval is not over, leave out its rows.`;
      return;
    }
    this.note = `The last interval, which begins at ${step.shown(last)}, is left out as incomplete: its last row is at ${step.shown(times.at(-1))}, earlier than in nearly all others.`;
    for (const [name, intervals] of series) {
      const hadTarget = intervals.get(last)?.some(hasTarget);
      leaveOutTarget(intervals.get(last) ?? []);
      if (hadTarget && ![...intervals.values()].flat().some(hasTarget)) series.delete(name); // it begins in this interval
    }
  }

  /** When intervals begin that have too few rows, where these are readings at even steps: see the trainer's `lacking_rows`. */
  lackingRows(intervals) {
    const { fill, aggregate } = this.table;
    const there = [...intervals].map(([begin, all]) => {
      const times = all.filter(hasTarget).map(({ time }) => time);
      return { begin, times: [...new Set(times)] };
    }).filter(({ times }) => times.length);
    const times = there.flatMap((one) => one.times), between = times.slice(1).map((time, i) => time - times[i]);
    if ((fill ?? null) !== null || !between.length) return new Set();
    const step = between.toSorted((a, b) => a - b)[Math.floor((between.length - 1) / 2)], counts = there.map((one) => one.times.length);
    const usual = counts.toSorted((a, b) => a - b)[Math.ceil((counts.length - 1) / 2)];
    const even = between.filter((one) => Math.abs(one - step) <= TIME_TOLERANCE * step).length >= EVEN_TIMES * between.length;
    return new Set(there.filter((one) => usual > 1 && even && one.times.length < WHOLE_INTERVAL[aggregate] * usual).map(({ begin }) => begin));
  }

  /** Rounds the target to 32 bits, unless this hides much of how it changes: see the trainer's `is_rounded_away`. */
  round(name, steps) {
    const inOrder = steps.toSorted((a, b) => a.time - b.time), all = Float64Array.from(inOrder, ({ numbers }) => numbers[0]);
    const exact = all.filter((one) => !Number.isNaN(one));
    const changed = exact.length > 1 ? meanOf(exact.slice(1).map((one, i) => Math.abs(one - exact[i]))) : 0;
    const lost = changed ? meanOf(exact.map((one) => Math.abs(Math.fround(one) - one))) : 0;
    if (lost > 0.25 * changed && changed > 1e-11 * exact.reduce((most, one) => Math.max(most, Math.abs(one)), 0)) {
      const of = name ? `Series ${name}` : "The series", column = this.columns[0];
      throw new Error(`${of} has numbers in ${column} too large and too close together for 32-bit precision. Train a model on such numbers with the same number subtracted from all of them, and subtract it here, too.`);
    }
    for (const { numbers } of steps) numbers[0] = Math.fround(numbers[0]);
  }

  /** Numbers between those that are known, at the places of a grid; none a step or more before the next. */
  resample(grid, steps, places) {
    this.columns.forEach((_, c) => {
      const known = steps.flatMap(({ numbers }, i) => (Number.isNaN(numbers[c]) ? [] : [{ place: places[i], value: numbers[c] }]));
      let next = 0;
      grid.forEach((row, t) => {
        while (next < known.length && known[next].place < t - 1e-6) next++;
        if (next < known.length && t <= known.at(-1).place && known[next].place - t < 1 - 1e-6) row[c] = interpolated(t, known);
      });
    });
  }

  example(of, body, future, first) {
    const { columns, horizon, knownAhead } = this, { length } = body, width = columns.length;
    const whole = columns.map((_, c) => {
      const known = body.flatMap((row, place) => (Number.isNaN(row[c]) ? [] : [{ place, value: row[c] }]));
      return body.map((row, t) => (known.length ? interpolated(t, known) : 0));
    });
    const values = body.map((_, t) => [...whole.map((column) => column[t]), ...this.dates(first, t)]);
    const ahead = Array.from({ length: horizon }, (_, h) => {
      const known = (future[h] ?? Array(width).fill(NaN)).slice(width - knownAhead.length);
      if (known.some(Number.isNaN)) {
        throw new Error(`${of}: ${knownAhead.join(", ")} must be known for the ${horizon} steps that are forecast. Add rows for them, with ${columns[0]} left empty.`);
      }
      return [...known, ...this.dates(first, length + h)];
    });
    return { values: Float32Array.from(values.flat()), length, ahead: ahead[0].length ? Float32Array.from(ahead.flat()) : null };
  }

  /** What the calendar says of a step. */
  dates(first, place) {
    return calendarOf(this.reader, first + place * (this.calendar?.step ?? 0));
  }

  /** A golden example as a table: its history, and rows for what is known ahead, the first of which `begins` at a time. */
  tableOf({ values, length, ahead }, begins, name) {
    this.step.utc = ZONE.test(begins);
    const { columns, step, horizon, knownAhead, table } = this, width = values.length / length, known = ahead ? ahead.length / horizon : 0;
    const first = step.unit === "row" ? 1 : step.timeAt(step.timeOf(begins), -length, table.day);
    const line = (t, cell) => this.names.map((one) =>
      quotedCell(one === table.series ? name : one === table.time ? step.shown(step.timeAt(first, t, table.day)) : cell(columns.indexOf(one)))).join(",");
    const lines = Array.from({ length }, (_, t) => line(t, (c) => shortest(values[t * width + c])));
    const place = (c) => c - columns.length + knownAhead.length;
    const more = knownAhead.length ? Array.from({ length: horizon }, (_, h) =>
      line(length + h, (c) => (place(c) < 0 ? "" : shortest(ahead[h * known + place(c)])))) : [];
    return [this.names.map(quotedCell).join(","), ...lines, ...more].join("\n");
  }
}

function hasTarget({ numbers }) {
  return !Number.isNaN(numbers[0]);
}

function leaveOutTarget(rows) {
  rows.forEach(({ numbers }) => { numbers[0] = NaN; });
}

/** The number at a place, between known ones `{place, value}`. */
function interpolated(t, known) {
  let low = 0, high = known.length - 1;
  if (t <= known[0].place) return known[0].value;
  if (t >= known[high].place) return known[high].value;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (known[middle].place <= t) low = middle;
    else high = middle;
  }
  const [a, b] = [known[low], known[high]];
  return (b.value - a.value) / (b.place - a.place) * (t - a.place) + a.value;
}
