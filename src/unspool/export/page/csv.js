// Tables as text: cells, and the numbers in them.

const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const WORD = /^[^-+.\d]/;
const LONGEST_HEAD = 1e5; // characters

/** The number in a cell, NaN where it is missing; undefined for anything else, and for what 32 bits cannot hold. */
function parsedNumber(cell) {
  if (lacksNumber(cell)) return NaN;
  return DECIMAL.test(cell) && Math.abs(cell) <= 3.4e38 ? Number(cell) : undefined;
}

/** Whether cells are names rather than numbers. */
function areNames(cells) {
  return cells.some((one) => !lacksNumber(one)) && cells.every((one) => lacksNumber(one) || WORD.test(one));
}

/** Whether a row is that of an empty line, or of one empty cell. */
function isBlank(cells) {
  return cells.length < 2 && !cells[0];
}

/**
 * The cells of a CSV as `rows`, a list for each line, empty for an empty line, and the `mark` between them: the most frequent one in
 * the first line that is not empty; quoted cells may hold anything.
 */
function cellsOf(text) {
  const begins = text.replace(/^([^\S\n]*\n)+/, "").slice(0, LONGEST_HEAD), [line] = begins.match(/^([^"\n]+|"[^"]*("|$))*/);
  const first = line.replace(/"[^"]*("|$)/g, ""); // a quoted cell may go on in the next line
  const count = (mark) => first.split(mark).length;
  const mark = [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
  const rows = [];
  let cells = [], cell = "", quoted = false, started = false; // a cell may be quoted and empty
  const end = () => {
    cells.push(cell.trim());
    cell = "";
    started = false;
  };
  for (let i = 0; i <= text.length; i++) {
    const one = text[i];
    if (quoted && one === '"' && text[i + 1] === '"') cell += text[i++];
    else if (one === '"' && (quoted || !cell.trim())) {
      quoted = !quoted;
      started = true;
    }
    else if (quoted && one !== undefined) cell += one;
    else if (one === mark) end();
    else if (one === "\n" || one === undefined) {
      if (cells.length || started || cell.trim()) end();
      rows.push(cells);
      cells = [];
      cell = "";
    } else cell += one;
  }
  return { rows, mark };
}

/** The names of columns in the cells of a first line: line breaks in them become spaces, as in training. */
function namesIn(cells) {
  return cells.map((one) => one.replace(/\s*[\r\n]\s*/g, " "));
}

/** The shortest text of a float32. */
function shortest(number) {
  for (let digits = 6; digits < 9; digits++) {
    const said = Number(number.toPrecision(digits));
    if (Math.fround(said) === number) return String(said);
  }
  return String(Number(number.toPrecision(9)));
}

function quotedCell(text) {
  return /[",;\t\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
