"""Hostile scenarios, kill -9, full disks: the program says what is wrong, and loses or changes nothing."""

import os
import pwd
import random
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["CORRIDOR_PROGRAM"]
HISTORY = os.path.join(os.environ["CORRIDOR_TREE"], "scenarios", "history.yaml")
CPU_SECONDS = 1.0
ERROR = ": error: "

GOOD = """\
title: One desk
from: 2023-01-01
to: 2023-03-31
spin_up_days: 2
measures: {served: {long_name: people served}}
stations:
  arrivals: {kind: source, per_day: 90, to: desk}
  desk: {kind: queue, servers: 1, service: {distribution: exponential, mean_minutes: 14}, to: fork}
  fork: {kind: choice, options: {stay: {share: 0.5, to: out}, leave: {share: 0.5, to: away}}}
  out: {kind: sink, counts_as: [served]}
  away: {kind: sink}
"""


def edited(old, new):
    """The good scenario with one thing changed."""
    if old not in GOOD:
        raise ValueError(old)
    return GOOD.replace(old, new, 1)


class InFolder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="corridor_")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def call(self, *arguments, folder=None, **how):
        return subprocess.run([PROGRAM, *arguments], cwd=folder or self.folder, capture_output=True, text=True,
                              encoding="utf-8", errors="strict", env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=60,
                              check=False, **how)


