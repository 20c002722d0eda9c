// How a table writes numbers and dates: as unspool reads it from a file.

const GROUPED = "[1-9]\\d{0,2}(?:[. \\u00a0\\u202f]\\d{3})+"; // thousands
const COMMA = new RegExp(`^[-+]?(?:${GROUPED}|\\d*),\\d+(?:e[-+]?\\d+)?$`, "i"), THOUSANDS = new RegExp(`^[-+]?${GROUPED}$`);
const EITHER = /^[-+]?[1-9]\d{0,2},\d{3}$/, POINT = /^[-+]?\d*\.\d+(?:e[-+]?\d+)?$/i, INTEGER = /^[-+]?\d+$/;
const LAST_YEAR = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)(?:(?:T|,? +)(\S.*))?$/;
const DIGITS = /^((?:19|20)\d\d)(\d\d)(?:(\d\d)(\d{4}|\d{6})?)?$/;

/** Whether most cells of a column are whole numbers or have a decimal comma, and none has a decimal point. */
function isWrittenSo(column) {
  const there = column.filter(Boolean), fits = (one) => COMMA.test(one) || THOUSANDS.test(one) || INTEGER.test(one);
  return 2 * there.filter(fits).length > there.length && !there.some(hasPoint);
}

function hasPoint(cell) {
  return POINT.test(cell) && !THOUSANDS.test(cell);
}

/** The columns of numbers, each a list of cells, with decimal points where the table, whose cells `mark` separates, has decimal commas. */
function withPoints(columns, mark) {
  const commas = columns.map((column) => column.some((one) => COMMA.test(one)) && isWrittenSo(column));
  const sure = columns.map((column, c) => commas[c] && column.some((one) => COMMA.test(one) && !EITHER.test(one)));
  if (!commas.includes(true) || ![";", "\t"].includes(mark)) return columns;
  const mixed = columns.some((column) => column.some(hasPoint)) || !(sure.includes(true) || mark === ";");
  const plain = (one) => (COMMA.test(one) || THOUSANDS.test(one) ? one.replace(/[.\s]/g, "").replace(",", ".") : one);
  return columns.map((column, c) => ((mixed ? sure[c] : isWrittenSo(column)) ? column.map(plain) : column));
}

/** Cells of several columns as one time: a year and its month, quarter or week, or a date and a time of day. */
function joinedTime(names, cells) {
  if (cells.includes("")) return "";
  if (!/^[12]\d{3}$/.test(cells[0])) return cells.join(" ");
  const [year, within] = cells, letter = !/^\d/.test(within);
  const quarter = within.match(/^[QT]? ?([1-4])$/i), week = within.match(/^(?:W|KW)? ?(\d{1,2})$/i);
  if (cells.length === 2 && quarter && (letter || /^(q|tri)/i.test(names[1]))) return `${year}-Q${quarter[1]}`;
  if (cells.length === 2 && week && (letter || /^(w|kw|sem)/i.test(names[1]))) return `${year}-W${week[1].padStart(2, "0")}`;
  if (cells.length === 2 && letter) return `${year} ${within}`;
  const numbers = cells.slice(1).map((one) => one.padStart(2, "0")), clock = numbers.slice(2);
  return `${[year, ...numbers.slice(0, 2)].join("-")}${clock.length ? `T${(clock[1] ? clock : [...clock, "00"]).join(":")}` : ""}`;
}

/** A table with the names of its series in one column, where `series` stands for several: those of a person and a trial, say. */
function withJoinedNames(head, rows, series) {
  const places = (series ?? "").split(",").map((one) => head.indexOf(one.trim()));
  if (head.includes(series) || places.length < 2 || places.includes(-1)) return { head, rows };
  const name = (cells) => places.map((place) => (cells[place] ?? "").trim());
  return { head: [...head, series], rows: rows.map((cells) => [...cells, name(cells).includes("") ? "" : name(cells).join(", ")]) };
}

/** Whether the day comes first in the cells that are dates with the year last; null if they leave it open. */
function isDayFirst(cells, said) {
  const found = cells.map((one) => one.match(LAST_YEAR)).filter(Boolean).map(([, one, mark, other, year]) => ({ one: +one, mark, other: +other, year }));
  if (said) return said === "day-first";
  if (!found.some(({ mark, other, year }) => mark === "." || year.length > 2 || other > 12 || !(year >= 1 && year <= 31))) return null; // years may come first
  const sure = found.find(({ one, other }) => one > 12 !== other > 12);
  if (sure) return sure.one > 12;
  const several = new Set(found.map(({ year }) => year)).size > 1;
  if (found.some(({ mark }) => mark === ".") || found.every(({ one, other }) => one === other)) return true;
  if (several && found.every(({ one }) => one === 1)) return true;
  return several && found.every(({ other }) => other === 1) ? false : null;
}

/** The cells of a column of times; dates with the year last get the year first if the day is known. */
function withYearFirst(cells, said) {
  const dayFirst = isDayFirst(cells, said);
  return cells.map((cell) => {
    const [, one, , other, year, clock] = cell.match(LAST_YEAR) ?? [];
    if (!year || dayFirst === null) return cell;
    const day = `${fullYear(year)}-${dayFirst ? `${other}-${one}` : `${one}-${other}`}`;
    return clock ? `${day} ${clock}` : day;
  });
}

/**
 * The cells of a column of dates; if all are digits alone, such as 20260131, with dashes. Six digits, or 2026-05 and 5/2026, are a year and
 * a month, or its week if `weekly`.
 */
function withDashes(cells, weekly) {
  if (weekly) cells = cells.map((one) => one.trim().replace(/^(\d{4})[-/ ](\d\d?)$/, "$1-W$2").replace(/^(\d\d?)[-/ ](\d{4})$/, "$2-W$1"));
  if (!cells.every((one) => DIGITS.test(one))) return cells;
  return cells.map((cell) => {
    const [, year, within, day, clock] = cell.match(DIGITS);
    if (!day) return `${year}-${weekly ? "W" : ""}${within}`;
    return `${year}-${within}-${day}${clock ? ` ${clock.match(/../g).join(":")}` : ""}`;
  });
}
