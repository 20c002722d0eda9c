// A series as CSV, a line a step.

/**
 * Numbers of a CSV, a line a step: `{values, length}`, or an error in words. A first line may name the channels, in any order and among
 * other columns. An empty line between others is a step without numbers. `table` says which columns of the trainer's tables told series
 * apart and ordered their steps: here they do, too.
 */
function parsedSeries(text, names, table) {
  const channels = names.length, all = cellsOf(text.replace(/^\ufeff/, "")).rows;
  const rows = all.slice(0, all.findLastIndex((cells) => !isBlank(cells)) + 1);
  const begin = rows.findIndex((cells) => !isBlank(cells)), places = begin < 0 ? null : placesIn(namesIn(rows[begin]), names);
  const steps = places ? inOrderOfTime(rows.slice(begin + 1), namesIn(rows[begin]), table ?? {}) : rows, width = places ? rows[begin].length : channels;
  const values = steps.flatMap((cells, i) => {
    if (isBlank(cells)) return Array(channels).fill(NaN);
    const at = `Step ${i + 1} (${cells.join(", ").slice(0, 40)})`;
    if (cells.length !== width) {
      const wanted = width === channels ? `this model reads ${channels}` : `the first line names ${width} columns`;
      throw new Error(`${at} has ${cells.length} ${cells.length === 1 ? "value" : "values"}; ${wanted}.`);
    }
    return Array.from({ length: channels }, (_, c) => {
      const cell = cells[places ? places[c] : c], number = parsedNumber(cell);
      if (number === undefined) throw new Error(`${at}: “${cell}” is not a number.`);
      return number;
    });
  });
  if (!steps.length) throw new Error("There are no steps yet.");
  if (values.every(Number.isNaN)) throw new Error("There are no numbers yet.");
  return { values: Float64Array.from(values), length: steps.length };
}

/** The column of each channel if a first line names columns; null if it does not. If channels are only numbered, those names are ignored. */
function placesIn(cells, names) {
  const inOrder = Array.from(names.keys());
  if (names.every((one) => /^\d+$/.test(one))) return String(cells) === String(names) || areNames(cells) ? inOrder : null;
  const lacking = names.filter((one) => !cells.includes(one));
  if (lacking.length && !areNames(cells)) return null;
  if (lacking.length) throw new Error(`The first line must name the channels; it lacks ${lacking.join(", ")}.`);
  return names.map((one) => cells.indexOf(one));
}

/** The rows of one series in the order of their times, if there is a column of times; `head` names the columns. Refuses rows of several series. */
function inOrderOfTime(rows, head, { series, time, dates }) {
  const there = rows.filter((cells) => !isBlank(cells)), column = (name) => there.map((cells) => cells[head.indexOf(name)] ?? "");
  const named = withJoinedNames(head, there, series), place = named.head.indexOf(series);
  const several = place < 0 ? 1 : new Set(named.rows.map((cells) => cells[place] ?? "")).size;
  if (several > 1) throw new Error(`These are rows of ${several} series (${head.includes(series) ? "column" : "columns"} ${series}). Give the rows of one of them.`);
  const parts = head.includes(time) ? [time] : (time ?? "").split(",").map((one) => one.trim());
  if (!time || !parts.every((one) => head.includes(one))) return rows;
  const columns = parts.map(column), told = there.map((_, i) => (parts.length > 1 ? joinedTime(parts, columns.map((one) => one[i])) : columns[0][i]));
  const numbers = told.map(parsedNumber), times = numbers.every(Number.isFinite) ? numbers : withYearFirst(told, dates).map(secondsOf);
  const wrong = times.findIndex(Number.isNaN);
  if (wrong >= 0) throw new Error(`Step ${wrong + 1}: “${told[wrong].slice(0, 40)}” in column ${time} is neither a number nor a date such as 2026-01-31.`);
  const order = Array.from(times.keys()).sort((a, b) => times[a] - times[b]);
  const again = order.find((one, i) => i && times[one] === times[order[i - 1]]);
  if (again !== undefined) throw new Error(`Two rows have the time ${told[again].slice(0, 40)}.`);
  return order.map((one) => there[one]);
}

/** A series as CSV, its channels named in the first line. */
function csvOf({ values, length }, names) {
  const channels = names.length;
  const lines = Array.from({ length }, (_, t) =>
    Array.from(values.subarray(t * channels, (t + 1) * channels), (one) => (Number.isNaN(one) ? "" : shortest(one))).join(","));
  return [names.map(quotedCell).join(","), ...lines].join("\n");
}
