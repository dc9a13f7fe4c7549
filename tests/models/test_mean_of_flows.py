"""What `mean` says is what `flows` says on average, where the model is linear: sources, ways, hazards, choices, gates, memories,
without capacities and money. With --full (label long) also a report of how far `mean` stands from 2,000 `flows` of the whole
corridor, which is not linear."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, os.path.join(os.environ["CORRIDOR_TREE"], "tests", "helpers"))
import agreement

PROGRAM = os.environ["CORRIDOR_PROGRAM"]
HISTORY = os.path.join(os.environ["CORRIDOR_TREE"], "scenarios", "history.yaml")
FULL = "--full" in sys.argv
REPLICATIONS = 2000

LINEAR = """
title: Nothing in this network is scarce
from: 2023-01-01
to: 2023-06-30
classes: {class: [a, b]}
places: {here: {}, there: {}}
measures: {stops: {per_person: true}, arrivals: {per_person: true}, returns: {}, losses: {}}
stations:
  in:
    kind: source
    at: here
    per_day: {steps: {2023-01-01: 45, 2023-03-10: 90}}
    mix: {class: {a: 5, b: 1}}
    batches: [{name: group, on: 2023-02-03, people: 900}]
    to: way
  way:
    kind: delay
    at: here
    duration: {distribution: gamma, shape: 3, mean_days: {a: 9, b: 4.5}}
    to: fork
  fork:
    kind: choice
    at: here
    options: {on: {to: gate, share: {a: 0.7, b: 0.4}}, wait: {to: rest, share: rest}}
  gate:
    kind: gate
    at: here
    stop_probability: {a: {steps: {2023-01-01: 0.2, 2023-04-01: 0.5}}, b: 0.3}
    counts_as: [stops]
    outcomes:
      - sent_back: {share: 0.6, counts_as: [returns], to: bus}
      - let_go: {to: way}
    to: arrived
  rest:
    kind: stay
    at: there
    duration: {distribution: lognormal, shape: 0.7, mean_days: 20}
    hazards: {loss: {per_day: 0.01, counts_as: [losses], to: lost}}
    to: gate
  bus:
    kind: delay
    at: here
    duration: {distribution: uniform, min_days: 0.4, max_days: 3}
    to: way
  arrived: {kind: sink, counts_as: [arrivals]}
  lost: {kind: sink}
"""


# Nobody comes back, so that every count of people is a Poisson count.
MANY = """
title: Many people of many classes, who are drawn together
from: 2023-01-01
to: 2023-03-31
classes: {class: [a, b, c, d, e, f]}
places: {here: {}}
measures: {stops: {per_person: true}, arrivals: {}, losses: {}}
stations:
  in: {kind: source, at: here, per_day: 400, mix: {class: {a: 6, b: 5, c: 4, d: 3, e: 2, f: 1}}, to: way}
  way: {kind: delay, at: here, duration: {distribution: erlang, shape: 3, mean_days: {steps: {2023-01-01: 6, 2023-02-10: 9}}}, to: fork}
  fork:
    kind: choice
    at: here
    options: {on: {to: gate, share: {a: 0.7, b: 0.4, c: 0.5, d: 0.6, e: 0.2, f: 0.3}}, wait: {to: rest, share: 0.3}, back: {to: home, share: rest}}
  rest:
    kind: stay
    at: here
    duration: {distribution: exponential, mean_days: 7}
    hazards: {loss: {per_day: 0.02, counts_as: [losses], to: lost}}
    to: gate
  gate:
    kind: gate
    at: here
    stop_probability: {a: 0.2, b: 0.3, c: 0.4, d: 0.25, e: 0.1, f: 0.35}
    counts_as: [stops]
    outcomes:
      - sent_back: {share: {a: 0.6, b: 0.5, c: 0.4, d: 0.3, e: 0.2, f: 0.1}, to: home}
      - let_go: {to: last}
    to: last
  last: {kind: delay, at: here, duration: {distribution: erlang, shape: 2, mean_days: 5}, to: arrived}
  arrived: {kind: sink, counts_as: [arrivals]}
  home: {kind: sink}
  lost: {kind: sink}
