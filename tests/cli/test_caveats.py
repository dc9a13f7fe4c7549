"""What an engine does not tell well is said beside the run; and where files and names could be taken for others."""

import os
import unittest

from test_program import BASE, Program

SHORT = BASE.replace("to: out}\n  out", "room: 5, balk: out, to: out}\n  out").replace("scalable: false\n", "")


class Caveats(Program):
    def notes(self, *options):
        return self.call("run", "short.yaml", "-n", "2", "--force", *options).stderr

    def test_short_services_are_told(self):
        """Catches waits of a coarse step that pass for those of people, and a note about what is right."""
        self.write("short.yaml", SHORT)
        self.assertIn("note: at 'desk' a service of 14 min is short against a step of 1d: do not rely on waits there, nor on who gives up; --step 6m or "
                      "-e agents would do\n", self.notes("-e", "flows"))
        self.assertIn("at 'desk' nobody waits while servers suffice", self.notes("-e", "mean", "--step", "6m"))
        for options in (("-e", "agents"), ("-e", "flows", "--step", "6m"), ("-e", "flows", "-q")):
            self.assertNotIn("note", self.notes(*options))
        self.write("short.yaml", BASE)  # one desk without room: a formula knows its waits
        for engine in ("flows", "mean"):
            self.assertNotIn("note", self.notes("-e", engine))

    def test_scale_is_told(self):
        """Catches noise of few people that passes for that of all, in the tables and in the file; and fewer servers."""
        self.write("short.yaml", SHORT)
        done = self.call("run", "short.yaml", "-n", "2", "--scale", "0.5", "-o", "half.h5")
        self.assertIn("fewer servers mean longer waits", done.stderr)
        self.assertIn("Simulated with 0.5 of the people", done.stdout)
        self.assertIn(b"their noise is that of the fewer people", self.read("half.h5"))
        self.call("run", "short.yaml", "-n", "2", "-o", "whole.h5", "-q")
        self.assertNotIn(b"their noise is", self.read("whole.h5"))

    def test_files_of_one_name_are_told_apart(self):
        """Catches 'base against base', and a third file that is taken for the name of a scenario."""
        for name, servers in (("one.h5", "1"), ("two.h5", "2"), ("three.h5", "3")):
            self.call("run", "base.yaml", "-n", "2", "-q", "-o", name, "--set", f"stations.desk.servers={servers}")
        self.assertIn("base (two.h5) against base (one.h5): 2 replications", self.call("compare", "one.h5", "two.h5").stdout)
        self.assertIn("at most two results files", self.call("compare", "one.h5", "two.h5", "three.h5", code=2).stderr)

    def test_study_that_is_not_finished(self):
        """Catches 'no such file' where the study lies half done."""
        os.mkdir(self.path("half.h5.parts"))
        self.assertIn("with --resume goes on", self.call("show", "half.h5", code=1).stderr)

    def test_scenario_without_extends(self):
        """Catches three missing keys where one is."""
        self.write("bare.yaml", "title: bare\npolicies: []\n")
        text = self.call("check", "bare.yaml", code=2).stderr
        self.assertIn("'extends' is missing", text)
        self.assertEqual(text.count("error"), 1)


if __name__ == "__main__":
    unittest.main()
