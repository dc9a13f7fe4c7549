"""A scenario with dates of its own: what it inherits is fitted to them, what it writes itself is not."""

import unittest

import h5py

from test_program import BASE, Program

LONG = BASE.replace("to: desk}", "to: desk, batches: [{name: crowd, on: 2023-03-10, people: 50}]}").replace(
    "servers: 1}}", "servers: 3}}").replace("on: 2023-02-01, why: nothing changes", "on: 2023-02-01, why: two more come")


class Horizon(Program):
    def setUp(self):
        super().setUp()
        self.write("long.yaml", LONG)

    def measures(self, name, *options):
        self.call("run", name, "-n", "2", "-q", "-o", "out.h5", "--force", *options)
        with h5py.File(self.path("out.h5")) as file:
            return file["runs/measures"][0]

    def test_shorter_run_is_the_beginning(self):
        """Catches a horizon that refuses what lies behind it, or that changes what happens before its end."""
        self.write("short.yaml", "extends: long.yaml\ntitle: short\nto: 2023-02-28\n")
        text = self.call("check", "short.yaml").stdout
        self.assertIn("targets    1 to fit, 0 to check", text)
        self.assertIn("about 5,310 arrive", text)
        for engine in ("agents", "flows"):
            whole, begun = self.measures("long.yaml", "-e", engine), self.measures("short.yaml", "-e", engine)
            self.assertEqual(whole[:, :2].tobytes(), begun.tobytes())
        self.assertEqual(self.call("check", "short.yaml").stderr, "")

    def test_later_run_begins_with_the_policies_of_before(self):
        """Catches a later start that refuses the policies of before, or forgets what they have set, or their order."""
        self.write("late.yaml", "extends: long.yaml\ntitle: late\nfrom: 2023-03-01\n")
        resolved = self.call("check", "--resolved", "late.yaml").stdout
        self.assertIn("on: 2023-03-01", resolved)
        self.write("resolved.yaml", resolved)
        self.call("check", "resolved.yaml")
        self.write("three.yaml", LONG.replace("from: 2023-01-01", "from: 2023-03-01").replace("on: 2023-02-01", "on: 2023-03-01"))
        self.assertEqual(self.measures("late.yaml").tobytes(), self.measures("three.yaml").tobytes())
        self.write("turned.yaml", LONG.replace("policies:\n", "policies:\n  - {on: 2023-02-20, why: one goes, set: "
                                                              "{stations.desk.servers: 2}}\n"))
        self.write("late.yaml", "extends: turned.yaml\ntitle: late\nfrom: 2023-03-01\n")
        self.write("three.yaml", LONG.replace("from: 2023-01-01", "from: 2023-03-01").replace("on: 2023-02-01", "on: 2023-03-01")
                   .replace("servers: 3", "servers: 2"))
        self.assertEqual(self.measures("late.yaml").tobytes(), self.measures("three.yaml").tobytes())

    def test_what_lies_in_the_spin_up_keeps_its_date(self):
        """Catches a policy of the spin-up that begins only when recording does."""
        self.write("late.yaml", "extends: long.yaml\ntitle: late\nfrom: 2023-02-15\nspin_up_days: 30\n")
        self.assertIn("on: 2023-02-01", self.call("check", "--resolved", "late.yaml").stdout)

    def test_money_of_before_is_left_out(self):
        """Catches an inherited grant that a later start, or an earlier end, refuses."""
        self.write("rich.yaml", LONG + "accounts: {purse: {unit_cost_mxn: {x: 1}, grants: [{name: one, on: 2023-01-10, amount_mxn: 5}, "
                                       "{name: two, on: 2023-02-20, amount_mxn: 5}, {name: three, on: 2023-03-20, amount_mxn: 5}]}}\n")
        self.write("late.yaml", "extends: rich.yaml\ntitle: late\nfrom: 2023-02-15\nto: 2023-02-28\nspin_up_days: 60\n")
        text = self.call("check", "--resolved", "late.yaml").stdout
        self.assertEqual([name for name in ("one", "two", "three") if f"name: {name}" in text], ["two"])

    def test_value_in_force_keeps_its_range(self):
        """Catches a policy that changes nothing, and pins a value to its middle once the run begins behind it."""
        self.write("again.yaml", LONG.replace("policies:\n", "policies:\n  - {on: 2023-02-20, why: the same, set: "
                                                             "{stations.arrivals.per_day: 90}}\n"))
        self.write("late.yaml", "extends: again.yaml\ntitle: late\nfrom: 2023-03-01\n")
        self.write("plain.yaml", "extends: long.yaml\ntitle: plain\nfrom: 2023-03-01\n")
        self.assertIn("1 with a range, 1 drawn", self.call("check", "late.yaml").stdout)
        self.assertEqual(self.measures("late.yaml").tobytes(), self.measures("plain.yaml").tobytes())

    def test_shorter_spin_up(self):
        """Catches an inherited policy, or rule, that a later start refuses because it begins too early."""
        self.write("spun.yaml", LONG.replace("policies:\n", "spin_up_days: 10\nsignals: {n: {measure: served}}\npolicies:\n"
                   "  - {on: 2022-12-28, why: w, set: {stations.desk.servers: 2}}\n"
                   "  - {name: r, why: w, when: {signal: n, above: 1e6, not_before: 2023-01-05}, set: "
                   "{stations.arrivals.season: 1}}\n"))
        self.write("late.yaml", "extends: spun.yaml\ntitle: late\nfrom: 2023-03-01\n")
        for options in (["spun.yaml", "--set", "spin_up_days=0"], ["late.yaml"], ["spun.yaml", "--set", "to=2023-01-31"]):
            self.call("check", *options)

    def test_own_dates_are_held_to(self):
        """Catches a mistyped year that is taken for something inherited."""
        for text in ("extends: long.yaml\ntitle: own\npolicies: [{on: 2032-02-01, why: w, set: {stations.desk.servers: 4}}]\n",
                     LONG.replace("on: 2023-02-01", "on: 2032-02-01")):
            self.write("own.yaml", text)
            self.assertIn("the date lies outside the run", self.call("check", "own.yaml", code=2).stderr)


if __name__ == "__main__":
    unittest.main()