"""


def run(files, engine, replications, output, scale=1):
    subprocess.run([PROGRAM, "run", *files, "-e", engine, "-n", str(replications), "--parameters", "fixed", "--scale", str(scale),
                    "-o", output, "-q"], check=True)


def numbers(path):
    """Everything that counts people: name -> array (replication, ...)."""
    wanted = {"events": ("events", "people"), "stocks": ("people", "people_end"), "flows": ("moves",)}
    return {f"{group}/{name}": agreement.group(path, group)[name].values[0].astype(float)
            for group, names in wanted.items() for name in names}


class MeanOfFlows(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="corridor_")
        self.addCleanup(shutil.rmtree, self.folder)

    def both(self, files):
        paths = {engine: os.path.join(self.folder, f"{engine}.h5") for engine in ("flows", "mean")}
        run(files, "flows", REPLICATIONS, paths["flows"])
        run(files, "mean", 1, paths["mean"])
        return paths

    def test_many_people_are_as_likely_and_as_various_as_few(self):
        """Catches people who are drawn together, where they are many, with another chance than one by one, or who vary otherwise."""
        scale, replications = 100, 400
        scenario = os.path.join(self.folder, "many.yaml")
        with open(scenario, "w", encoding="utf-8") as file:
            file.write(MANY)
        paths = {engine: os.path.join(self.folder, f"{engine}.h5") for engine in ("flows", "mean")}
        run([scenario], "flows", replications, paths["flows"], scale)
        run([scenario], "mean", 1, paths["mean"], scale)
        compared = 0
        for name, drawn in numbers(paths["flows"]).items():
            drawn, expected = drawn * scale, numbers(paths["mean"])[name][0] * scale
            often = expected > 1000
            distance = (drawn.mean(axis=0) - expected)[often] / np.sqrt(expected[often] / replications)
            self.assertLess(abs(distance).max(), 4.5, name)
            if name == "stocks/people":  # people times days: no count of people
                continue
            variance = drawn.var(axis=0, ddof=1)[often] / expected[often]
            self.assertLess(abs(variance - 1).max(), 5.5 * np.sqrt(2 / (replications - 1)), name)
            compared += often.sum()
        self.assertGreater(compared, 150)

    def test_mean_is_the_average_of_flows(self):
        """Catches an expectation that leaves out a way, a class or half a step, or a draw that is biased."""
        scenario = os.path.join(self.folder, "linear.yaml")
        with open(scenario, "w", encoding="utf-8") as file:
            file.write(LINEAR)
        paths = self.both([scenario])
        flows, mean = numbers(paths["flows"]), numbers(paths["mean"])
        compared = 0
        for name, drawn in flows.items():
            expected = mean[name][0]
            # A count that is hardly ever drawn varies at least like a Poisson count.
            spread = np.maximum(drawn.std(axis=0, ddof=1), np.sqrt(expected))
            error = spread / np.sqrt(REPLICATIONS) + 1e-9
            distance = (drawn.mean(axis=0) - expected) / error
            worst = np.unravel_index(np.argmax(abs(distance)), distance.shape)
            # Some hundred numbers: beyond 4.5 standard errors there should be none by chance.
            self.assertLess(abs(distance[worst]), 4.5, f"{name} {worst}: {drawn.mean(axis=0)[worst]} against {expected[worst]}")
            compared += (expected > 0).sum()
        self.assertGreater(compared, 150)

    @unittest.skipUnless(FULL, "a report of the whole corridor, with --full")
    def test_report_of_the_corridor(self):
        """Catches a `mean` that no longer follows the corridor; prints how far it stands from 2,000 `flows`."""
        paths = self.both([HISTORY])
        flows, mean = agreement.series(paths["flows"]), agreement.series(paths["mean"])
        for name in ("encounters", "stops", "appointments", "transfers", "crossings", "removals", "releases", "got_aways"):
            drawn, expected = flows[name][0][0], mean[name][0][0, 0]
            months = 100 * (expected / drawn.mean(axis=0) - 1)
            total = 100 * (expected.sum() / drawn.mean(axis=0).sum() - 1)
            error = 100 * drawn.sum(axis=1).std(ddof=1) / np.sqrt(len(drawn)) / drawn.mean(axis=0).sum()
            print(f"{name}: all months {total:+.3f} % (standard error {error:.3f} %), farthest month {months[np.argmax(abs(months))]:+.2f} %")
            self.assertLess(abs(total), 1, name)


if __name__ == "__main__":
    unittest.main(argv=[argument for argument in sys.argv if argument != "--full"])
