"""Studies of cohorts: the same bytes for any number of threads, and after a kill."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

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