class HostileScenarios(InFolder):
    def contents(self):
        found = {}
        for name in os.listdir(self.folder):
            status = os.stat(self.path(name))
            found[name] = (status.st_size, status.st_mtime_ns, status.st_mode)
        return found

    def refused(self, content, place=None, says="", name="bad.yaml"):
        """Checks a file with one mistake: exit code 2, one error at line `place[0]`, column `place[1]`."""
        if content is not None:
            self.write(name, content)
        before = self.contents()
        start = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = self.call("check", name)
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertEqual(done.returncode, 2, done.stderr[:2000])
        errors = [line for line in done.stderr.splitlines() if ERROR in line]
        self.assertEqual(len(errors), 1, "one mistake, but:\n" + done.stderr[:2000])
        self.assertEqual(done.stderr.splitlines()[0], errors[0])
        self.assertLess(len(done.stderr), 2000, "a message nobody reads")
        where, message = errors[0].split(ERROR, 1)
        if place:
            line, column = place
            self.assertRegex(where, rf"^[^:]+\.yaml:{line}:{column}$", errors[0])
        self.assertIn(says, message)
        self.assertNotRegex(done.stderr, r"[\x00-\x08\x0b-\x1f\x7f]", "control bytes sent to the terminal")
        self.assertLess(end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime, CPU_SECONDS)
        self.assertEqual(self.contents(), before, "check wrote to the folder")
        return done.stderr

    def test_good_file_is_good(self):
        """Catches a base file that is refused for another reason than the one under test."""
        self.write("good.yaml", GOOD)
        done = self.call("check", "good.yaml")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_unknown_key(self):
        """Catches an unknown key that is ignored, at the top or deep inside."""
        self.refused(GOOD + "colour: red\n", (12, 1), "colour")
        self.refused(edited("servers: 1,", "servers: 1, colour: red,"), (8, 35), "colour")

    def test_misspelt_required_key_is_one_mistake(self):
        """Catches one misspelt key answered with a list of errors, of which only one is the user's."""
        for old, new, place in (("servers: 1,", "serverz: 1,", (8, 23)), ("title:", "titel:", (1, 1)),
                                ("per_day: 90", "per_dya: 90", (7, 28))):
            with self.subTest(key=new):
                self.refused(edited(old, new), place, "did you mean")

    def test_wrong_type(self):
        """Catches a word or a list taken for a number, a number for a map, a map for a word."""
        self.refused(edited("servers: 1,", "servers: many,"), (8, 32), "servers")
        self.refused(edited("servers: 1,", "servers: [1],"), (8, 32), "servers")
        self.refused(edited("title: One desk", "title: {a: 1}"), (1, 8), "title")
        self.refused(edited("service: {distribution: exponential, mean_minutes: 14}", "service: 14"), (8, r"\d+"), "service")

    def test_numbers_out_of_range(self):
        """Catches negative, infinite and overflowing numbers that reach the engine."""
        for number in ("-1", ".inf", ".nan", "1e999"):
            with self.subTest(number=number):
                self.refused(edited("servers: 1,", f"servers: {number},"), (8, 32), "servers")

    def test_unit_suffix_the_key_does_not_have(self):
        """Catches a unit that is accepted and taken for another."""
        self.refused(edited("spin_up_days", "spin_up_hours"), (4, 1), "spin_up_hours")
        self.refused(edited("per_day: 90", "per_day: 90, per_mxn: 90"), (7, r"\d+"), "per_mxn")

    def test_unit_hint_does_not_offer_what_it_refuses(self):
        """Catches 'unknown key spin_up_hours; this one is written as ... spin_up_hours'."""
        text = self.refused(edited("spin_up_days", "spin_up_hours"), (4, 1))
        self.assertIn("spin_up_days", text)
        hint = text.splitlines()[0].split("unknown key", 1)[1]
        self.assertNotIn("spin_up_hours", hint)

    def test_wrong_unit_of_a_required_key_is_one_mistake(self):
        """Catches a wrong unit reported a second time as a missing key."""
        self.refused(edited("mean_minutes", "mean_mxn"), (8, 72), "mean_minutes")

    def test_two_forms_of_a_schedule(self):
        """Catches a value beside steps that is swallowed, or answered with a list that leaves `value` out."""
        for forms in ("value: 1, steps: {2023-01-01: 1}", "monthly: {2023-01: 1}, steps: {2023-01-01: 1}"):
            self.refused(GOOD + "schedules: {pace: {" + forms + "}}\n", (12, 19),
                         "more than one of steps, monthly, season, csv and value")

    def test_bad_date(self):
        """Catches days that no calendar has, and an end before the start."""
        for date in ("2023-1-1", "yesterday", "99999-01-01"):
            with self.subTest(date=date):
                self.refused(edited("from: 2023-01-01", f"from: {date}"), (2, 7), "date")
        for date in ("2023-02-30", "2023-13-01", "0000-00-00"):
            with self.subTest(date=date):
                self.refused(edited("from: 2023-01-01", f"from: {date}"), (2, 7), f"no such day as {date}")
        self.refused(edited("to: 2023-03-31", "to: 2022-03-31"), (3, r"\d+"), "to")

    def test_missing_file(self):
        """Catches a missing file, or a missing base, that counts as an empty one."""
        self.assertIn("nothing.yaml", self.refused(None, name="nothing.yaml"))
        self.refused("extends: nothing.yaml\ntitle: x\n", (1, 10), "nothing.yaml")
        os.mkdir(self.path("folder.yaml"))
        self.refused(None, says="folder", name="folder.yaml")

    def test_cyclic_extends(self):
        """Catches endless loading of files that extend one another."""
        self.refused("title: x\nextends: bad.yaml\n", (2, 10), "circle")
        self.write("b.yaml", "extends: c.yaml\n")
        self.write("c.yaml", "extends: bad.yaml\n")
        self.refused("extends: b.yaml\n", (1, 10), "circle")

    def test_shares_that_do_not_sum(self):
        """Catches people who vanish, or are made, at a choice."""
        self.refused(edited("leave: {share: 0.5", "leave: {share: 0.4"), (9, 3), "0.9")
        self.refused(edited("leave: {share: 0.5", "leave: {share: 0.6"), (9, 3), "1.1")

    def test_unreachable_station(self):
        """Catches a station nobody can get to, which a wrong route leaves behind."""
        self.refused(GOOD + "  alone: {kind: sink}\n", (12, 3), "reached")

    def test_deep_nesting(self):
        """Catches a stack overflow on brackets, closed or not, alone or inside a scenario."""
        deep = 100_000
        self.refused("[" * deep, (1, r"\d+"), "deep")
        self.refused("{a: " * deep, (1, r"\d+"), "deep")
        self.refused(GOOD + "why: " + "[" * deep + "]" * deep + "\n", (12, r"\d+"), "deep")
        self.refused("- " * deep, (1, r"\d+"))

    def test_alias_bomb(self):
        """Catches ten lines that expand to billions of nodes."""
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
        self.refused("\n".join(lines) + "\n", (1, r"\d+"))

    def test_bytes_that_are_no_text(self):
        """Catches NUL bytes that end a text early, and binary files read as scenarios."""
        self.refused(edited("One desk", "One\0desk"), says="NUL")
        self.refused(b"\0" * 1000, says="NUL")
        self.refused(GOOD.encode() + b"\0", says="NUL")
        self.refused(bytes(range(256)) * 40)
        self.refused(random.Random(1).randbytes(100_000))
        self.refused(edited("One desk", "One d\x1besk"))
        self.refused(GOOD.encode().replace(b"One desk", b"One \xff\xfe desk"))
        with open(PROGRAM, "rb") as file:
            self.refused(file.read())

    def test_many_keys(self):
        """Catches a search that is quadratic in keys, and one error line per key."""
        self.refused(GOOD + "".join(f"key{i}: 1\n" for i in range(100_000)), (r"\d+", 1))
        self.refused(GOOD + "parameters:\n" + "".join(f"  key{i}: 1\n" for i in range(100_000)), (r"\d+", 3))
        self.refused("x: 1\n" * 100_000, (2, 1), "twice")

    def test_long_line(self):
        """Catches an error that prints a line of a megabyte."""
        self.refused(edited("servers: 1,", "servers: " + "9x" * 500_000 + ","), (8, 32))

    def test_empty_file(self):
        """Catches an empty file that passes as a scenario of nothing."""
        self.refused("", says="empty")
        self.refused("# only a comment\n\n")


