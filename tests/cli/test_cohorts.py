"""Studies of cohorts: the same bytes for any number of threads, and after a kill."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

import h5py
import numpy as np

PROGRAM = os.environ["CORRIDOR_PROGRAM"]
SCENARIOS = os.path.join(os.environ["CORRIDOR_TREE"], "scenarios")
SMALL = ["--scale", "0.02", "--progress", "json"]


class Cohorts(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="corridor_")
        self.addCleanup(shutil.rmtree, self.folder)

    def command(self, name, *options):
        files = [os.path.join(SCENARIOS, file) for file in ("history.yaml", "funding-runs-out.yaml")]
        return [PROGRAM, "run", *files, *SMALL, "-o", os.path.join(self.folder, name), *options]

    def run_study(self, name, *options):
        subprocess.run(self.command(name, *options), check=True, capture_output=True, timeout=120)
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read()

    def test_same_bytes_for_any_threads(self):
        """Catches draws, caches of durations or sums that depend on which thread ran what before."""
        for engine, step in (("flows", "1d"), ("mean", "1d"), ("flows", "12h")):
            same = ["-e", engine, "--step", step, "-n", "2"]
            one = self.run_study(f"{engine}{step}1.h5", *same, "-j", "1")
            self.assertEqual(one, self.run_study(f"{engine}{step}2.h5", *same, "-j", "2"), f"{engine}, step {step}")

    def test_pairs_of_means_are_run_once(self):
        """Catches results taken over from another pair or scenario, or that depend on which of a pair was run."""
        same = ["-e", "mean", "-j", "1"]
        whole = self.run_study("whole.h5", *same, "-n", "3")
        self.run_study("grown.h5", *same, "-n", "1")
        self.assertEqual(whole, self.run_study("grown.h5", *same, "-n", "3", "--resume"))
        with h5py.File(os.path.join(self.folder, "whole.h5")) as file:
            of = file["runs/measures"][:, :, :, list(file["measure"].asstr()).index("encounters")]
        for scenario in range(2):
            self.assertTrue((of[scenario, 0] == of[scenario, 1]).all())
            self.assertTrue((of[scenario, 0] != of[scenario, 2]).all())
        self.assertTrue((of[0] != of[1]).any())
        self.run_study("fixed.h5", *same, "-n", "3", "--parameters", "fixed")
        with h5py.File(os.path.join(self.folder, "fixed.h5")) as file:
            of = file["runs/measures"][()]
        np.testing.assert_array_equal(of[:, 0], of[:, 2])
        self.assertTrue((of[0] != of[1]).any())

    def test_killed_study_resumes_to_the_same_bytes(self):
        """Catches a replication of cohorts that begins with what another one left behind."""
        same = ["-e", "flows", "-n", "16"]
        process = subprocess.Popen(self.command("killed.h5", *same, "-j", "1"), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if json.loads(line)["done"] >= 2:
                break
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "killed.h5")))
        resumed = self.run_study("killed.h5", *same, "-j", "2", "--resume")
        self.assertEqual(resumed, self.run_study("whole.h5", *same, "-j", "2"))


if __name__ == "__main__":
    unittest.main()
