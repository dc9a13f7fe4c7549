"""The program `corridor` as its users meet it: words, exit codes, files."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import textwrap
import unittest

PROGRAM = os.environ["CORRIDOR_PROGRAM"]

BASE = """\
title: One desk
from: 2023-01-01
to: 2023-03-31
scalable: false
measures: {served: {long_name: people served}}
stations:
  arrivals: {kind: source, per_day: {value: 90, range: [81, 94.5], status: assumed}, to: desk}
  desk: {kind: queue, servers: 1, service: {distribution: exponential, mean_minutes: 14}, to: out}
  out: {kind: sink, counts_as: [served]}
policies:
  - {on: 2023-02-01, why: nothing changes, set: {stations.desk.servers: 1}}
targets:
  - {measure: served, period: 2023-02, value: 2520, tolerance_percent: 10}
  - {measure: served, period: 2023-03, value: 1, tolerance_percent: 2, use: check}
  - {measure: served, period: 2023-03-15/2023-03-31, value: 1, tolerance_percent: 2}
"""
FASTER = "title: A faster desk\nextends: base.yaml\nstations: {desk: {service: {mean_minutes: 12}}}\n"


class Program(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="corridor_")
        self.addCleanup(shutil.rmtree, self.folder)
        self.write("base.yaml", BASE)
        self.write("faster.yaml", FASTER)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def call(self, *arguments, code=0, **environment):
        """Runs the program; fails unless it ends with `code`."""
        done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True, encoding="utf-8",
                              env={**os.environ, "LC_ALL": "C.UTF-8", **environment}, timeout=120, check=False)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, *arguments):
        """Starts the program with signals as a terminal would give them."""
        def default_signals():
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, preexec_fn=default_signals)


class Words(Program):
    def test_help_says_every_verb_and_default(self):
        """Catches a verb or a default that the help forgets."""
        text = self.call("--help").stdout
        for verb in ("check", "show", "run", "compare", "score", "keys"):
            self.assertIn(f"corridor {verb}", text)
            self.assertIn("--help", self.call(verb, "--help").stdout)
        run = " ".join(self.call("run", "--help").stdout.split())
        for default in ("default: 40", "default: agents", "default: 20231201", "default: drawn", "default: auto"):
            self.assertIn(default, run)

    def test_help_fits_the_terminal(self):
        """Catches lines wider than 100 columns."""
        for arguments in (["--help"], ["run", "--help"], ["compare", "--help"], ["check", "--help"], ["keys", "--help"]):
            for line in self.call(*arguments).stdout.splitlines():
                self.assertLessEqual(len(line), 100, line)

    def test_version(self):
        """Catches a version that is not a version."""
        self.assertRegex(self.call("--version").stdout, r"^corridor \d+\.\d+\.\d+\n$")

    def test_mistakes_name_the_nearest(self):
        """Catches a typing mistake that is swallowed, or answered with the wrong exit code."""
        self.assertIn("did you mean 'run'", self.call("runn", code=2).stderr)
        self.assertIn("'--replications'", self.call("run", "base.yaml", "--replicatoins", "3", code=2).stderr)
        self.assertIn("'fixed'", self.call("run", "base.yaml", "--parameters", "fixd", code=2).stderr)
        self.call("--nonsense", code=2)
        self.call(code=2)
        self.call("run", code=2)
        self.call("run", "base.yaml", "-n", code=2)

    def test_letters_that_stand_together(self):
        """Catches more options than arguments, and memory for fewer."""
        self.assertIn("corridor check [OPTION]", self.call("check", "-" + 300 * "h").stdout)

    def test_numbers_are_checked(self):
        """Catches numbers that strtol would let pass."""
        for option, value in (("-n", "0"), ("-n", "-3"), ("-n", "3x"), ("-n", ""), ("--seed", "1e3"), ("--scale", "nan"),
                              ("--scale", "0x1"), ("--trace", "1.5"), ("-j", "0")):
            self.call("run", "base.yaml", option, value, code=2)
        self.assertFalse(os.path.exists(self.path("base.h5")))

    def test_manual_and_completion_come_from_the_same_table(self):
        """Catches an option that only some of the texts know."""
        options = set(re.findall(r"--([a-z-]+)", self.call("run", "--help").stdout.split("Examples:")[0].split("Options:")[1]))
        manual = self.call("help", "--man").stdout.replace("\\-", "-")
        completion = self.call("help", "--completion").stdout
        self.assertTrue(manual.startswith(".TH CORRIDOR 1"))
        self.assertIn("resume", options)
        for option in options - {"help"}:
            self.assertIn(f"--{option}", manual)
            self.assertIn(f"--{option}", completion)
        subprocess.run(["bash", "-n"], input=completion, text=True, check=True)

    def test_keys(self):
        """Catches a reference that leaves out the key, its range or its default."""
        text = self.call("keys", "gate.stop_p").stdout
        self.assertIn("gate.stop_probability", text)
        self.assertIn("0 to 1", text)
        self.assertNotIn("gate.intensity", text)
        self.assertGreater(len(self.call("keys").stdout), len(text))
        self.assertIn("did you mean", self.call("keys", "stop_probabilitty", code=2).stderr)


    def test_keys_explains_paths(self):
        """Catches a path that --set and policies take and the reference does not know."""
        for path, parts in (("accounts.inm", ["accounts.inm.reserve_mxn: value", "accounts.inm.suspend: list"]),
                            ("stations.some_gate.stop_probability", ["gate\n", "stations.some_gate.stop_probability: value", "0 to 1"]),
                            ("stations.some_gate.stop_probability.cuba", ["stations.some_gate.stop_probability: value"]),
                            ("stations.desk.service.mean_minutes", ["stations.desk.service.mean_days: value (days)"]),
                            ("stations.gate.outcomes.back.sh", ["stations.gate.outcomes.back.share: value"]),
                            ("accounts.inm.unit_cost_mxn.stop", ["accounts.inm.unit_cost_mxn.ITEM: value"]),
                            ("stations.in.to.out", ["stations.in.to.STATION: value"]),
                            ("schedules.force.level", ["schedules.force.level.steps: map"])):
            text = self.call("keys", path).stdout
            for part in parts:
                self.assertIn(part, text)
            self.assertIn("--set", text)
        self.assertNotIn("intensity", self.call("keys", "stations.some_gate.stop_probability").stdout)
        self.assertIn("did you mean 'reserve_mxn'?", self.call("keys", "accounts.inm.reserv_mxn", code=2).stderr)
        self.assertIn("corridor keys schedule", self.call("keys", "force.level", code=2).stderr)

    def test_keys_says_when_a_share_is_required(self):
        """Catches a key called required, or optional, that is so only for some."""
        text = self.call("keys", "option.share").stdout
        self.assertIn("sometimes required", text)
        self.assertIn("required unless the choice says logit: true", text)

    def test_completion_offers_groups_of_keys(self):
        """Catches file names offered where a key is wanted."""
        script = self.call("help", "--completion").stdout + textwrap.dedent("""
            COMP_WORDS=(corridor keys "$1"); COMP_CWORD=2; _corridor; echo "${COMPREPLY[@]}"
            COMP_WORDS=(corridor check "$1"); COMP_CWORD=2; _corridor; echo "${COMPREPLY[@]}"
            """)
        done = subprocess.run(["bash", "-c", script, "bash", "acc"], cwd=self.folder, capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, "accounts account\n\n")


class Scenarios(Program):
    def test_check_says_ok(self):
        """Catches a summary without dates, policies or targets."""
        text = self.call("check", "base.yaml", "faster.yaml").stdout
        for part in ("base: OK", "faster: OK", "2023-01-01 to 2023-03-31", "3 stations", "2023-02-01", "nothing changes",
                     "1 assumed", "1 with a range", "2 to fit, 1 to check"):
            self.assertIn(part, text)

    def test_check_reports_all_mistakes(self):
        """Catches stopping at the first mistake, or exit code 0."""
        self.write("bad.yaml", BASE.replace("servers: 1,", "serverz: 1,").replace("per_day", "per_dya"))
        text = self.call("check", "bad.yaml", code=2).stderr
        self.assertIn("bad.yaml:7:", text)
        self.assertIn("bad.yaml:8:", text)
        self.call("run", "bad.yaml", code=2)
        self.call("check", "nothing.yaml", code=2)

    def test_resolved_text_is_a_scenario(self):
        """Catches a resolved text that resolves to something else."""
        self.write("again.yaml", self.call("check", "--resolved", "faster.yaml").stdout)
        self.assertIn("mean_minutes: 12", self.read("again.yaml").decode())
        self.call("check", "again.yaml")

    def test_set_reaches_the_scenario(self):
        """Catches a --set that is accepted and ignored."""
        text = self.call("check", "--resolved", "--set", "stations.desk.servers=3", "base.yaml").stdout
        self.assertIn("servers: 3", text)
        self.call("check", "--set", "stations.nodesk.servers=3", "base.yaml", code=2)
        self.write("paced.yaml", BASE.replace("to: desk}", "level: pace.day, to: desk}") +
                   "schedules: {pace: {day: {steps: {2023-01-01: 1}}}}\n")
        text = self.call("check", "--resolved", "--set", "pace.day={value: 2, range: [1, 3]}", "paced.yaml").stdout
        self.assertIn("value: 2", text)
        self.assertNotIn("steps", text)
        self.assertIn("did you mean 'pace'?", self.call("check", "--set", "pase.day=2", "paced.yaml", code=2).stderr)
        self.assertIn("did you mean 'pace.day'?", self.call("check", "--set", "pace.dya=2", "paced.yaml", code=2).stderr)

    def test_set_of_what_nothing_uses_is_refused(self):
        """Catches a setting with a misspelt name that makes something new, and a run that is then the base."""
        for setting, says in (("schedules.pase=3", "nothing uses it"), ("measures.servd={}", "did you mean 'measures.served'?")):
            text = self.call("check", "--set", setting, "base.yaml", code=2).stderr
            self.assertIn(says, text)
            self.assertEqual(text.count("error"), 1)

    def test_series_that_ends_early_is_told_once(self):
        """Catches a last value that is held for years without a word, a warning that refuses, or one for each scenario."""
        self.write("pace.csv", "month,n,late\n2023-01,1,1\n2023-02,1,\n2023-03,1,\n")
        self.write("paced.yaml", BASE + "schedules: {pace: {csv: pace.csv, column: late}, whole: {csv: pace.csv, column: n}}\n")
        self.write("also.yaml", "extends: paced.yaml\ntitle: also\n")
        text = self.call("check", "paced.yaml", "also.yaml").stderr
        self.assertIn("paced.yaml:16:25: warning: schedules.pace: pace.csv ends with 2023-01; its last value is held until "
                      "2023-03-31\n", text)
        self.assertEqual(text.count("warning"), 1)
        self.write("exact.yaml", BASE + "schedules: {whole: {csv: pace.csv, column: n}}\n")
        self.assertEqual(self.call("check", "exact.yaml").stderr, "")
        self.assertIn("pace.csv ends with 2023-03", self.call("check", "--set", "to=2023-04-01", "exact.yaml").stderr)

    def test_show_forms(self):
        """Catches forms that other programs could not read."""
        self.assertRegex(self.call("show", "base.yaml").stdout, r"desk\s+queue")
        self.assertIn('"arrivals" -> "desk"', self.call("show", "-f", "graphviz", "base.yaml").stdout)
        self.assertEqual(json.loads(self.call("show", "-f", "map", "base.yaml").stdout)["type"], "FeatureCollection")

    def test_scale_is_refused_for_queues(self):
        """Catches a scaled queue, whose waits would be wrong."""
        self.assertIn("scalable", self.call("run", "base.yaml", "--scale", "0.5", code=2).stderr)

    def test_dry_run_writes_nothing(self):
        """Catches a dry run that runs."""
        text = self.call("run", "base.yaml", "faster.yaml", "-n", "1000", "--dry-run").stdout
        for part in ("1000 replications", "2023-03-31", "memory", "output", "stations.arrivals.per_day"):
            self.assertIn(part, text)
        self.assertEqual(sorted(os.listdir(self.folder)), ["base.yaml", "faster.yaml"])


    def test_ranges_that_begin_later_are_listed(self):
        """Catches a value that is drawn without being listed: set by a policy, a rule or a later step of a schedule."""
        later = BASE.split("policies:")[0] + """\
