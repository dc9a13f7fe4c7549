"""Agents and cohorts say the same of the whole corridor, with parameters fixed: month by month, in their spread, and of what a
policy does. By default a tenth of the people, which runs in the suite; with --full every person and 200 replications, where
the tolerances are narrow (label long)."""

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
SCENARIOS = [os.path.join(os.environ["CORRIDOR_TREE"], "scenarios", f"{name}.yaml") for name in ("history", "funding-runs-out")]
FULL = "--full" in sys.argv
SCALE, REPLICATIONS = ("1", 200) if FULL else ("0.1", 24)
FROM_MARCH_2024 = 14


def run(engine, output):
    subprocess.run([PROGRAM, "run", *SCENARIOS, "-e", engine, "-n", str(REPLICATIONS), "--scale", SCALE, "--parameters", "fixed",
                    "-o", output, "-q"], check=True)


class EnginesAgree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="corridor_")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        paths = {engine: os.path.join(cls.folder, f"{engine}.h5") for engine in ("agents", "flows")}
        for engine, path in paths.items():
            run(engine, path)
        cls.agents, cls.flows = agreement.series(paths["agents"]), agreement.series(paths["flows"])
        if FULL:
            agreement.main([paths["agents"], paths["flows"]])

    def test_no_month_differs_by_more_than_chance_and_tolerance(self):
        """Catches any measure, nationality, place or wait that one engine counts otherwise, in any month."""
        compared = 0
        for scenario in range(2):
            for row in agreement.rows(self.agents, self.flows, scenario):
                compared += 1
                # Some 4,000 intervals: beyond 4.9 standard errors there should be none by chance.
                beyond = abs(row.difference) - row.width * 4.9 / agreement.Z99
                self.assertLessEqual(beyond, row.allowed, str(row))
        self.assertGreater(compared, 1000)

    def test_totals_agree_within_one_per_cent(self):
        """Catches a small leak or delay that no single month shows: the whole interval must lie within 1 %."""
        for scenario in range(2):
            for name in agreement.MAIN:
                row = agreement.total(self.agents, self.flows, name, scenario)
                self.assertTrue(row.inside, str(row))

    def test_cohorts_vary_as_people_do(self):
        """Catches draws that are too regular or too wild: variances of the months, added up, agree within sampling error."""
        for name in agreement.MAIN:
            ratio = agreement.variance_ratio(self.agents, self.flows, name, 0)
            # Each variance has an error of about sqrt(2 / (n - 1)) of itself; months of a run hang together.
            error = 3.5 * np.sqrt(4 / (REPLICATIONS - 1))
            self.assertLess(abs(np.log(ratio)), error, f"{name}: {ratio:.2f} of the agents' variance")

    def test_a_policy_does_the_same(self):
        """Catches an engine in which enforcement without money works otherwise."""
        for name in ("encounters", "stops", "transfers"):
            agents, flows = (agreement.effect(data, name, FROM_MARCH_2024) for data in (self.agents, self.flows))
            row = agreement.Row(f"effect on {name}", "from March 2024", agents, flows, 0.03)
            if FULL:
                self.assertTrue(row.inside, str(row))
            else:
                self.assertFalse(row.outside, str(row))


if __name__ == "__main__":
    unittest.main(argv=[argument for argument in sys.argv if argument != "--full"])
