"""Random networks, run by flows and mean: nobody is lost or doubled, flows count whole people, no limit is passed, money is not
overdrawn, and the results do not depend on the number of threads. Seeds are fixed: a failure is a defect, and its network is kept."""

import filecmp
import os
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.environ["CORRIDOR_TREE"], "tests", "helpers"))
from random_network import RandomNetwork

PROGRAM = os.environ["CORRIDOR_PROGRAM"]
SEEDS = range(1, 201)
STEPS = ("1d", "6h", "90m")


class Results:
    """One results file: [replication, bin, ...] of the only scenario."""

    def __init__(self, path, engine):
        self.file = h5py.File(path)
        self.rounding = 1e-8 if engine == "mean" else 0
        self.whole = engine == "flows"

    def of(self, name):
        return self.file[name][0]

    def events(self, kind):
        return self.of("events/events")[:, :, [n.decode() for n in self.file["event_kind"]].index(kind)]

    def problems(self):
        yield from self.numbers()
        yield from self.census()
        if "waits" in self.file:  # somebody can wait somewhere
            yield from self.waits()
        yield from self.limits()

    def numbers(self):
        for name in ("flows/moves", "events/events", "events/people", "stocks/people_end", "waits/ended"):
            if name not in self.file:
                continue
            x = self.of(name)
            if not np.isfinite(x).all() or x.min() < -self.rounding:
                yield f"{name} has {x.min()}"
            if self.whole and (x != np.floor(x)).any():
                yield f"{name} has parts of people"

    def census(self):
        present = self.of("stocks/people_end").sum(axis=2)
        expected = np.cumsum(self.events("came") - self.events("gone"), axis=1)
        error = np.abs(present - expected).max()
        if error > self.rounding * (1 + present.max()):
            yield f"{error} people too many or too few"
        if (self.of("events/people") > self.of("events/events") + self.rounding * (1 + present.max())).any():
            yield "more people than events"

    def waits(self):
        ended = self.of("waits/ended").sum(axis=-1)
        error = np.abs(ended - self.of("waits/histogram").sum(axis=-1)).max()
        if error > self.rounding * (1 + ended.max()):
            yield f"{error} waits that are in no bin of the histogram"

    def limits(self):
        names = [n.decode() for n in self.file["capacity"]]
        for i, name in enumerate(names):
            if not (name == "staff" or name.endswith(".seats")):
                continue
            above = (self.of("levels/used") - self.of("levels/limit"))[:, :, i].max()
            if above > self.rounding * 1000:
                yield f"{name}: {above} above the limit"
        if self.of("balances/lowest").min() < -0.005:
            yield f"the account stands at {self.of('balances/lowest').min()}"


class RandomNetworks(unittest.TestCase):
    def run_engine(self, scenario, engine, step, threads):
        output = scenario[:-5] + f"-{engine}-{threads}.h5"
        command = [PROGRAM, "run", scenario, "-e", engine, "--step", step, "-n", "2", "-j", threads, "-o", output, "-q"]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=60)
        except subprocess.TimeoutExpired:
            self.fail(f"{' '.join(command)} does not end")
        self.assertEqual(run.returncode, 0, run.stderr)
        return output

    def test_all(self):
        for seed in SEEDS:
            text, step = RandomNetwork(seed).text(), STEPS[seed % len(STEPS)]
            with tempfile.TemporaryDirectory() as folder:
                scenario = os.path.join(folder, f"random{seed}.yaml")
                with open(scenario, "w") as file:
                    file.write(text)
                for engine in ("flows", "mean"):
                    with self.subTest(seed=seed, engine=engine, step=step):
                        output = self.run_engine(scenario, engine, step, "1")
                        self.assertEqual(list(Results(output, engine).problems()), [], text)
                        if seed % 10 == 0:
                            other = self.run_engine(scenario, engine, step, "2")
                            self.assertTrue(filecmp.cmp(output, other, shallow=False), "two threads give other bytes")


if __name__ == "__main__":
    unittest.main()
