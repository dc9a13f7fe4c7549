"""An installed program finds the models and scenarios that were installed with it, wherever it stands."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = pathlib.Path(os.environ["CORRIDOR_PROGRAM"])
MINE = "title: mine\nextends: history.yaml\n"


class Installed(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="corridor_"))
        self.addCleanup(shutil.rmtree, self.folder)
        environment = {name: value for name, value in os.environ.items() if name != "DESTDIR"}
        subprocess.run(["cmake", "--install", PROGRAM.parent, "--prefix", self.folder / "one"], check=True,
                       capture_output=True, env=environment)
        (self.folder / "elsewhere").mkdir()
        (self.folder / "elsewhere" / "mine.yaml").write_text(MINE)

    def check(self, program):
        """What the program says of the scenario, called in another folder than its own."""
        done = subprocess.run([program, "check", "mine.yaml"], cwd=self.folder / "elsewhere", capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_finds_its_own_models(self):
        """Catches a program that looks in the folder it was configured for, or in the source tree, although its own
        models were installed beside it; or that can only look where it was first put."""
        shares = list((self.folder / "one").glob("*/corridor/scenarios/history.yaml"))
        self.assertEqual(len(shares), 1)
        text = shares[0].read_text()
        self.assertIn("spin_up_days: 120", text)
        shares[0].write_text(text.replace("spin_up_days: 120", "spin_up_days: 7"))
        self.assertIn("after 7 days of spin-up", self.check(self.folder / "one" / "bin" / "corridor"))
        (self.folder / "one").rename(self.folder / "two")
        self.assertIn("after 7 days of spin-up", self.check(self.folder / "two" / "bin" / "corridor"))
        os.symlink(self.folder / "two" / "bin" / "corridor", self.folder / "corridor")
        self.assertIn("after 7 days of spin-up", self.check(self.folder / "corridor"))

    def test_built_program_uses_the_source_tree(self):
        """Catches a developer who edits a model and runs an older one that is installed."""
        self.assertNotIn("after 7 days", self.check(PROGRAM))

    def test_manual_and_completion_are_installed(self):
        """Catches files that the build makes and the installation leaves behind."""
        for name in ("corridor.1", "corridor"):
            self.assertTrue([p for p in (self.folder / "one").rglob(name) if p.is_file()], name)


if __name__ == "__main__":
    unittest.main()
