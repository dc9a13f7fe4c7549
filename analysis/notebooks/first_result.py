#!/usr/bin/env python3
"""Draws the first result: encounters, stops, the account and people bused to the south of Mexico, with 90 % intervals.

usage: first_result.py results/funding.h5 picture.png
"""
import os
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
# The scenarios are the same for most of the time: what happened is dotted and on top, so that the others show beneath.
STYLE = {"history": ("black", "as it happened", {"ls": (0, (1, 1.2)), "zorder": 3}),
         "funding-runs-out": ("#c0392b", "money runs out in March 2024", {}),
         "funding-held": ("#2471a3", "no shortfall in 2023", {})}


def published():
    """Monthly encounters that were published, for comparison: those of 2023 were fitted by hand, March 2024 was not."""
    path = os.path.join(TREE, "scenarios", "data", "cbp_swb_encounters_total.csv")
    rows = np.genfromtxt(path, delimiter=",", dtype=None, names=True, encoding="utf-8", usecols=(0, 1))
    keep = [(np.datetime64(m), n) for m, n in rows if "2023-01" <= m <= "2023-12"]
    return [m for m, _ in keep] + [np.datetime64("2024-03")], [n for _, n in keep] + [189359]


def panel(axes, runs, measure, title, unit):
    for scenario in runs.scenario.values:
        colour, label, line = STYLE.get(scenario, (None, scenario, {}))
        numbers = runs.measures.where(runs.complete == 1).sel(scenario=scenario, measure=measure)
        low, high = numbers.quantile([0.05, 0.95], "replication")
        axes.plot(runs.time, numbers.mean("replication") / unit, color=colour, label=label, **line)
        axes.fill_between(runs.time, low / unit, high / unit, color=colour, alpha=0.12, lw=0)
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.tick_params(axis="x", rotation=45)
    axes.grid(alpha=0.25)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    runs = xr.open_dataset(sys.argv[1], group="runs", engine="h5netcdf")
    figure, axes = plt.subplots(2, 2, figsize=(11, 7.5), constrained_layout=True)
    panel(axes[0, 0], runs, "encounters", "Encounters at the U.S. border, thousand a month", 1e3)
    months, numbers = published()
    axes[0, 0].plot(months, np.array(numbers) / 1e3, "o", ms=4, mfc="none", color="grey", label="published (CBP)")
    axes[0, 0].set_ylim(0, 1.08 * max(max(numbers) / 1e3, axes[0, 0].get_ylim()[1]))
    panel(axes[0, 1], runs, "stops", "Stops in Mexico, thousand a month (INM basis)", 1e3)
    panel(axes[1, 0], runs, "inm_balance", "Mexico's account for interdiction, million MXN (assumed costs)", 1e6)
    panel(axes[1, 1], runs, "transfers", "People bused to the south of Mexico, thousand a month", 1e3)
    axes[0, 0].legend(fontsize=8)
    figure.suptitle("Lines: mean; bands: 90 % of runs, over chance and over what is not known about the parameters", fontsize=9)
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