signals: {busy: {measure: served}}
schedules: {pace: {steps: {2023-01-01: {value: 1, range: [0.5, 2]}, 2023-03-01: {value: 1.5, range: [1, 2]}}}}
policies:
  - {on: 2023-02-01, why: w, set: {stations.arrivals.level: {value: 1, range: [0.9, 1.2]}, stations.desk.servers: pace}}
  - {on: 2023-02-15, why: w, set: {stations.arrivals.per_day: 80}}
  - {name: more, why: w, when: {signal: busy, above: 90}, set: {stations.desk.service.mean_minutes: {value: 9, range: [7.2, 10.8]}}}
"""
        self.write("later.yaml", later)
        lines = self.call("run", "later.yaml", "--dry-run").stdout.splitlines()
        self.assertIn("values drawn in each pair of replications (of later): 5", lines)
        rows = [re.split(r"  +", line.strip()) for line in lines[lines.index(
            "values drawn in each pair of replications (of later): 5") + 1:]]
        self.assertEqual([(row[0], row[2], row[4]) for row in rows], [
            ("value", "range", "from"),
            ("schedules.pace", "0.5 .. 2", "the start"),
            ("stations.arrivals.per_day", "81 .. 94.5", "the start"),
            ("stations.arrivals.level", "0.9 .. 1.2", "2023-02-01"),
            ("schedules.pace", "1 .. 2", "2023-03-01"),
            ("stations.desk.service.mean_days", "0.005 .. 0.0075", "rule more")])
        self.assertIn("5 with a range, 5 drawn", self.call("check", "later.yaml").stdout)


class Runs(Program):
    def test_run_writes_file_and_tables(self):
        """Catches a run whose file, tables or CSV disagree about what was run."""
        done = self.call("run", "base.yaml", "faster.yaml", "-n", "6", "--csv", "all.csv")
        for part in ("desk", "served", "by chance", "12 replications", "events per second", "corridor compare base faster"):
            self.assertIn(part, done.stdout)
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 110, line)
        rows = self.read("all.csv").decode().splitlines()
        self.assertEqual(rows[0], "scenario,replication,bin_start,measure,value")
        served = [row for row in rows if ",served," in row]
        self.assertEqual(len(served), 2 * 6 * 3)
        self.assertTrue(served[0].startswith("base,0,2023-01-01,served,"))
        shown = self.call("show", "base.h5").stdout
        self.assertRegex(shown, r"base +6 +0")
        self.assertIn("seed 20231201", shown)
        self.assertFalse(os.path.exists(self.path("base.h5.parts")))

    def test_quiet_is_quiet(self):
        """Catches output that a script would have to filter."""
        done = self.call("run", "base.yaml", "-n", "2", "-q")
        self.assertEqual(done.stdout + done.stderr, "")

    def test_bars_follow_the_locale(self):
        """Catches UTF-8 on a terminal that cannot show it."""
        self.write("main.yaml", BASE.replace("served", "encounters"))
        utf8 = self.call("run", "main.yaml", "-n", "2").stdout
        plain = self.call("run", "main.yaml", "-n", "2", "--force", LC_ALL="C").stdout
        self.assertIn("\u2588", utf8)
        self.assertIn("####", plain)
        self.assertTrue(plain.isascii())

    def test_existing_results_are_safe(self):
        """Catches a study that is overwritten without being asked to."""
        self.call("run", "base.yaml", "-n", "2", "-q")
        before = self.read("base.h5")
        self.assertIn("--resume", self.call("run", "base.yaml", "-n", "2", code=2).stderr)
        self.assertEqual(self.read("base.h5"), before)
        self.call("run", "base.yaml", "-n", "2", "-q", "--force", "--seed", "7")
        self.assertNotEqual(self.read("base.h5"), before)
        self.call("run", "base.yaml", "--resume", "--force", code=2)

    def test_same_bytes_for_any_threads_and_extension(self):
        """Catches results that depend on threads, or on having been extended."""
        self.call("run", "base.yaml", "-n", "7", "-j", "1", "-q", "-o", "one.h5")
        self.call("run", "base.yaml", "-n", "7", "-j", "3", "-q", "-o", "three.h5")
        self.call("run", "base.yaml", "-n", "4", "-q", "-o", "extended.h5", "--resume")
        self.call("run", "base.yaml", "-n", "7", "-q", "-o", "extended.h5", "--resume")
        self.assertEqual(self.read("one.h5"), self.read("three.h5"))
        self.assertEqual(self.read("one.h5"), self.read("extended.h5"))

    def test_resume_with_other_choices_is_refused(self):
        """Catches replications of two studies mixed in one file."""
        self.call("run", "base.yaml", "-n", "2", "-q", "-o", "out.h5")
        for other in (["--seed", "1"], ["--parameters", "fixed"], ["--set", "stations.desk.servers=2"], ["--trace", "0.5"]):
            done = self.call("run", "base.yaml", "-n", "4", "-o", "out.h5", "--resume", *other, code=2)
            self.assertIn("out.h5", done.stderr)

    def test_interrupted_study_resumes_to_the_same_bytes(self):
        """Catches a Ctrl-C that loses or changes replications."""
        many = ["run", "base.yaml", "-n", "1200", "-j", "1", "--progress", "json"]
        for number in (signal.SIGINT, signal.SIGTERM):
            name = f"stopped{int(number)}.h5"
            process = self.start(*many, "-o", name)
            process.stderr.readline()
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130, errors)
            self.assertIn("--resume", errors)
            self.assertFalse(os.path.exists(self.path(name)))
            self.assertIn("--resume", self.call(*many, "-o", name, code=2).stderr)
            self.call(*many, "-o", name, "--resume", "-j", "2")
        self.call(*many, "-o", "whole.h5", "-j", "2")
        self.assertEqual(self.read("stopped2.h5"), self.read("whole.h5"))
        self.assertEqual(self.read("stopped15.h5"), self.read("whole.h5"))

    def test_json_progress_is_json(self):
        """Catches progress that a program cannot follow to its end."""
        lines = self.call("run", "base.yaml", "-n", "5", "--progress", "json").stderr.splitlines()
        last = [json.loads(line) for line in lines][-1]
        self.assertEqual((last["done"], last["failed"], last["total"]), (5, 0, 5))
        self.assertGreater(last["events"], 0)

    def test_failed_replications_are_named(self):
        """Catches a failed replication that is stored, unnamed, or ends with exit code 0."""
        crowd = BASE.replace("value: 90, range: [81, 94.5]", "value: 90000, range: [81000, 94500]")
        self.write("crowd.yaml", crowd.replace("servers: 1,", "servers: 2000,"))
        done = self.call("run", "crowd.yaml", "-n", "1", "--trace", "1", code=1)
        self.assertRegex(done.stderr, r"failed: crowd: replication 0 \(seed 20231201\) stopped on 2023-0[12]")
        self.assertIn("1 replication failed", done.stderr)
        self.assertRegex(self.call("show", "crowd.h5").stdout, r"crowd +0 +1")

    def test_output_that_cannot_be_written(self):
        """Catches hours of work before the folder turns out to be missing."""
        self.assertIn("nowhere", self.call("run", "base.yaml", "-o", "nowhere/x.h5", code=1).stderr)


class Engines(Program):
    def plan(self, *arguments):
        return self.call("run", "base.yaml", *arguments, "--dry-run").stdout

    def refused(self, *arguments):
        """The one line that says why the run is refused."""
        done = self.call("run", "base.yaml", *arguments, code=2)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"^corridor run: [^\n]*\n$")
        return done.stderr

    def test_steps_are_read_and_written_in_one_form(self):
        """Catches a step that is misread, or two names for the same step."""
        self.assertIn("engine: flows, step 1d\n", self.plan("-e", "flows"))
        for written, meant in (("1d", "1d"), ("24h", "1d"), ("1440m", "1d"), ("12h", "12h"), ("06h", "6h"), ("90m", "90m"),
                               ("60m", "1h"), ("1m", "1m")):
            self.assertIn(f"engine: mean, step {meant}\n", self.plan("-e", "mean", "--step", written))

    def test_steps_are_checked(self):
        """Catches steps that do not end with the day, and mistakes that are not explained."""
        for step in ("", "1", "d", "h6", "-1d", "1.5h", "30s", "0x1d", "1D", "1d ", "1d6h", "99999999999999999999m"):
            self.assertIn("such as 1d, 6h or 90m", self.refused("-e", "flows", "--step", step))
        for step, advice in (("7h", "6h and 8h"), ("17m", "16m and 18m"), ("23h", "12h and 1d"), ("0h", "1m"), ("2d", "1d"),
                             ("999999d", "1d")):
            self.assertIn(advice, self.refused("-e", "mean", "--step", step))
        self.assertIn("needs a value", self.refused("-e", "flows", "--step"))
        self.assertFalse(os.path.exists(self.path("base.h5")))

    def test_options_of_other_engines_are_refused(self):
        """Catches an option that is taken and does nothing."""
        self.assertIn("continuous time", self.refused("--step", "1d"))
        self.assertIn("continuous time", self.refused("-e", "agents", "--step", "6h"))
        for engine in ("flows", "mean"):
            self.assertIn("-e agents", self.refused("-e", engine, "--trace", "0.1"))
            self.assertIn("step 1d", self.plan("-e", engine, "--trace", "0"))
        self.assertIn("'flows'", self.refused("-e", "flow"))

    def test_plan_says_what_the_engine_means(self):
        """Catches a plan that speaks of persons where there are none, or of chance."""
        agents = self.plan()
        self.assertIn("engine: agents", agents)
        self.assertIn("if nobody left", agents)
        self.assertNotIn("step", agents)
        flows = self.plan("-e", "flows", "--step", "6h")
        self.assertIn("any number of people", flows)
        self.assertNotIn("the same:", flows)
        self.assertIn("-n 1 says it all", self.plan("-e", "mean", "--parameters", "fixed"))
        self.assertNotIn("-n 1 says it all", self.plan("-e", "mean", "--parameters", "fixed", "-n", "1"))
        self.assertIn("0 and 1, 2 and 3", self.plan("-e", "mean"))

    def test_resume_with_another_engine_is_refused(self):
        """Catches replications of two engines mixed in one file."""
        self.call("run", "base.yaml", "-n", "2", "-q", "-o", "out.h5")
        before = self.read("out.h5")
        self.assertIn("engine: agents\n", self.call("show", "out.h5").stdout)
        for engine in ("flows", "mean"):
            text = self.refused("-e", engine, "-n", "4", "-o", "out.h5", "--resume")
            self.assertIn(f"the engine was agents, not {engine}\n", text)
        self.assertEqual(self.read("out.h5"), before)

    def test_files_say_engine_and_step(self):
        """Catches a file that does not say how its numbers came about, and steps mixed in one file."""
        done = self.call("run", "base.yaml", "faster.yaml", "-e", "flows", "-n", "4", "-o", "out.h5")
        for part in ("8 replications", "cell-steps", "ns each", "by chance"):
            self.assertIn(part, done.stdout)
        self.assertIn("engine: flows, step 1d\n", self.call("show", "out.h5").stdout)
        self.call("run", "base.yaml", "faster.yaml", "-e", "flows", "-n", "6", "-q", "-o", "out.h5", "--resume", "--step", "24h")
        again = ["run", "base.yaml", "faster.yaml", "-n", "6", "-o", "out.h5", "--resume"]
        self.assertIn("the step was 1d, not 6h\n", self.call(*again, "-e", "flows", "--step", "6h", code=2).stderr)
        self.assertIn("the engine was flows, not mean\n", self.call(*again, "-e", "mean", code=2).stderr)
        self.assertIn("the engine was flows, not agents\n", self.call(*again, code=2).stderr)
        self.call("score", "out.h5")
        self.call("compare", "base", "faster", "out.h5")

    def test_same_bytes_for_any_threads(self):
        """Catches cohorts whose draws depend on who runs them."""
        for engine in ("flows", "mean"):
            self.call("run", "base.yaml", "-e", engine, "--step", "6h", "-n", "7", "-j", "1", "-q", "-o", f"{engine}1.h5")
            self.call("run", "base.yaml", "-e", engine, "--step", "6h", "-n", "4", "-q", "-o", f"{engine}3.h5")
            self.call("run", "base.yaml", "-e", engine, "--step", "6h", "-n", "7", "-j", "3", "-q", "-o", f"{engine}3.h5", "--resume")
            self.assertEqual(self.read(f"{engine}1.h5"), self.read(f"{engine}3.h5"))

    def test_expectations_have_no_spread(self):
        """Catches chance, or noise of rounding, reported of expectations."""
        both = ["run", "base.yaml", "faster.yaml", "-e", "mean"]
        for options in (["-n", "1", "--parameters", "fixed"], ["-n", "5", "--parameters", "fixed"], ["-n", "1"], ["-n", "8"]):
            text = self.call(*both, *options, "-o", "out.h5", "--force").stdout
            text += self.call("compare", "base", "faster", "out.h5").stdout + self.call("score", "out.h5").stdout
            self.assertIn("expectations", text)
            self.assertNotRegex(text, r"\b-?(nan|inf)\b")
            self.assertNotIn("- .. -", text)
        served = [line.split() for line in self.call("run", "base.yaml", "-e", "mean", "-n", "8").stdout.splitlines()
                  if line.startswith("  served ")][0]
        self.assertEqual(float(served[served.index("..") + 3]), 0)  # by chance
        self.assertGreater(float(served[served.index("..") + 2].replace(",", "")), 0)  # width: ranges of values


class Analysis(Program):
    def test_compare(self):
        """Catches differences with the wrong sign, and names that are not looked up."""
        self.call("run", "base.yaml", "faster.yaml", "-n", "8", "-q", "-o", "both.h5")
        text = self.call("compare", "base", "faster", "both.h5", "--measure", "desk_wait_days", "--csv", "d.csv").stdout
        self.assertIn("faster against base: 8 replications in both", text)
        self.assertIn("2023-02", text)
        self.assertEqual(text.splitlines()[1:], self.call("compare", "both.h5", "-m", "desk_wait_days").stdout.splitlines()[1:])
        total = self.read("d.csv").decode().splitlines()[-1].split(",")
        self.assertEqual(total[:4], ["base", "faster", "desk_wait_days", "total"])
        base, alternative, difference, low, high = (float(cell) for cell in total[4:9])
        self.assertLess(alternative, base)
        self.assertAlmostEqual(difference, alternative - base)
        self.assertLess(low, difference)
        self.assertLess(difference, high)
        self.assertGreater(float(total[10]), 1)
        self.assertIn("'faster'", self.call("compare", "base", "fastr", "both.h5", code=2).stderr)
        self.assertIn("'served'", self.call("compare", "both.h5", "-m", "servd", code=2).stderr)

    def test_compare_two_files(self):
        """Catches files compared although they are the same scenario, and twins that are none."""
        self.call("run", "base.yaml", "-n", "4", "-q")
        self.call("run", "faster.yaml", "-n", "4", "-q")
        self.assertIn("faster against base", self.call("compare", "base.h5", "faster.h5").stdout)
        self.assertIn("the same", self.call("compare", "base.h5", "base.h5").stdout)
        self.assertIn("2 results files", self.call("compare", "base", "faster", code=2).stderr)

    def test_score(self):
        """Catches targets left out, scored with the wrong use, or compared over parts of bins."""
        self.call("run", "base.yaml", "-n", "6", "-q")
        text = self.call("score", "base.h5").stdout
        self.assertRegex(text, r"served +2023-02 +fit +2,520")
        self.assertRegex(text, r"served +2023-03 +check .*no +no")
        self.assertIn("2023-03-15/2023-03-31: not comparable", text)
        self.assertIn("fit: 1 target, 100 % within the tolerance", text)
        self.assertIn("check (never fitted): 1 target, 0 % within the tolerance", text)
        self.call("score", "base.yaml", code=2)
        self.write("no.h5", "not HDF5")
        self.call("score", "no.h5", code=1)


if __name__ == "__main__":
    unittest.main()
