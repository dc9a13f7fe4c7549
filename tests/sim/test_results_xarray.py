"""The results file opens unchanged in xarray (h5netcdf and netcdf4), h5py and netCDF4, with the numbers that were
written. CORRIDOR_RESULTS_WRITER is the program tests/helpers/results_writer.c."""
import os
import subprocess
import tempfile
import unittest

import h5py
import netCDF4
import numpy as np
import xarray as xr

SCENARIOS = ["base", "funding runs out"]
PLACES = ["Tapachula", "Ciudad Juárez", "Tecún Umán"]
CLASSES = ["single_adult", "family"]
TIMES = ["2023-01-01", "2023-02-01", "2023-03-01", "2023-04-01"]
BINS = [0, 1, 7, 30, 90]
REPLICATIONS = 20
ENGINES = ("h5netcdf", "netcdf4")
GROUPS = ("stocks", "flows", "waits", "balances", "runs")


def stored(s, r):
    """The writer lets replication 1 of scenario 0 fail and leaves the last one of scenario 1 out."""
    return (s, r) not in ((0, 1), (1, REPLICATIONS - 1))


def expected(dataset, shape, transform, fill):
    """The numbers of tests/helpers/results_study.h."""
    size = int(np.prod(shape))
    flat = np.array([[transform((s * 1009 + r * 613 + dataset * 101 + np.arange(size) * 7) % 1000)
                      if stored(s, r) else np.full(size, fill)
                      for r in range(REPLICATIONS)] for s in range(2)])
    return flat.reshape((2, REPLICATIONS) + shape)


