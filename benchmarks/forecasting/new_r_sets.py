"""Seventy-two more sets of series from packages of R, listed and divided before any of them was forecast."""

from collections import Counter
from collections.abc import Callable

from benchmarks.forecasting.forecast_set import ForecastSet, Row
from benchmarks.forecasting.r_reading import columns, halves, long, regular, rows

_KINDS = (
    (
        "bond-yield", "drinks", "dutch-sales", "heating-oil", "inflation", "insurance", "land-ocean", "manaus",
        "murray", "paris", "price-index", "prisoners", "soi", "strikes", "sugar", "utilities", "vacancies",
        "volatility", "wage-index", "wages-prices",
    ),
    (
        "airlines", "bom-regions", "coffee-imports", "driving", "government", "greenhouse", "natural-gas", "nations",
        "seat-belts", "summers-heston",
    ),
    (
        "air-accidents", "arctic-ice", "bowley", "boston", "consumers", "convictions", "earnings", "finance",
        "house-investment", "inequality", "inventories", "max-temp", "measles", "melanoma", "minimum-wage",
        "newspapers", "okun", "old-prices", "ozone", "port-pirie", "postal", "sea-ice", "sea-level", "snowfall",
        "sulphur", "temperature", "tourism", "unemployment", "us-births", "us-trade", "wheat",
    ),
    (
        "airports", "aluminum", "chicago", "cholera", "clemson", "dow-jones", "exchange", "gold", "nyse", "pizza",
        "weather",
    ),
)  # fmt: skip
"""Names by kind: monthly or quarterly, several yearly series, one or few yearly series, hourly to weekly."""

NEW_DEVELOPMENT, NEW_HELD_OUT = halves(_KINDS, seed=27)
"""Half of each kind for development; the others are looked at once, at the end."""


def _numbered(name: str, horizon: int, found: list[tuple[str, str]], season: int) -> ForecastSet:
    """A set of series and values, whose steps are counted series by series."""
    steps: Counter[str] = Counter()
    kept: list[Row] = []
    for series, value in found:
        kept.append({"series": series, "time": steps[series], "value": value})
        steps[series] += 1
    return ForecastSet(name, horizon, kept, season=season)


def _airports(name: str) -> ForecastSet:
    """The temperature of the last 40 days of 2013, hour by hour, at three airports."""
    found = [
        {
            "series": row["origin"],
            "time": f"2013-{int(row['month']):02}-{int(row['day']):02} {int(row['hour']):02}:00",
            "value": row["temp"],
        }
        for row in rows("nycflights13", "weather")
        if (int(row["month"]), int(row["day"])) >= (11, 21) and row["temp"] != "nan"
    ]
    return ForecastSet(name, 24, found)


def _greenhouse(name: str) -> ForecastSet:
    """The concentration of three gases, every twenty years."""
    found = [(row["gas"], row["concentration"]) for row in rows("dslabs", "greenhouse_gases")]
    return _numbered(name, 8, found, season=1)


def _pizza(name: str) -> ForecastSet:
    """Pizzas sold a day."""
    sold = Counter(row["date"] for row in rows("gt", "pizzaplace"))
    return ForecastSet(name, 14, [{"time": day, "value": count} for day, count in sorted(sold.items())])


def _prisoners(name: str) -> ForecastSet:
    """Prisoners by state, gender and legal status, quarter by quarter."""
    found = [
        (f"{row['state']} {row['gender']} {row['legal']}", row["count"])
        for row in sorted(rows("fpp2", "prisonLF"), key=lambda row: row["t"])
    ]
    return _numbered(name, 8, found, season=4)


