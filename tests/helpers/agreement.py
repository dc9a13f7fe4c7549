"""Holds two results files of the same scenarios against each other, replication by replication: what agents say and what
cohorts say. As a program: agreement.py AGENTS.h5 FLOWS.h5 prints what stands outside the tolerances, and a summary; with --narrow
nothing has a wider tolerance than the rest."""

import re
import sys

import numpy as np
import xarray as xr

MAIN = ["encounters", "stops", "appointments", "transfers", "crossings", "removals", "releases"]

# People (or events) that a monthly mean needs to be compared within 1 %; what is smaller is pooled by quarter, within 3 %.
LARGE = 1000
MONTHLY, QUARTERLY = 0.01, 0.03
Z99 = 2.576


def group(path, name):
    with xr.open_dataset(path, group=name, engine="h5netcdf", decode_times=False) as data:
        return data.load()


def by_nationality(data, nationality):
    labels = [str(label) for label in nationality.values]
    parts = {name: data.isel({"class": [i for i, own in enumerate(labels) if own == name]}).sum("class") for name in sorted(set(labels))}
    return xr.concat(list(parts.values()), dim="nationality").assign_coords(nationality=list(parts))


def series(path):
    """Everything that is compared: name -> array (scenario, replication, time), and what makes it large."""
    events, stocks, waits = group(path, "events"), group(path, "stocks"), group(path, "waits")
    balances, spending = group(path, "balances"), group(path, "spending")
    found = {}
    parts = by_nationality(events["events"], events["nationality"])
    for kind in events["event_kind"].values:
        whole = events["events"].sel(event_kind=kind).sum("class")
        found[f"{kind}"] = (whole, whole)
        for nation in parts["nationality"].values:
            part = parts.sel(event_kind=kind, nationality=nation)
            found[f"{kind}, {nation}"] = (part, part)
    people = by_nationality(events["people"], events["nationality"])
    for kind in [kind for kind in events["event_kind"].values if float(events["people"].sel(event_kind=kind).sum()) > 0]:
        found[f"{kind} (people)"] = (events["people"].sel(event_kind=kind).sum("class"),) * 2
        for nation in people["nationality"].values:
            found[f"{kind} (people), {nation}"] = (people.sel(event_kind=kind, nationality=nation),) * 2
    for place in stocks["place"].values:
        people = stocks["people"].sel(place=place).sum("class")
        found[f"people in {place}"] = (people, people)
    for station in waits["station"].values:
        ended, total = (waits[name].sel(station=station).sum("class") for name in ("ended", "total"))
        found[f"wait at {station}"] = (total / ended.where(ended > 0), ended)
    for account in balances["account"].values:
        balance = balances["balance"].sel(account=account)
        found[f"balance of {account}"] = (balance, abs(balance))
    for item in spending["item"].values:
        found[f"spent on {item}"] = (spending["spent"].sel(item=item), spending["paid"].sel(item=item))
    return {name: (value.values, size.values) for name, (value, size) in found.items()}


class Row:
    """A mean of agents, the mean difference of the other engine, and the half-width of its 99 % interval."""

    def __init__(self, name, period, agents, other, tolerance):
        difference = other - agents
        self.name, self.period, self.tolerance = name, period, tolerance
        self.agents = agents.mean()
        self.difference = difference.mean()
        self.width = Z99 * difference.std(ddof=1) / np.sqrt(len(difference))
        self.allowed = tolerance * abs(self.agents)

    @property
    def inside(self):
        """The whole interval lies within the tolerance."""
        return abs(self.difference) + self.width <= self.allowed

    @property
    def outside(self):
        """The whole interval lies beyond the tolerance: more than chance."""
        return abs(self.difference) - self.width > self.allowed

    def __str__(self):
        share = 100 / self.agents if self.agents else float("nan")
        return (f"{self.name}, {self.period}: {self.agents:.6g}, difference {self.difference * share:+.2f} % "
                f"+- {self.width * share:.2f} % (99 %), tolerance {100 * self.allowed / abs(self.agents or 1):.1f} %")


# Wider tolerances, monthly and by quarter, for what hangs on the dates of registration, of which cohorts keep the mean and the
# spread: Cubans, of whom many registered before the first draw and came again to it.
EXCEPTIONS = [(re.compile(r", cuba$"), 0.03, 0.03)]


def tolerances(name):
    return next(((monthly, quarterly) for pattern, monthly, quarterly in EXCEPTIONS if pattern.search(name)), (MONTHLY, QUARTERLY))


def rows(agents, other, scenario):
    for name in agents:
        value, size = agents[name][0][scenario], agents[name][1][scenario]
        cohorts = other[name][0][scenario]
        large = np.nanmean(size, axis=0) >= LARGE
        for month in np.flatnonzero(large):
            pair = np.isfinite(value[:, month]) & np.isfinite(cohorts[:, month])
            if pair.sum() > 2:
                yield Row(name, f"month {month}", value[pair, month], cohorts[pair, month], tolerances(name)[0])
        if name.startswith(("wait", "balance")):
            continue
        for quarter in range(0, value.shape[1] - 2, 3):
            months = [m for m in range(quarter, quarter + 3) if not large[m]]
            if months and value[:, months].mean() * len(months) >= 100:
                yield Row(name, f"months {quarter}-{quarter + 2}, pooled", value[:, months].sum(1), cohorts[:, months].sum(1), tolerances(name)[1])


def total(agents, other, name, scenario):
    """All months together; the whole interval is to lie within 1 %."""
    return Row(name, "all months", *(data[name][0][scenario].sum(axis=1) for data in (agents, other)), 0.01)


def variance_ratio(agents, other, name, scenario):
    """Variance of the other engine by that of agents, months added up."""
    return other[name][0][scenario].var(axis=0, ddof=1).sum() / agents[name][0][scenario].var(axis=0, ddof=1).sum()


def effect(data, name, first):
    """Sum over the months from `first` of the difference between the second scenario and the first, by replication."""
    value = data[name][0]
    return (value[1] - value[0])[:, first:].sum(axis=1)


def main(paths):
    agents, other = series(paths[0]), series(paths[1])
    scenarios = [str(name) for name in group(paths[0], "runs")["scenario"].values]
    for s, scenario in enumerate(scenarios):
        found = list(rows(agents, other, s))
        kinds = {"within": [r for r in found if r.inside], "beyond": [r for r in found if r.outside]}
        kinds["open"] = [r for r in found if not r.inside and not r.outside]
        print(f"{scenario}: {len(found)} comparisons: " + ", ".join(f"{len(k)} {name}" for name, k in kinds.items()))
        for name in ("beyond", "open"):
            for row in sorted(kinds[name], key=lambda r: -abs(r.difference) / (r.allowed or 1))[:None if name == "beyond" else 60]:
                print(f"  {name}: {row}")
        for name in MAIN:
            print(f"  {total(agents, other, name, s)}")
            print(f"  variance of {name}: {variance_ratio(agents, other, name, s):.3f} of the agents'")
    if len(scenarios) > 1:
        for name in ("encounters", "stops", "transfers"):
            a, b = effect(agents, name, 14), effect(other, name, 14)
            width = Z99 * (b - a).std(ddof=1) / np.sqrt(len(a))
            print(f"effect on {name}: {a.mean():.6g}, the other engine {100 * (b.mean() / a.mean() - 1):+.2f} % +- {100 * width / abs(a.mean()):.2f} %")


if __name__ == "__main__":
    if "--narrow" in sys.argv:
        EXCEPTIONS = []
    main([argument for argument in sys.argv[1:] if argument != "--narrow"])
