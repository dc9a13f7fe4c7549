"""Studies that are resumed or compared although they are not of one kind: the program says so in plain words."""

import os
import shutil
import signal
import time
import unittest

from test_program import BASE, Program

SCALABLE = BASE.replace("scalable: false\n", "")
OTHER = "0.0.9"


class Studies(Program):
    def setUp(self):
        super().setUp()
        self.version = self.call("--version").stdout.split()[1]

    def from_another_version(self, name, copy):
        """The file as if another version had written it: texts stand in it as they are."""
        bytes_of = self.read(name)
        self.assertIn(self.version.encode(), bytes_of)
        with open(self.path(copy), "wb") as file:
            file.write(bytes_of.replace(self.version.encode(), OTHER.encode()))

    def test_other_version_is_not_resumed(self):
        """Catches random numbers of two versions in one study, and a message that names but one of them."""
        self.call("run", "base.yaml", "-n", "2", "-q", "-o", "new.h5")
        self.from_another_version("new.h5", "old.h5")
        before = self.read("old.h5")
        for more in ([], ["--seed", "7", "-e", "flows", "--set", "stations.desk.servers=2"]):
            text = self.call("run", "base.yaml", "-n", "4", "-o", "old.h5", "--resume", *more, code=2).stderr
            self.assertEqual(text, f"corridor run: old.h5 was written by version {OTHER} of this program, and this is version "
                                   f"{self.version}: the random numbers may differ; go on with version {OTHER}, or start anew\n")
        self.assertEqual(self.read("old.h5"), before)

    def test_refused_resumes_are_told_in_plain_words(self):
        """Catches 'text trace_fraction is 0.5, stored 0', and the one choice that differs among all that follows from it."""
        self.write("wide.yaml", SCALABLE)
        self.call("run", "wide.yaml", "-n", "2", "-q", "-e", "flows", "-o", "out.h5")
        for options, says in ((["-e", "mean"], "the engine was flows, not mean"),
                              (["-e", "agents"], "the engine was flows, not agents"),
                              (["-e", "flows", "--step", "6h"], "the step was 1d, not 6h"),
                              (["-e", "flows", "--seed", "7", "--scale", "0.5"],
                               "the seed was 20231201, not 7; the scale was 1, not 0.5"),
                              (["-e", "flows", "--parameters", "fixed"], "the parameters were drawn, not fixed"),
                              (["-e", "flows", "--set", "stations.desk.servers=2"], "scenario 'wide' was another one"),
                              (["-e", "flows", "base.yaml"], "scenario 'base' is not in it")):
            text = self.call("run", "wide.yaml", "-n", "4", "-o", "out.h5", "--resume", *options, code=2).stderr
            self.assertEqual(text.splitlines()[-1], f"corridor run: out.h5 holds results of another study: {says}")
        self.call("run", "wide.yaml", "-n", "2", "-q", "-o", "out.h5", "--force")
        text = self.call("run", "wide.yaml", "-n", "2", "-o", "out.h5", "--resume", "--trace", "0.5", code=2).stderr
        self.assertIn("another study: the trace fraction was 0, not 0.5\n", text)

    def test_other_data_are_not_resumed(self):
        """Catches a study of which half was run with other data, though no scenario file has changed."""
        self.write("data.csv", "month,n\n2023-01,100\n2023-02,100\n2023-03,100\n")
        self.write("read.yaml", BASE + "schedules: {pace: {csv: data.csv, column: n}}\n")
        self.call("run", "read.yaml", "-n", "2", "-q")
        self.write("data.csv", "month,n\n2023-01,100\n2023-02,900\n2023-03,100\n")
        text = self.call("run", "read.yaml", "-n", "4", "-q", "--resume", code=2).stderr
        self.assertEqual(text, "corridor run: read.h5 holds results of another study: the data of scenario 'read' were others\n")

    def test_scenarios_of_one_study_have_one_frame(self):
        """Catches scenarios of other dates, bins, classes or records in one file, whose numbers would stand in each other's place."""
        mix = "stations: {arrivals: {mix: {age: {young: 1, old: 1}}}}\n"
        for content, says in (("to: 2023-03-30\n", "dates (from, to)"), ("record: {bins: week}\n", "record.bins or warm_up_days"),
                              ("warm_up_days: 31\n", "record.bins or warm_up_days"),
                              ("record: {flows: false}\n", "record.flows, record.stocks or record.waits"),
                              ("record: {stocks: false}\n", "record.flows, record.stocks or record.waits"),
                              ("record: {waits: false}\n", "record.flows, record.stocks or record.waits"),
                              ("classes: {age: [young, old]}\n" + mix, "classes"),
                              ("record: {wait_edges_days: [0, 1]}\n", "record.wait_edges_days"),
                              ("record: {wait_edges_days: [0, 0.25, 1, 2, 4, 7, 14, 21, 28, 42, 56, 84, 112, 168, 252, 366]}\n",
                               "record.wait_edges_days")):
            self.write("other.yaml", "title: Other\nextends: base.yaml\n" + content)
            self.call("check", "other.yaml")
            text = self.call("run", "base.yaml", "other.yaml", "-n", "2", code=2).stderr
            self.assertIn(f"base and other cannot be one study: their {says} differ; run them one by one\n", text)
            self.assertEqual(sorted(os.listdir(self.folder)), ["base.yaml", "faster.yaml", "other.yaml"])
        self.write("young.yaml", "title: Young\nextends: other.yaml\nclasses: {age: [young, old]}\n" + mix)
        self.write("named.yaml", "title: Named\nextends: other.yaml\nclasses: {age: [young, aged]}\n" + mix.replace("old", "aged"))
        self.assertIn("their classes differ", self.call("run", "young.yaml", "named.yaml", code=2).stderr)

    def test_waits_where_nobody_can_wait(self):
        """Catches a wait of 0 at a station that only another scenario of the study has, compared as if it were one."""
        self.write("second.yaml", "title: Two\nextends: base.yaml\nstations:\n  desk: {to: again}\n  again: {kind: queue, servers: 1, "
                                  "service: {distribution: exponential, mean_minutes: 10}, to: out}\n")
        self.call("run", "base.yaml", "second.yaml", "-n", "2", "-q", "-o", "both.h5", "--csv", "runs.csv")
        with open(self.path("runs.csv"), encoding="utf-8") as file:
            rows = [line.strip().split(",") for line in file if ",again_wait_days," in line]
        waits = {name: [row[-1] for row in rows if row[0] == name] for name in ("base", "second")}
        self.assertEqual([wait for wait in waits["base"] if wait not in ("", "NA", "nan")], [])
        self.assertEqual(len(waits["second"]), 6)  # three months, twice
        self.assertTrue(all(float(wait) > 0 for wait in waits["second"]))

    def test_empty_folder_is_no_study(self):
        """Catches a run that is refused for a folder of parts with nothing in it."""
        os.mkdir(self.path("base.h5.parts"))
        self.call("run", "base.yaml", "-n", "1", "-q")
        os.mkdir(self.path("other.h5.parts"))
        self.write("other.h5.parts/00000000.part", "x")
        self.assertIn("unfinished study", self.call("run", "base.yaml", "-n", "1", "-q", "-o", "other.h5", code=2).stderr)

    def test_disabled_policies_are_not_counted(self):
        """Catches values that no run uses among those that are assumed."""
        self.write("off.yaml", "title: Off\nextends: base.yaml\npolicies:\n  - {on: 2023-02-02, why: w, enabled: false, set: "
                               "{stations.desk.servers: {value: 2, range: [1, 3], status: assumed}}}\n")
        self.assertIn("1 assumed", self.call("check", "off.yaml").stdout)

    def test_compared_versions_are_told(self):
        """Catches twins of two versions that pass for twins."""
        self.call("run", "base.yaml", "-n", "2", "-q", "-o", "new.h5")
        self.from_another_version("new.h5", "old.h5")
        self.assertEqual(self.call("compare", "old.h5", "new.h5").stderr,
                         "corridor compare: the files come from different versions of this program "
                         f"({OTHER}, {self.version}), so their random numbers may differ, and not all that differs is the scenario\n")
        self.assertEqual(self.call("compare", "new.h5", "new.h5").stderr, "")

    def test_compared_choices_are_told(self):
        """Catches noise of scale, of values or of the engine that passes for what the scenario does, or a notice too many."""
        self.write("wide.yaml", SCALABLE)
        run = ["run", "wide.yaml", "-n", "2", "-q"]
        self.call(*run, "-o", "plain.h5")
        for name, options, says in (("seed", ["--seed", "7"], "different seeds (20231201, 7), so nothing is gained by pairing"),
                                    ("engine", ["-e", "flows"], "different engines or steps (agents, flows 1d), so not all"),
                                    ("scale", ["--scale", "0.5"], "different scales (1, 0.5), so not all that differs is the"),
                                    ("fixed", ["--parameters", "fixed"], "different sorts of parameters (drawn, fixed), so not")):
            self.call(*run, *options, "-o", f"{name}.h5")
            text = self.call("compare", "plain.h5", f"{name}.h5").stderr
            self.assertIn(says, text)
            self.assertEqual(text.count("\n"), 1, text)

    def test_nothing_in_common_is_no_comparison(self):
        """Catches tables of dashes, or a table in place of an earlier one, and exit code 0, where nothing can be compared."""
        self.write("crowd.yaml", BASE.replace("value: 90, range: [81, 94.5]", "value: 90000, range: [81000, 94500]")
                   .replace("servers: 1,", "servers: 2000,"))
        self.call("run", "base.yaml", "-n", "1", "-q")
        self.call("run", "crowd.yaml", "-n", "1", "-q", "--trace", "1", code=1)
        self.write("old.csv", "mine\n")
        for files, names in ((["base.h5", "crowd.h5"], "base and crowd"), (["crowd.h5", "base.h5"], "crowd and base")):
            done = self.call("compare", *files, "--csv", "old.csv", "--force", code=1)
            self.assertEqual(done.stdout, "")
            self.assertEqual(done.stderr, f"corridor compare: {names} have no complete replication in common\n")
        self.assertEqual(self.read("old.csv"), b"mine\n")

    def test_exit_codes_are_those_of_the_help(self):
        """Catches a missing or foreign results file that ends with another code than the help says, or no word of it."""
        self.write("foreign.h5", "not HDF5")
        for verb in ("show", "score", "compare"):
            for name, says in (("nothing.h5", "cannot read nothing.h5"), ("foreign.h5", "foreign.h5 is not a results file")):
                self.assertIn(says, self.call(verb, name, code=1).stderr)
        for text in (self.call("--help").stdout, self.call("help", "--man").stdout):
            self.assertIn("1 a run failed, or a results file or table cannot be read, written or compared;",
                          " ".join(text.split()))

    def stop_at_once(self, *arguments):
        """Ends the study by SIGINT before a replication is done; what it says, and whether it was early enough."""
        for _ in range(20):
            process = self.start(*arguments)
            deadline = time.monotonic() + 60
            folder = self.path(arguments[arguments.index("-o") + 1] + ".parts")
            while not os.path.isdir(folder) and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.001)
            process.send_signal(signal.SIGINT)
            _, text = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130, text)
            if not os.path.isdir(folder):
                return text
            shutil.rmtree(folder)
        self.skipTest("a replication is always done first")
        return ""

    def test_stopped_before_anything_is_stored(self):
        """Catches '0 of 50 replications are safe in' a folder that is not there."""
        self.write("slow.yaml", SCALABLE.replace("value: 90, range: [81, 94.5]", "value: 30000, range: [27000, 33000]")
                   .replace("servers: 1,", "servers: 600,"))
        run = ["run", "slow.yaml", "-j", "1"]
        text = self.stop_at_once(*run, "-n", "50", "-o", "new.h5")
        self.assertIn("stopped: nothing is stored yet; the same command starts anew\n", text)
        self.call(*run, "-n", "1", "-q", "-o", "old.h5")
        text = self.stop_at_once(*run, "-n", "50", "-o", "old.h5", "--resume")
        self.assertIn("stopped: 1 of 50 replications are safe in old.h5; the same command with --resume", text)

    def test_one_is_no_plural(self):
        """Catches '1 scenarios', '1 replications', '1 accounts'."""
        self.write("one.yaml", SCALABLE.replace("to: 2023-03-31", "to: 2023-01-31\nspin_up_days: 1").split("policies:")[0]
                   + "accounts: {money: {monthly_release_mxn: 5}}\n"
                   "targets: [{measure: served, period: 2023-01, value: 1, tolerance_percent: 10}]\n")
        text = self.call("check", "one.yaml").stdout + self.call("run", "one.yaml", "-n", "1", "-j", "1", "--dry-run").stdout
        done = self.call("run", "one.yaml", "-n", "1")
        text += done.stdout + done.stderr
        for arguments in (["show", "one.h5"], ["score", "one.h5"], ["compare", "one.h5", "one.h5"]):
            text += self.call(*arguments).stdout
        self.assertNotRegex(text, r"(?<![\d.,])1 (months|days|places|classes|accounts|scenarios|replications|threads|targets)\b")
        for part in ("1 month,", "1 day of spin-up", "1 class,", "1 account\n", "1 scenario, 1 replication each", "1 thread;",
                     "1 replication; this run", "1 replication per scenario", "1 target,", "1 replication in both"):
            self.assertIn(part, text)


