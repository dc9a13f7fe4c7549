"""The arrows between rooms hold: cli -> analysis -> models -> sim, never back; each room keeps to its own libraries."""
import os
import pathlib
import re
import unittest

TREE = pathlib.Path(os.path.normpath(os.environ["CORRIDOR_TREE"]))
ROOMS = ["sim", "models", "analysis", "cli"]
FORBIDDEN = {"sim": ["yaml.h"], "models": ["hdf5.h", "omp.h"], "cli": ["hdf5.h", "yaml.h"], "analysis": ["yaml.h"]}
MIGRATION_WORDS = re.compile(r"\b(migra\w*|encounter\w*|asylum|border|mexic\w*|guatemal\w*|visa|deport\w*|custody|kidnap\w*)\b", re.I)


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1)


def room_of(path, name):
    """The room of a header as a file of the tree includes it: by its path from the top, or from the file's own folder."""
    if name.split("/")[0] in ROOMS and "/" in name:
        return name.split("/")[0]
    found = pathlib.Path(os.path.normpath(path.parent / name))
    first = found.relative_to(TREE).parts[0] if found.is_relative_to(TREE) else None
    return first if first in ROOMS else None


class Rooms(unittest.TestCase):
    def sources(self, room):
        files = sorted(p for p in (TREE / room).rglob("*.[ch]"))
        self.assertTrue(files, f"room {room} is empty")
        return files

    def test_includes_run_one_way(self):
        """Would catch sim/ including a header of models/, or analysis/ one of cli/."""
        for level, room in enumerate(ROOMS):
            for path in self.sources(room):
                for number, name in includes(path):
                    room = room_of(path, name)
                    if room:
                        self.assertLessEqual(ROOMS.index(room), level, f"{path}:{number} includes {name}")

    def test_rooms_are_recognised_in_relative_names(self):
        """Would catch a way back that is written '../cli/x.h'."""
        self.assertEqual(room_of(TREE / "sim" / "kinds" / "gate.c", "../../cli/x.h"), "cli")
        self.assertEqual(room_of(TREE / "models" / "csv.c", "../cli/../analysis/x.h"), "analysis")
        self.assertEqual(room_of(TREE / "models" / "csv.c", "csv.h"), "models")
        self.assertEqual(room_of(TREE / "models" / "csv.c", "sim/error.h"), "sim")
        self.assertIsNone(room_of(TREE / "models" / "csv.c", "../tests/helpers/run_model.h"))

    def test_rooms_keep_to_their_libraries(self):
        """Would catch HDF5 in models/ or YAML anywhere but there."""
        for room, names in FORBIDDEN.items():
            for path in self.sources(room):
                for number, name in includes(path):
                    self.assertNotIn(name, names, f"{path}:{number}")

    def test_engine_knows_no_migration_word(self):
        """Would catch the model's words creeping into the engine's code (comments may say what a thing is for)."""
        for path in self.sources("sim"):
            code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.S)
            found = MIGRATION_WORDS.search(code)
            self.assertIsNone(found, f"{path}: {found and found.group(0)}")

    def test_libraries_neither_print_nor_exit(self):
        """Would catch a library that writes to the terminal or ends the program."""
        for room in ("sim", "models", "analysis"):
            for path in self.sources(room):
                code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
                found = re.search(r"\b(v?printf|puts|putchar|_?exit|abort|perror)\s*\(|\b(stdout|stderr)\b", code)
                self.assertIsNone(found, f"{path}: {found and found.group(0)}")


if __name__ == "__main__":
    unittest.main()