class Killed(InFolder):
    STUDY = ["run", HISTORY, "--scale", "0.01", "-n", "24", "-j", "2", "-q", "-o", "study.h5"]
    KILLS = 20

    def kill_after(self, seconds, *more):
        """Runs the study and kills it after `seconds`; False if it had ended by itself."""
        with subprocess.Popen([PROGRAM, *self.STUDY, *more], cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as process:
            try:
                output, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                output, _ = process.communicate(timeout=10)
        self.assertIn(process.returncode, (0, -signal.SIGKILL), output)
        return process.returncode != 0

    def finish(self, whole, kills):
        done = self.call(*self.STUDY, "--resume")
        self.assertEqual((done.returncode, done.stderr), (0, ""), f"after kills at {kills}")
        self.assertTrue(self.read("study.h5") == whole, f"other bytes after kills at {kills}")
        self.assertEqual(os.listdir(self.folder), ["study.h5"], f"left behind after kills at {kills}")
        os.remove(self.path("study.h5"))

    def test_killed_study_resumes_to_the_same_bytes(self):
        """Catches half-written parts that are believed, stale locks, and replications lost or run with other numbers."""
        start = time.monotonic()
        done = self.call(*self.STUDY)
        duration = time.monotonic() - start
        self.assertEqual(done.returncode, 0, done.stderr)
        whole = self.read("study.h5")
        os.remove(self.path("study.h5"))

        draw = random.Random(20231201)
        late = [draw.uniform(0.85, 1.0) * duration for _ in range(3)]
        middle = [draw.uniform(0.05, 0.4) * duration for _ in range(9)]
        early = [draw.uniform(0.02, 0.1) for _ in range(self.KILLS - len(late) - len(middle) - 2)] + [0.02, 0.02]
        moments = late + early + middle  # the early ones in one chain, mostly before a first replication is done
        # Chains: a study is killed, resumed and killed again until about its whole duration has been spent.
        landed, spent, chain = 0, 0.0, []
        for moment in moments:
            while not self.kill_after(moment, *(["--resume"] if chain else [])):
                self.finish(whole, chain)
                spent, chain = 0.0, []
                moment *= 0.8
            landed += 1
            spent += moment
            chain.append(round(moment, 3))
            if spent > 0.8 * duration:
                self.finish(whole, chain)
                spent, chain = 0.0, []
        if chain:
            self.finish(whole, chain)
        self.assertEqual(landed, self.KILLS)

    def test_kill_leaves_no_file_that_looks_finished(self):
        """Catches a results file that appears under its name before it is complete, and a restart that wipes the parts."""
        parts = self.path("study.h5.parts")
        for seconds in (0.5, 0.25, 0.25, 0.25, 1, 2):
            killed = self.kill_after(seconds)
            if killed and os.path.isdir(parts) and os.listdir(parts):
                break
            if not killed:
                os.remove(self.path("study.h5"))
        else:
            self.skipTest("the study is over before it can be killed")
        self.assertFalse(os.path.exists(self.path("study.h5")))
        again = self.call(*self.STUDY)
        self.assertEqual(again.returncode, 2, again.stderr)
        self.assertIn("--resume", again.stderr)

    def test_same_bytes_for_one_and_two_threads(self):
        """Catches numbers, or an order in the file, that depend on threads."""
        common = ["run", HISTORY, "--scale", "0.01", "-n", "6", "--trace", "0.01", "-q"]
        for threads in ("1", "2"):
            done = self.call(*common, "-j", threads, "-o", f"{threads}.h5")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.read("1.h5") == self.read("2.h5"))


