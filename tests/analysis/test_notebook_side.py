"""A results file as a notebook meets it: xarray opens every group, names and dates select, picture and notebook work."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import h5py
import matplotlib
import numpy as np
import xarray as xr

matplotlib.use("Agg")
import matplotlib.pyplot as plt

PROGRAM = os.environ["CORRIDOR_PROGRAM"]
TREE = os.environ["CORRIDOR_TREE"]
SCENARIOS = ["history", "funding-runs-out"]
ENGINES = ["h5netcdf", "netcdf4"]
SEED = 20240229
COMMON = ["--scale", "0.01", "--trace", "0.01", "-s", str(SEED), "-q"]


def program(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
    if done.returncode:
        raise AssertionError(f"{arguments}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def scenario_file(name):
    return os.path.join(TREE, "scenarios", f"{name}.yaml")


class NotebookSide(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="corridor_")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.file = os.path.join(cls.folder, "results.h5")
        program("run", *map(scenario_file, SCENARIOS), "-n", "3", *COMMON, "-o", cls.file)
        cls.groups = ["/"]
        with h5py.File(cls.file) as file:
            file.visititems(lambda name, item: cls.groups.append(name) if isinstance(item, h5py.Group) else None)

    def open(self, group, engine="h5netcdf", **options):
        data = xr.open_dataset(self.file, group=group, engine=engine, **options)
        self.addCleanup(data.close)
        return data

    def test_every_group_opens_and_loads(self):
        """Catches a group, type or attribute that one of the two readers cannot read."""
        expected = {"/", "runs", "events", "stocks", "flows", "waits", "balances", "spending", "levels", "harm", "per_person",
                    "trace", "scenarios/history", "scenarios/funding-runs-out"}
        self.assertLessEqual(expected, set(self.groups))
        for group in self.groups:
            with self.subTest(group=group):
                one, other = (self.open(group, engine).load() for engine in ENGINES)
                self.assertTrue(one.equals(other), "the readers disagree")
                self.assertEqual(set(one.attrs), set(other.attrs))

    def test_select_by_name_and_date(self):
        """Catches axes that select only by position."""
        for engine in ENGINES:
            runs = self.open("runs", engine)
            self.assertEqual(list(runs.scenario.values), SCENARIOS)
            self.assertEqual(list(runs.replication.values), [0, 1, 2])
            december = runs.measures.sel(scenario="history", measure="encounters", time="2023-12")
            self.assertEqual(dict(december.sizes), {"replication": 3, "time": 1})
            self.assertTrue((december > 100_000).all(), "people are not scaled back")
            self.assertTrue((december < 600_000).all())
            spring = runs.measures.sel(measure="encounters", time=slice("2024-03", None))
            self.assertEqual(spring.sizes["time"], 3)
            stocks = self.open("stocks", engine)
            self.assertEqual(stocks.people.sel(place="tapachula", scenario="history", time="2023-12-01").ndim, 2)
            events = self.open("events", engine)
            self.assertEqual(events.events.sel(event_kind="stops", time="2023-12").sizes["time"], 1)

    def test_time_is_decoded(self):
        """Catches day numbers, shifted months and bins that do not join."""
        for engine in ENGINES:
            for group in self.groups:
                data = self.open(group, engine)
                if "time" in data.dims:
                    self.assertEqual(data.time.dtype.kind, "M", group)
            runs = self.open("runs", engine)
            months = np.arange("2023-01", "2024-06", dtype="datetime64[M]").astype("datetime64[ns]")
            self.assertTrue((runs.time.values == months).all())
            self.assertEqual(runs.bin_end.dtype.kind, "M")
            self.assertTrue((runs.bin_end.values[:-1] == months[1:]).all())
            self.assertEqual(runs.bin_end.values[-1], np.datetime64("2024-06-01"))

    def test_every_variable_has_units(self):
        """Catches a number without its unit, or without a name a plot can show."""
        for engine in ENGINES:
            for group in self.groups:
                data = self.open(group, engine, decode_times=False)
                for name, variable in data.variables.items():
                    self.assertTrue(variable.attrs.get("units"), f"{group}: {name} has no units")
                    self.assertTrue(variable.attrs.get("long_name"), f"{group}: {name} has no long_name")

    def test_classes_sum_to_the_measures(self):
        """Catches totals that disagree with their parts."""
        events, runs = self.open("events").load(), self.open("runs").load()
        self.assertTrue((runs.complete == 1).all())
        for kind in events.event_kind.values:
            total = runs.measures.sel(measure=kind)
            parts = events.events.sel(event_kind=kind).sum("class").transpose(*total.dims)
            np.testing.assert_array_equal(parts.values, total.values, err_msg=kind)
            people = runs.measures.sel(measure=f"{kind}_people")
            parts = events.people.sel(event_kind=kind).sum("class").transpose(*people.dims)
            np.testing.assert_array_equal(parts.values, people.values, err_msg=f"{kind}_people")
            self.assertTrue((people <= total).all(), kind)
        self.assertGreater(float(runs.measures.sel(measure="encounters").sum()), 0)

    def test_other_groups_sum_to_the_measures(self):
        """Catches harm, presence, money and waits that disagree with their own groups."""
        runs = self.open("runs").load()
        for measure, group, variable, over in (("harmed", "harm", "harmed", ["place", "class"]),
                                               ("unsheltered_person_days", "harm", "unsheltered", ["place", "class"])):
            total = runs.measures.sel(measure=measure)
            np.testing.assert_allclose(self.open(group)[variable].sum(over).values, total.values, err_msg=measure)
        np.testing.assert_allclose(self.open("balances").balance.sel(account="inm").values,
                                   runs.measures.sel(measure="inm_balance").values)
        np.testing.assert_allclose(self.open("spending").spent.sel(item="inm.return").values,
                                   runs.measures.sel(measure="inm.return_spent").values)
        waits = self.open("waits").sel(station="app_mexico_city").load()
        ended = waits.ended.sum("class")
        np.testing.assert_allclose((waits.total.sum("class") / ended.where(ended > 0)).values,
                                   runs.measures.sel(measure="app_mexico_city_wait_days").values)

    def test_file_says_how_it_was_made(self):
        """Catches a file from which its own study cannot be repeated."""
        for engine in ENGINES:
            root = self.open("/", engine)
            self.assertEqual(int(root.attrs["seed"]), SEED)
            self.assertEqual(float(root.attrs["scale"]), 0.01)
            self.assertEqual(float(root.attrs["trace_fraction"]), 0.01)
            self.assertEqual((root.attrs["engine"], root.attrs["parameters"]), ("agents", "drawn"))
            self.assertEqual("corridor " + root.attrs["version"], program("--version").strip())
            for name in SCENARIOS:
                text = self.open(f"scenarios/{name}", engine).attrs["scenario"]
                self.assertEqual(text.strip(), program("check", "--resolved", scenario_file(name)).strip())

    def test_scenario_in_the_file_repeats_the_study(self):
        """Catches a resolved text that leaves out something that matters."""
        folder = os.path.join(self.folder, "again")
        os.mkdir(folder)
        paths = [os.path.join(folder, f"{name}.yaml") for name in SCENARIOS]
        for name, path in zip(SCENARIOS, paths):
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.open(f"scenarios/{name}").attrs["scenario"])
        again = os.path.join(folder, "again.h5")
        program("run", *paths, "-n", "1", *COMMON, "-o", again)
        with xr.open_dataset(again, group="runs", engine="h5netcdf") as repeated:
            np.testing.assert_array_equal(repeated.measures.sel(replication=0).values,
                                          self.open("runs").measures.sel(replication=0).values)

    def test_trace(self):
        """Catches a log whose numbers point outside the axes, whose days are not dates, or whose people jump back in time."""
        root = self.open("/")
        for engine in ENGINES:
            trace = self.open("trace", engine).load()
            self.assertGreater(trace.sizes["event"], 1000)
            self.assertEqual(trace.day.dtype.kind, "M")
            for name in ("scenario", "class", "route"):
                self.assertEqual(trace[name].attrs["index_of"], name)
                self.assertGreaterEqual(int(trace[name].min()), 0)
                self.assertLess(int(trace[name].max()), root.sizes[name])
            self.assertEqual(set(np.unique(trace.scenario)), {0, 1})
            self.assertEqual(set(np.unique(trace.replication)), {0, 1, 2})
            self.assertLess(trace.day.values.max(), np.datetime64("2024-06-01"))
            order = np.lexsort((np.arange(trace.sizes["event"]), trace.person, trace.replication, trace.scenario))
            steps = trace.isel(event=order)
            same = np.ones(len(order) - 1, bool)
            for name in ("scenario", "replication", "person"):
                same &= steps[name].values[1:] == steps[name].values[:-1]
            self.assertGreater(same.sum(), 0)
            self.assertTrue((np.diff(steps.day.values)[same] >= np.timedelta64(0)).all())

    def draw(self, file):
        """The picture of the first result, as pixels."""
        picture = os.path.join(self.folder, "first.png")
        script = os.path.join(TREE, "analysis", "notebooks", "first_result.py")
        done = subprocess.run([sys.executable, "-B", script, file, picture], capture_output=True, text=True, timeout=120,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(picture, "rb") as image:
            self.assertEqual(image.read(8), b"\x89PNG\r\n\x1a\n")
        return plt.imread(picture)

    def test_first_picture(self):
        """Catches a picture script that fails on a new file, or draws nothing."""
        pixels = self.draw(self.file)
        height, width = pixels.shape[:2]
        self.assertGreater(min(height, width), 500)
        for rows in (slice(0, height // 2), slice(height // 2, height)):
            for columns in (slice(0, width // 2), slice(width // 2, width)):
                colours = np.unique(pixels[rows, columns].reshape(-1, pixels.shape[2]), axis=0)
                self.assertGreater(len(colours), 50, "an empty panel")

    def run_notebook(self, file):
        """Runs all cells; the names they leave."""
        with open(os.path.join(TREE, "analysis", "notebooks", "first-look.ipynb"), encoding="utf-8") as notebook:
            cells = [cell for cell in json.load(notebook)["cells"] if cell["cell_type"] == "code"]
        self.assertGreater(len(cells), 3)
        before = os.environ.get("CORRIDOR_RESULTS")
        os.environ["CORRIDOR_RESULTS"] = file
        self.addCleanup(plt.close, "all")
        plt.close("all")
        names = {}
        try:
            for number, cell in enumerate(cells, 1):
                exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)  # pylint: disable=exec-used
        finally:
            if before is None:
                del os.environ["CORRIDOR_RESULTS"]
            else:
                os.environ["CORRIDOR_RESULTS"] = before
        self.assertEqual(names["path"], file)
        for data in (names["runs"], names["events"], names["stocks"]):
            self.addCleanup(data.close)
        return names

    def test_notebook_runs(self):
        """Catches a notebook that no longer fits the file."""
        names = self.run_notebook(self.file)
        self.assertTrue(plt.get_fignums())
        lines = [line for number in plt.get_fignums() for axes in plt.figure(number).axes for line in axes.lines]
        self.assertGreaterEqual(len(lines), len(SCENARIOS) + 5)
        for line in lines:
            self.assertTrue(np.isfinite(np.asarray(line.get_ydata(), float)).all())
        runs = names["runs"]
        np.testing.assert_allclose(names["by_nationality"].sum("nationality").values,
                                   runs.measures.sel(scenario="history", measure="encounters").mean("replication").values)
        self.assertTrue((names["difference"].sel(time=slice(None, "2024-02")) == 0).all(), "scenarios differ before they differ")
        self.assertTrue((names["difference"].sel(time=slice("2024-03", None)) != 0).any())

    def test_incomplete_replications_are_left_out(self):
        """Catches replications that failed, whose numbers read 0, among those that are averaged or drawn."""
        whole, part = (os.path.join(self.folder, name) for name in ("whole.h5", "part.h5"))
        program("run", *map(scenario_file, SCENARIOS), "-n", "2", *COMMON, "-o", whole)
        shutil.copy(self.file, part)
        with h5py.File(part, "r+") as file:
            for group in (group for group in self.groups if group != "/" and not group.startswith(("trace", "scenarios"))):
                for name, item in file[group].items():
                    if isinstance(item, h5py.Dataset) and item.shape[:2] == (2, 3):
                        item[:, 2] = 0
            self.assertEqual(file["runs/complete"][:].tolist(), [[1, 1, 0]] * 2)
        expected, found = self.run_notebook(whole), self.run_notebook(part)
        for name in ("by_nationality", "present"):
            np.testing.assert_allclose(found[name].values, expected[name].values, err_msg=name)
        for name in ("encounters", "difference"):
            np.testing.assert_allclose(found[name].mean("replication").values, expected[name].mean("replication").values)
        self.assertTrue((self.draw(part) == self.draw(whole)).all(), "another picture")


if __name__ == "__main__":
    unittest.main()
