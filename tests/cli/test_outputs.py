"""What the program writes: never over what it reads, never over itself, and never over what is there unasked."""

import csv
import os
import shlex
import unittest

from test_program import BASE, FASTER, Program

DATA = "month,n\n2023-01,1\n2023-02,1\n2023-03,1\n"


class Outputs(Program):
    def setUp(self):
        super().setUp()
        self.write("data.csv", DATA)
        self.write("paced.yaml", BASE + "schedules: {pace: {csv: data.csv, column: n}}\n")

    def refused(self, *arguments, says):
        """One line on stderr, exit code 2, and nothing written or changed."""
        before = {name: self.read(name) for name in os.listdir(self.folder) if os.path.isfile(self.path(name))}
        done = self.call(*arguments, code=2)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"^corridor \w+: [^\n]*\n$")
        self.assertIn(says, done.stderr)
        after = {name: self.read(name) for name in os.listdir(self.folder) if os.path.isfile(self.path(name))}
        self.assertEqual(after, before)

    def test_results_and_table_are_two_files(self):
        """Catches a results file that its own table overwrites, however the two are spelled."""
        for table in ("x.h5", "./x.h5", self.path("x.h5"), "../" + os.path.basename(self.folder) + "/x.h5"):
            for more in ([], ["--force"], ["--resume"], ["--dry-run"]):
                self.refused("run", "base.yaml", "-n", "2", "-o", "x.h5", "--csv", table, *more, says="the same file")
        self.refused("run", "base.yaml", "-n", "2", "--csv", "base.h5", says="base.h5")
        self.call("run", "base.yaml", "-n", "2", "-q", "-o", "x.h5")
        os.link(self.path("x.h5"), self.path("hard.csv"))
        os.symlink("x.h5", self.path("soft.csv"))
        for table in ("x.h5", "./x.h5", "hard.csv", "soft.csv"):
            self.refused("run", "base.yaml", "-n", "2", "-o", "x.h5", "--csv", table, "--force", says="the same file")

    def test_scenarios_are_not_overwritten(self):
        """Catches a scenario, its parent or its data that a study writes over."""
        os.symlink("base.yaml", self.path("link.yaml"))
        for more in ([], ["--force"], ["--resume"]):
            for output in ("-o", "--csv"):
                self.refused("run", "base.yaml", output, "base.yaml", *more, says=f"{output}: base.yaml is a file")
                self.refused("run", "faster.yaml", output, "./base.yaml", *more, says="the same as")
                self.refused("run", "faster.yaml", output, "link.yaml", *more, says="this command reads")
                self.refused("run", "faster.yaml", "paced.yaml", output, "data.csv", *more, says="data.csv")
        self.assertEqual(self.read("faster.yaml").decode(), FASTER)

    def test_compared_files_are_not_overwritten(self):
        """Catches a comparison that destroys the study it reads."""
        self.call("run", "base.yaml", "faster.yaml", "-n", "2", "-q", "-o", "both.h5")
        self.refused("compare", "base", "faster", "--csv", "./both.h5", "--force", says="both.h5")
        self.refused("compare", "both.h5", "--csv", "both.h5", "--force", says="--csv: both.h5 is a file that this command reads")
        self.call("run", "base.yaml", "-n", "2", "-q")
        for table in ("base.h5", "both.h5"):
            self.refused("compare", "base.h5", "both.h5", "--csv", table, "--force", says=table)

    def test_tables_are_safe(self):
        """Catches a table that is replaced unasked, by run or by compare, or a --force that does not replace it."""
        self.call("run", "base.yaml", "faster.yaml", "-n", "2", "-q", "-o", "both.h5")
        self.write("old.csv", "mine\n")
        self.refused("run", "base.yaml", "-n", "2", "--csv", "old.csv", says="old.csv exists; --force replaces it")
        self.refused("compare", "both.h5", "--csv", "old.csv", says="old.csv exists; --force replaces it")
        self.refused("compare", "base", "fastr", "both.h5", "--csv", "old.csv", "--force", says="'faster'")
        self.refused("compare", "base", "faster", "both.h5", "-m", "servd", "--csv", "old.csv", "--force", says="'served'")
        self.assertEqual(self.read("old.csv").decode(), "mine\n")
        self.assertIn("--force", self.call("compare", "--help").stdout)
        self.call("compare", "both.h5", "--csv", "old.csv", "--force")
        self.assertTrue(self.read("old.csv").startswith(b"base,alternative,"))
        self.assertIn("base,alternative,", self.call("compare", "both.h5", "--csv", "/dev/stdout").stdout)

    def table(self, name):
        with open(self.path(name), encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def test_differences_are_those_of_the_runs(self):
        """Catches a row of the table that is of other bins, other replications or the other scenario."""
        self.call("run", "base.yaml", "faster.yaml", "-n", "4", "-q", "-o", "both.h5", "--csv", "runs.csv")
        self.call("compare", "base", "faster", "both.h5", "-m", "served", "--csv", "differences.csv")
        runs = [row for row in self.table("runs.csv") if row["measure"] == "served"]
        rows = self.table("differences.csv")
        self.assertEqual([row["bin_start"] for row in rows], ["2023-01-01", "2023-02-01", "2023-03-01", "total"])
        for row in rows:
            means = [sum(float(run["value"]) for run in runs if run["scenario"] == name
                         and row["bin_start"] in ("total", run["bin_start"])) / 4 for name in ("base", "faster")]
            self.assertAlmostEqual(float(row["base_mean"]), means[0])
            self.assertAlmostEqual(float(row["alternative_mean"]), means[1])
            self.assertAlmostEqual(float(row["difference"]), means[1] - means[0])
            self.assertEqual((row["base"], row["alternative"], row["replications"]), ("base", "faster", "4"))

    def test_fewer_replications_are_compared(self):
        """Catches replications of the next scenario that stand in for those that the smaller file does not have."""
        self.call("run", "base.yaml", "-n", "4", "-q", "-o", "large.h5")
        self.call("run", "base.yaml", "faster.yaml", "-n", "2", "-q", "-o", "small.h5")
        self.call("compare", "large.h5", "small.h5", "-m", "served", "--csv", "differences.csv")
        rows = [row for row in self.table("differences.csv") if row["alternative"] == "base"]
        self.assertEqual({(row["replications"], row["difference"]) for row in rows}, {("2", "0")})

    def test_table_that_cannot_be_written(self):
        """Catches a whole study run before its table turns out to have nowhere to go, and a table left by the look."""
        before = sorted(os.listdir(self.folder))
        for table, says in (("nowhere/t.csv", "No such file or directory"), ("base.yaml/t.csv", "Not a directory")):
            done = self.call("run", "base.yaml", "-n", "100000", "--csv", table, code=1)
            self.assertEqual(done.stderr, f"corridor run: --csv: cannot write {table}: {says}\n")
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        os.symlink("end.csv", self.path("link.csv"))
        self.call("run", "base.yaml", "-n", "1", "-q", "--csv", "link.csv")
        self.assertTrue(self.read("end.csv").startswith(b"scenario,"))
        before = sorted(os.listdir(self.folder))
        self.call("run", "base.yaml", "-n", "100000", "--csv", "t.csv", "-o", "nowhere/x.h5", code=1)
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_links_are_followed(self):
        """Catches results that replace a link, and leave the file it leads to as it was, or not there."""
        os.mkdir(self.path("disk"))
        for target in ("disk/a.h5", self.path("disk/b.h5")):
            os.symlink(target, self.path("link.h5"))
            self.call("run", "base.yaml", "-n", "1", "-q", "-o", "link.h5")
            self.call("run", "base.yaml", "-n", "2", "-q", "-o", "link.h5", "--resume")
            self.assertTrue(os.path.islink(self.path("link.h5")))
            self.assertIn("2 replications", self.call("show", target).stdout)
            os.remove(self.path("link.h5"))

    def test_folder_is_no_file(self):
        """Catches a folder for which --force or --resume is advised, or that the study meets at its end."""
        os.mkdir(self.path("folder"))
        for more in ([], ["--force"], ["--resume"]):
            for folder in ("folder", "folder/", "."):
                self.refused("run", "base.yaml", "-n", "2", "-o", folder, *more, says=f"-o: {folder} is a folder; name a file")
                self.refused("run", "base.yaml", "-n", "2", "--csv", folder, *more, says=f"--csv: {folder} is a folder")
        self.call("run", "base.yaml", "faster.yaml", "-n", "2", "-q", "-o", "both.h5")
        self.refused("compare", "both.h5", "--csv", "folder", "--force", says="is a folder")

    def test_next_commands_can_be_pasted(self):
        """Catches names with spaces or quotes that the shell would take apart."""
        for name in ("plain.h5", "a b.h5", "it's; $HOME.h5", "é.h5", "-x.h5"):
            self.write("b c.yaml", BASE)
            lines = self.call("run", "base.yaml", "b c.yaml", "-n", "2", "-o", name, LC_ALL="C.UTF-8").stdout.splitlines()
            start = next(i for i, line in enumerate(lines) if line.startswith("Next:"))
            words = [shlex.split(line.removeprefix("Next:")) for line in lines[start:start + 3]]
            pasted = "./" + name if name.startswith("-") else name
            self.assertEqual(words, [["corridor", "show", pasted], ["corridor", "compare", "base", "b c", pasted],
                                     ["corridor", "score", pasted]])
            self.assertEqual("'" in lines[start], name not in ("plain.h5", "-x.h5"))


if __name__ == "__main__":
    unittest.main()