class NoRoom(InFolder):
    def fails_clearly(self, folder, output, says, replications="3", **how):
        done = self.call("run", HISTORY, "--scale", "0.01", "-n", replications, "-j", "2", "-q", "-o", output, folder=folder,
                         **how)
        self.assertEqual(done.returncode, 1, done.stderr)
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertIn(output, lines[0])
        self.assertIn(says, lines[0])
        left = [name for _, _, names in os.walk(folder) for name in names if re.search(r"\.h5$", name)]
        self.assertEqual(left, [])

    def test_folder_that_does_not_exist(self):
        """Catches a whole study run before its folder turns out to be missing, or a folder made unasked."""
        start = time.monotonic()
        self.fails_clearly(self.folder, "nowhere/study.h5", "No such file or directory", replications="100000")
        self.assertLess(time.monotonic() - start, 10)
        self.assertEqual(os.listdir(self.folder), [])

    def test_folder_that_cannot_be_written(self):
        """Catches a whole study run before its folder turns out to be read-only."""
        how = {}
        if os.getuid() == 0:  # who may write anywhere: the program is run as nobody
            nobody = pwd.getpwnam("nobody")
            how = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            try:
                subprocess.run([PROGRAM, "check", HISTORY], cwd=self.folder, capture_output=True, check=True, **how)
            except (PermissionError, subprocess.CalledProcessError):
                self.skipTest("an ordinary user cannot reach the program here")
        os.chmod(self.folder, 0o555)
        self.addCleanup(os.chmod, self.folder, 0o755)
        start = time.monotonic()
        self.fails_clearly(self.folder, "study.h5", "Permission denied", replications="100000", **how)
        self.assertLess(time.monotonic() - start, 10)
        self.assertEqual(os.listdir(self.folder), [])

    def small_disk(self, size):
        folder = tempfile.mkdtemp(dir=self.folder)
        try:
            done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True,
                                  text=True, check=False)
        except FileNotFoundError:
            self.skipTest("no mount on this machine")
        if done.returncode:
            self.skipTest(f"mounting is not permitted here: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", folder], check=True)
        return folder

    def test_disk_full_from_the_start(self):
        """Catches a full disk that ends in a crash, a page of library errors, or a broken file."""
        self.fails_clearly(self.small_disk("64k"), "study.h5", "No space left on device")

    def test_disk_full_on_the_way(self):
        """Catches a disk that fills during the study, or while the file is put together, answered with a broken file."""
        for folder in [self.small_disk(size) for size in ("1m", "9m")]:
            with self.subTest(folder=folder):
                self.fails_clearly(folder, "study.h5", "No space left on device", replications="24")

    def test_files_that_may_not_grow(self):
        """Catches, where nothing can be mounted too, a write that fails answered with a broken file, or by death: a limit
        of the shell (ulimit -f) is met from the start, during the study, and while the file is put together."""
        for size in (2 << 10, 512 << 10, 5 << 20):
            with self.subTest(size=size):
                self.fails_clearly(tempfile.mkdtemp(dir=self.folder), "study.h5", "File too large", replications="24",
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))


if __name__ == "__main__":
    unittest.main()