class Results(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = os.path.join(cls.folder.name, "out.h5")
        cls.writer = os.environ["CORRIDOR_RESULTS_WRITER"]
        cls.text_bytes = 300_000  # beyond the 64 KiB of HDF5's compact attributes
        subprocess.run([cls.writer, cls.path, str(REPLICATIONS), str(cls.text_bytes)], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def each(self, group):
        for engine in ENGINES:
            with self.subTest(engine=engine), xr.open_dataset(self.path, engine=engine, group=group) as data:
                yield data

    def test_numbers(self):
        """Catches: wrong values, types, dimensions or order in any group and engine."""
        cases = [
            ("stocks", "people", 0, ("time", "place", "class"), (4, 3, 2), lambda v: v, 0, np.int32),
            ("flows", "moves", 1, ("time", "place"), (4, 3), lambda v: v << 33, 0, np.int64),
            ("waits", "count", 2, ("place", "wait_bin"), (3, 5), lambda v: v, 0, np.int32),
            ("balances", "money", 3, ("time",), (4,), lambda v: v / 8, np.nan, np.float64),
            ("runs", "cost", 4, (), (), lambda v: v / 8, np.nan, np.float64)]
        for group, name, number, dims, shape, transform, fill, kind in cases:
            for data in self.each(group):
                self.assertEqual(data[name].dims, ("scenario", "replication") + dims)
                self.assertEqual(data[name].dtype, kind)
                np.testing.assert_array_equal(data[name].values, expected(number, shape, transform, fill))

    def test_selection(self):
        """Catches: coordinates that are no labels: names, real dates, numbers."""
        for data in self.each("stocks"):
            value = data["people"].sel({"scenario": "funding runs out", "replication": 7, "time": "2023-03-01",
                                        "place": "Tecún Umán", "class": "family"})
            self.assertEqual(int(value), (1009 + 7 * 613 + (2 * 6 + 2 * 2 + 1) * 7) % 1000)
            spring = data.sel(time=slice("2023-02-15", "2023-04-15"))
            self.assertEqual(list(spring["time"].dt.strftime("%Y-%m-%d").values), TIMES[2:])
            self.assertEqual(list(data["place"].values), PLACES)
            self.assertEqual(list(data["country"].values), ["MX", "MX", "GT"])
            np.testing.assert_array_equal(data["latitude"].values, [14.9, 31.7, 14.68])
        for data in self.each("waits"):
            self.assertEqual(list(data["wait_bin"].values), BINS)  # plain numbers, no time spans

    def test_groups_hold_what_they_use(self):
        """Catches: coordinates missing from a group, or dragged into one that has no use for them."""
        uses = {"stocks": {"time", "place", "class"}, "flows": {"time", "place"}, "waits": {"place", "wait_bin"},
                "balances": {"time"}, "runs": set()}
        for group in GROUPS:
            for data in self.each(group):
                self.assertEqual(set(data.coords), uses[group] | {"scenario", "replication"})
                self.assertEqual(list(data["scenario"].values), SCENARIOS)
                self.assertEqual(list(data["replication"].values), list(range(REPLICATIONS)))

    def test_complete(self):
        """Catches: a mask that xarray turns into floats, or that hides failed and missing replications."""
        for data in self.each("runs"):
            self.assertEqual(data["complete"].dtype.kind, "i")
            mask = [[int(stored(s, r)) for r in range(REPLICATIONS)] for s in range(2)]
            np.testing.assert_array_equal(data["complete"].values, mask)

    def test_event_log(self):
        """Catches: columns without the one dimension, undecoded dates, events out of order."""
        events = [(s, r, i) for s in range(2) for r in range(REPLICATIONS) if stored(s, r)
                  for i in range((s * 5 + r * 3) % 7)]
        for data in self.each("trace"):
            self.assertEqual(dict(data.sizes), {"event": len(events)})
            self.assertEqual(list(data.variables), ["scenario", "replication", "time", "person", "place"])
            np.testing.assert_array_equal(data["scenario"], [s for s, _, _ in events])
            np.testing.assert_array_equal(data["replication"], [r for _, r, _ in events])
            np.testing.assert_array_equal(data["person"], [((s * 1000 + r) * 10000 + i) << 20 for s, r, i in events])
            days = (data["time"].values - np.datetime64("2023-01-01")) / np.timedelta64(1, "D")
            np.testing.assert_allclose(days, [r + i / 16 for _, r, i in events], atol=1e-9)
            self.assertEqual(data["place"].attrs["index_of"], "place")

    def test_texts(self):
        """Catches: long or UTF-8 texts cut, and the seed rounded to a double."""
        for data in self.each(None):
            self.assertEqual(data.attrs["title"], "A study for tests")
            self.assertEqual(int(data.attrs["seed"]), 0xFEDCBA9876543210)
            self.assertEqual(float(data.attrs["scale"]), 0.1)
            self.assertEqual(len(data.attrs["targets"]), self.text_bytes)
            self.assertEqual(list(data["place"].values), PLACES)
        for data in self.each("scenarios/funding runs out"):
            self.assertEqual(data.attrs["scenario"], "extends: base\npolicies: []\n")
            self.assertEqual(len(data.attrs["resolved"]), self.text_bytes)

    def test_layout_of_the_file(self):
        """Catches: coordinates stored twice, axes without scale, chunks and filters other than promised, clocks."""
        with h5py.File(self.path) as file:
            for group in GROUPS:
                for name, dataset in file[group].items():
                    self.assertIn("units", dataset.attrs)
                    self.assertNotIn("_FillValue", dataset.attrs)
                    if name in file:
                        self.assertEqual(dataset, file[name])  # a hard link, not a copy
                        continue
                    for axis in dataset.dims:
                        self.assertEqual(len(axis), 1)
                    if dataset.chunks:
                        self.assertEqual(dataset.chunks, (1, 1) + dataset.shape[2:])
                        self.assertTrue(dataset.shuffle and dataset.fletcher32)
                        self.assertEqual((dataset.compression, dataset.compression_opts), ("gzip", 1))
            times = []
            file.visititems(lambda _, o: times.append(h5py.h5g.get_objinfo(o.id).mtime))
            self.assertEqual(set(times), {0})

    def test_netcdf_can_append(self):
        """Catches: a file without creation order, which netCDF-4 opens but cannot add to."""
        copy = os.path.join(self.folder.name, "copy.h5")
        with open(self.path, "rb") as source, open(copy, "wb") as target:
            target.write(source.read())
        with netCDF4.Dataset(copy, "a") as data:
            data["stocks"].createVariable("area", "f8", ("place",))[:] = [1, 2, 3]
        with xr.open_dataset(copy, engine="netcdf4", group="stocks") as data:
            self.assertEqual(float(data["area"].sel(place="Tecún Umán")), 3)

    def test_bytes_do_not_depend_on_memory(self):
        """Catches: uninitialised memory in the file."""
        with open(self.path, "rb") as file:
            first = file.read()
        for fill in ("85", "170"):
            other = os.path.join(self.folder.name, "other.h5")
            subprocess.run([self.writer, other, str(REPLICATIONS), str(self.text_bytes)], check=True,
                           env={**os.environ, "MALLOC_PERTURB_": fill})
            with open(other, "rb") as file:
                self.assertEqual(file.read(), first)


if __name__ == "__main__":
    unittest.main()