class Mistakes(Program):
    def test_settings_say_where_they_come_from(self):
        """Catches 'error: a: unknown key' without a file, or a word of --set that is not from there."""
        self.write("paced.yaml", BASE + "schedules: {pace: {day: {steps: {2023-01-01: 1}}}}\n")
        for setting, says in (("a=b", "error: --set a: unknown key"),
                              (" stations.desk.servers = x", "error: --set stations.desk.servers: must be a number"),
                              ("stations.desk={colour: 1}", "error: --set stations.desk.colour: unknown key"),
                              ("stations.desk.to=nowhere", "error: --set stations.desk.to: unknown station 'nowhere'"),
                              ("pace.day=x", "error: --set schedules.pace.day: "),
                              ("stations.new.kind=sinc", "error: --set stations.new")):
            text = self.call("check", "paced.yaml", "--set", "to=2023-03-30", "--set", setting, code=2).stderr
            self.assertIn(says, text)
            self.assertNotIn("--set --set", text)
        self.write("bad.yaml", BASE.replace("servers: 1,", "serverz: 1,"))
        self.assertNotIn("--set", self.call("check", "bad.yaml", "--set", "title=x", code=2).stderr)

    def test_words_allowed_are_listed(self):
        """Catches 'see --help' in place of the few words that an option takes."""
        for arguments, says in ((["show", "-f", "svg", "base.yaml"], "--format: unknown word 'svg'; it must be table, graphviz or map\n"),
                                (["run", "--progress", "foo", "base.yaml"],
                                 "--progress: unknown word 'foo'; it must be auto, bar, lines, json or none\n"),
                                (["run", "--parameters", "fixd", "base.yaml"],
                                 "--parameters: unknown word 'fixd'; it must be drawn or fixed; did you mean 'fixed'?\n")):
            self.assertTrue(self.call(*arguments, code=2).stderr.endswith(says), says)


if __name__ == "__main__":
    unittest.main()
