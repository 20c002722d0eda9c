// Dates as tables write them, in seconds since 1970.

const DAY = 86400, WEEK = 7 * DAY; // seconds

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** The year and the number, from 1, of a month such as "2026M03", "2026 3", "Mar 2026" or "2026-March". */
function monthNamed(cell) {
  const counted = cell.match(/^(\d{4})(?:[-/ ]?M| )(\d{1,2})$/i);
  if (counted) return counted[2] >= 1 && counted[2] <= 12 ? [counted[1], counted[2]] : null;
  const [year, name] = cell.match(/^(\d{4})[-/ ]([a-z]{3,9})$/i)?.slice(1) ?? cell.match(/^([a-z]{3,9})[-/ ](\d{4})$/i)?.slice(1).reverse() ?? [];
  const at = MONTHS.indexOf((name ?? "").slice(0, 3).toLowerCase());
  return at < 0 ? null : [year, at + 1];
}

const NAMED_MONTH = new RegExp(
  "^(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,? )?(?:(?<day>\\d{1,2}) (?<month>[a-z]{3,9})|(?<first>[a-z]{3,9}) (?<second>\\d{1,2}),?) (?<year>\\d{4})" +
    "(?:(?<time> \\d{2}:\\d{2}(?::\\d{2})?)(?: ?(?<zone>Z|UTC|GMT|[+-]\\d{4}))?)?$", "i");

/** The midnight that begins a day, the month from 0, in seconds since 1970; NaN in the year 0, which Python does not have. */
function utc(year, month, day = 1) {
  return year > 0 ? new Date(0).setUTCFullYear(year, month, day) / 1000 : NaN;
}

/** The Monday of a year's first week, which has 4 January in it. */
function firstWeek(year) {
  const fourth = utc(year, 0, 4);
  return fourth - ((new Date(fourth * 1000).getUTCDay() + 6) % 7) * DAY;
}

/** A date in seconds since 1970, in UTC if it names no zone; NaN if it is none. */
function secondsOf(cell) {
  cell = cell.replace(/^([QW]\d{1,2})[-/ ]?(\d{4})$/i, "$2$1").replace(/^(\d{1,2})[-/](\d{4})$/, "$2-$1");
  const quarter = cell.match(/^(\d{4})[-/ ]?Q([1-4])$/i), week = cell.match(/^(\d{4})[-/ ]?W(\d{1,2})$/i);
  if (quarter) return utc(quarter[1], 3 * quarter[2] - 3);
  if (week) {
    const first = firstWeek(week[1]), found = first + (week[2] - 1) * 7 * DAY;
    return found >= first && found < firstWeek(Number(week[1]) + 1) ? found : NaN;
  }
  const month = monthNamed(cell);
  if (month) return utc(month[0], month[1] - 1);
  const named = cell.match(NAMED_MONTH)?.groups; // as in an e-mail's Date
  if (named) {
    const at = MONTHS.indexOf((named.month ?? named.first).slice(0, 3).toLowerCase());
    cell = `${named.year}-${at + 1}-${named.day ?? named.second}${named.time ?? ""}${(named.zone ?? "").replace(/UTC|GMT/i, "Z")}`;
  }
  const [, year, number, day, hour, minute, second, zone] = cell.match(
    /^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i) ?? [];
  const found = utc(year, number - 1, day ?? 1);
  if (new Date(found * 1000).getUTCMonth() !== number - 1 || hour > 23 || minute > 59 || second >= 60) return NaN;
  const [, sign, hours, minutes] = zone?.match(/([+-])(\d{2}):?(\d{2})/) ?? [];
  const off = sign ? (sign === "-" ? -1 : 1) * (hours * 3600 + minutes * 60) : 0;
  if (Math.abs(off) >= DAY) return NaN;
  return found + (hour ?? 0) * 3600 + (minute ?? 0) * 60 + Number(second ?? 0) - off;
}