def _soi(name: str) -> ForecastSet:
    """The Southern Oscillation Index by month."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    found = [
        {"time": f"{row['Year']}-{number:02}", "value": row[month]}
        for row in rows("DAAG", "bomsoi")
        for number, month in enumerate(months, start=1)
    ]
    return ForecastSet(name, 12, found)


def _day(row: Row) -> str:
    return str(row["date"])[:10]


def _month(row: Row) -> str:
    return str(row["date"])[:7]


def _year_month(row: Row) -> str:
    return f"{row['Year']}-{int(row['Month']):02}"


def _year(row: Row) -> str:
    return str(row["year"])


_REGIONS = ("seAVt", "southAVt", "eastAVt", "northAVt", "swAVt", "qldAVt", "nswAVt", "ntAVt", "saAVt")

NEW_R_SETS: dict[str, Callable[[str], ForecastSet]] = {
    "bond-yield": regular("AER", "BondYield", 12, 12),
    "drinks": long("modeldata", "drinks", 12, _month, "S4248SM144NCEN"),
    "dutch-sales": regular("AER", "DutchSales", 12, 12),
    "heating-oil": long("Stat2Data", "HeatingOil", 12, _year_month, "FuelOil"),
    "inflation": long("Stat2Data", "Inflation", 12, _year_month, "CPI"),
    "insurance": long("fpp3", "insurance", 6, lambda row: row["Month"].replace(" ", "-"), "Quotes"),
    "land-ocean": long("stevedata", "LOTI", 12, _month, "value"),
    "manaus": regular("boot", "manaus", 12, 12),
    "murray": regular("DAAG", "mdbAVtJtoD", 12, 12),
    "paris": long("HistData", "Prostitutes", 12, _month, "count"),
    "price-index": long("stevedata", "LTPT", 12, _month, "value", "category"),
    "prisoners": _prisoners,
    "soi": _soi,
    "strikes": columns("Ecdat", "StrikeNb", 12, ("strikes", "output"), 12),
    "sugar": long("stevedata", "sugar_price", 12, _month, "value", "category"),
    "utilities": columns("mosaicData", "Utilities", 12, ("kwh", "ccf"), 12),
    "vacancies": columns("wooldridge", "beveridge", 12, ("urate", "vrate"), 12),
    "volatility": columns("wooldridge", "volat", 12, ("i3", "ip"), 12),
    "wage-index": long("stevedata", "LTWT", 12, _month, "value", "category"),
    "wages-prices": columns("wooldridge", "wageprc", 12, ("price", "wage"), 12),
    "airlines": long("AER", "USAirlines", 3, _year, "cost", "firm"),
    "bom-regions": columns("DAAG", "bomregions2021", 8, _REGIONS),
    "coffee-imports": long("stevedata", "coffee_imports", 4, _year, "value", "country"),
    "driving": long("wooldridge", "driving", 4, _year, "totfatrte", "state"),
    "government": long("stevedata", "PPGE", 5, _year, "govtspendgdp", "country"),
    "greenhouse": _greenhouse,
    "natural-gas": long("AER", "NaturalGas", 4, _year, "consumption", "state"),
    "nations": long("stevedata", "pwt_sample", 6, _year, "rgdpna", "country"),
    "seat-belts": long("AER", "USSeatBelts", 3, _year, "fatalities", "state"),
    "summers-heston": long("Ecdat", "SumHes", 5, _year, "gdp", "country"),
    "air-accidents": columns("stevedata", "asn_stats", 6, ("airacc", "airfatal")),
    "arctic-ice": long("stevedata", "arcticseaice", 8, _year, "value"),
    "bowley": long("HistData", "Bowley", 6, lambda row: row["Year"], "Value"),
    "boston": regular("fpp2", "marathon", 8, 1),
    "consumers": columns("wooldridge", "consump", 4, ("y", "rcons", "rserv")),
    "convictions": columns("carData", "Hartnagel", 5, ("fconvict", "mconvict", "degrees")),
    "earnings": columns("wooldridge", "earns", 4, ("wkearns", "wkhours", "outphr")),
    "finance": columns("Ecdat", "USFinanceIndustry", 8, ("Domestic", "Financial", "Nonfinancial")),
    "house-investment": columns("wooldridge", "hseinv", 4, ("inv", "price")),
    "inequality": columns("Ecdat", "incomeInequality", 6, ("quintile1", "median", "p95")),
    "inventories": columns("wooldridge", "inven", 4, ("inven", "gdp")),
    "max-temp": regular("fpp2", "maxtemp", 6, 1),
    "measles": regular("DAAG", "measles", 10, 1),
    "melanoma": long("lattice", "melanoma", 5, _year, "incidence"),
    "minimum-wage": columns("wooldridge", "prminwge", 4, ("avgmin", "avgwage", "mfgwage", "prgnp")),
    "newspapers": columns("Ecdat", "USnewspapers", 6, ("Ads_currentGdollars", "Circ_currentGdollars")),
    "okun": columns("wooldridge", "okun", 4, ("unem", "pcrgdp")),
    "old-prices": columns("fpp3", "prices", 10, ("eggs", "copper", "nails", "oil", "wheat")),
    "ozone": columns("DAAG", "ozone", 5, ("Annual",)),
    "port-pirie": long("texmex", "portpirie", 6, lambda row: row["Year"], "SeaLevel"),
    "postal": columns("Ecdat", "USPS", 10, ("Income", "Expenses")),
    "sea-ice": columns("Stat2Data", "SeaIce", 5, ("Extent", "Area")),
    "sea-level": columns("stevedata", "sealevels", 10, ("adjlev",)),
    "snowfall": columns("openintro", "snowfall", 8, ("total_snow",)),
    "sulphur": long("stevedata", "so2concentrations", 5, _year, "value"),
    "temperature": columns("dslabs", "temp_carbon", 10, ("temp_anomaly", "land_anomaly", "ocean_anomaly")),
    "tourism": columns("openintro", "tourism", 5, ("visitor_count_tho", "tourist_spending")),
    "unemployment": columns("openintro", "unempl", 8, ("unemp",)),
    "us-births": columns("openintro", "present", 6, ("boys", "girls")),
    "us-trade": columns("stevedata", "usa_tradegdp", 10, ("gdpb", "impo", "expo")),
    "wheat": columns("HistData", "Wheat", 6, ("Wheat", "Wages")),
    "airports": _airports,
    "aluminum": long("stevedata", "aluminum_premiums", 20, _day, "price", "group"),
    "chicago": long("modeldata", "Chicago", 14, lambda row: row["date"][:10], "ridership", keep=1_500),
    "cholera": long("HistData", "CholeraDeaths1849", 14, _day, "deaths", "cause_of_death"),
    "clemson": long("stevedata", "clemson_temps", 14, _day, "tmax", keep=1_500),
    "dow-jones": regular("AER", "DJFranses", 13, 52),
    "exchange": long("stevedata", "ukg_eeri", 20, _day, "value", keep=1_500),
    "gold": columns("forecast", "gold", 20, ("value",)),
    "nyse": columns("wooldridge", "nyse", 13, ("price",)),
    "pizza": _pizza,
    "weather": long("mosaicData", "Weather", 14, _day, "avg_temp", "city"),
}
"""How each is read."""
