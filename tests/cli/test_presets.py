"""Each way to build is complete, and the same for whoever configures it: by hand or by ./quickstart."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

TREE = pathlib.Path(os.environ["CORRIDOR_TREE"])


class Presets(unittest.TestCase):
    def setUp(self):
        presets = json.loads((TREE / "CMakePresets.json").read_text())
        self.configure = {p["name"]: p for p in presets["configurePresets"]}
        self.visible = {name for name, preset in self.configure.items() if not preset.get("hidden")}
        self.presets = presets

    def test_each_can_be_built_and_tested(self):
        """Catches a preset that configures and then knows no build, or no tests."""
        for kind in ("buildPresets", "testPresets"):
            self.assertEqual({p["configurePreset"] for p in self.presets[kind]}, self.visible, kind)

    def test_all_use_one_generator(self):
        """Catches a tree that one configures for Make, and ./quickstart then cannot configure for Ninja."""
        self.assertEqual(self.configure["base"]["generator"], "Ninja")
        for name in self.visible:
            self.assertEqual(self.configure[name]["inherits"], "base")

    def test_quickstart_begins_a_tree_of_another_generator_anew(self):
        """Catches './quickstart' that fails for ever after someone has configured with another generator."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="corridor_"))
        self.addCleanup(shutil.rmtree, folder)
        shutil.copy(TREE / "quickstart", folder)
        (folder / "bin").mkdir()
        for name, text in (("cmake", 'echo "$@" >>"$CALLS"'), ("dpkg-query", "echo install ok installed")):
            (folder / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
            (folder / "bin" / name).chmod(0o755)
        calls = folder / "calls"
        environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "CALLS": str(calls)}
        (folder / "build" / "release").mkdir(parents=True)
        for generator, expected in (("Unix Makefiles", "--preset release --fresh"), ("Ninja", "--preset release")):
            (folder / "build" / "release" / "CMakeCache.txt").write_text(f"CMAKE_GENERATOR:INTERNAL={generator}\n")
            calls.write_text("")
            subprocess.run(["./quickstart", "setup"], cwd=folder, env=environment, check=True, capture_output=True)
            self.assertEqual(calls.read_text().splitlines()[0].strip(), expected)


if __name__ == "__main__":
    unittest.main()
