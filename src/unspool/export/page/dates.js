// Dates as tables write them, in seconds since 1970.

const DAY = 86400, WEEK = 7 * DAY; // seconds

/** The names of each month, without accents, in the languages that the trainer reads. */
const MONTHS = [
  "january jan januar janner januari janvier janv enero ene gennaio janeiro",
  "february feb februar februari fevrier fevr febrero febbraio fevereiro",
  "march mar marz maerz mrz mars maart mrt marzo marco",
  "april apr avril avr abril abr aprile",
  "may mai mei mayo maggio maio",
  "june jun juni juin junio giugno junho",
  "july jul juli juillet juil julio luglio julho",
  "august aug augustus aout agosto ago",
  "september sep sept septembre septiembre setiembre settembre setembro",
  "october oct oktober okt octobre octubre ottobre outubro",
  "november nov novembre noviembre novembro",
  "december dec dezember dez decembre diciembre dic dicembre dezembro",
].map((names) => names.split(" "));

const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d(?:[.,]\d+)?))?(?: ?([ap])\.?m\.?)?(?: ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?$/i;
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\s*(\S.*))?$/;

const YEAR = "(?<year>\\d{4})", NUMBER = "(?<month>\\d{1,2})", NAME = "(?<name>\\p{L}{3,10})", QUARTER = "(?<quarter>[1-4])", HALF = "[HS](?<half>[12])";
const NUMBER_OF_WEEK = "(?:(?:W|KW ?)(?<week>\\d{1,2})|S(?<semaine>\\d\\d))";

/** Months, quarters, half-years and weeks, which are read as their first day. */
const PERIODS = [
  `${YEAR}[-/ ]${NUMBER}`,
  `${NUMBER}[-/]${YEAR}`,
  `${YEAR}[-/ ]?M${NUMBER}`,
  `${YEAR}[-/ :]?[QT]${QUARTER}`,
  `[QT]${QUARTER}[-/ ]?${YEAR}`,
  `${QUARTER}[QT][-/ ]?(?<year>\\d{4}|\\d\\d)`,
  `${QUARTER}\\. ?Quartal ${YEAR}`,
  `${YEAR}[-/ ]?${HALF}`,
  `${HALF}[-/ ]?${YEAR}`,
  `${YEAR}[-/ ]?${NUMBER_OF_WEEK}`,
  `${NUMBER_OF_WEEK}[-/ ]?${YEAR}`,
  `${YEAR}[-/ ]${NAME}\\.?`,
  `${NAME}\\.?(?:[-/ ]| de )${YEAR}`,
  `${NAME}\\.?[-'](?<year>\\d\\d)`,
  `${NAME}(?<year>(?:19|20)\\d\\d)`,
].map((one) => new RegExp(`^${one}$`, "iu"));

const OF_WEEK = "(?:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?[.,]? )?";
const OF_MONTH = "(?<day>\\d{1,2})(?:st|nd|rd|th|er|\\.(?= ))?", TIME = "(?:(?:,? |T|:)(?<clock>\\d\\S*(?: \\S+){0,2}))?";

/** Dates whose month is named, as in e-mails, logs and spreadsheets. */
const NAMED = [
  `${OF_WEEK}${OF_MONTH}(?<mark>[-/. ]?| de )${NAME}[.,]?\\k<mark>(?<year>\\d{4}|\\d\\d)${TIME}`,
  `${OF_WEEK}${NAME}\\.?[- ]${OF_MONTH}(?:,? |-)(?<year>\\d{4})${TIME}`,
  `(?<year>\\d{4})(?<mark>[-/. ]?)${NAME}\\k<mark>${OF_MONTH}${TIME}`,
  `${OF_WEEK}${NAME} +${OF_MONTH} (?<clock>\\d\\d:\\d\\d:\\d\\d(?: [+-]\\d{4}| UTC| GMT)?) (?<year>\\d{4})`,
].map((one) => new RegExp(`^${one}$`, "iu"));

/** The number of a month, from 1, by its name or a usual abbreviation; 0 if there is none. */
function monthNamed(name) {
  const plain = name.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  return MONTHS.findIndex((names) => names.includes(plain)) + 1;
}

/** A year of four digits, or of two: 69 to 99 and 00 to 49; NaN for those between. */
function fullYear(year) {
  if (year.length > 2) return Number(year);
  return year >= 69 ? 1900 + Number(year) : year < 50 ? 2000 + Number(year) : NaN;
}

/** The midnight that begins a day, the month from 0, in seconds since 1970; NaN in the year 0, which Python does not have. */
function utc(year, month, day = 1) {
  return year > 0 ? new Date(0).setUTCFullYear(year, month, day) / 1000 : NaN;
}

/** The Monday of a year's first week, which has 4 January in it. */
function firstWeek(year) {
  const fourth = utc(year, 0, 4);
  return fourth - ((new Date(fourth * 1000).getUTCDay() + 6) % 7) * DAY;
}

/** A day, the month from 1, and a time of day in seconds since 1970, in UTC if it names no zone; NaN if there is none. 24:00 ends the day. */
function moment(year, month, day, clock) {
  const midnight = utc(year, month - 1, day);
  if (new Date(midnight * 1000).getUTCMonth() !== month - 1) return NaN;
  if (!clock) return midnight;
  const [, hour, minute, written, half, zone] = clock.replace(/^\d\d$/, "$&:00").match(CLOCK) ?? [];
  if (!hour || (half && !(hour >= 1 && hour <= 12))) return NaN;
  const hours = half ? (hour % 12) + (/p/i.test(half) ? 12 : 0) : Number(hour), second = Number((written ?? "0").replace(",", "."));
  const [, sign, ahead, beside] = zone?.match(/([+-])(\d\d):?(\d\d)?/) ?? [];
  const off = sign ? (sign === "-" ? -1 : 1) * (ahead * 3600 + (beside ?? 0) * 60) : 0, ends = hours === 24 && !(minute > 0 || second > 0);
  if ((hours > 23 && !ends) || minute > 59 || second >= 60 || Math.abs(off) >= DAY) return NaN;
  return midnight + hours * 3600 + minute * 60 + second - off;
}

/** The first day of a month, a quarter, a half-year or a week; NaN if there is none. */
function beginOf({ year, month, name, quarter, half, week, semaine }) {
  week ??= semaine;
  if (!week) return moment(fullYear(year), name ? monthNamed(name) : quarter ? 3 * quarter - 2 : half ? 6 * half - 5 : Number(month), 1);
  const first = firstWeek(year), found = first + (week - 1) * WEEK;
  return found >= first && found < firstWeek(Number(year) + 1) ? found : NaN;
}

/** A date in seconds since 1970, in UTC if it names no zone; NaN if it is none. */
function secondsOf(cell) {
  const text = cell.trim().normalize("NFC"), [, year, , month, date, clock] = text.match(YEAR_FIRST) ?? [];
  if (year) return moment(Number(year), Number(month), Number(date), clock);
  const among = (forms) => forms.map((one) => text.match(one)?.groups).find(Boolean), named = among(NAMED), period = among(PERIODS);
  const found = named ? moment(fullYear(named.year), monthNamed(named.name), Number(named.day), named.clock) : NaN;
  return Number.isNaN(found) && period ? beginOf(period) : found;
}
