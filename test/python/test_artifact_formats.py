"""What a saved figure comes back as, and which values have a format of their own."""

import copy
import pickle
import sys
import unittest

from code_mode.artifact_formats import Picture, needs, saver
from code_mode.display import mime_bundle
from code_mode.errors import MissingPackageError


class Pictures(unittest.TestCase):
    def test_are_their_bytes(self):
        picture = Picture(b"\x89PNG", "png")
        self.assertEqual(picture, b"\x89PNG")
        self.assertEqual(repr(picture), "<Picture png, 4 bytes>")
        self.assertEqual(str(picture), repr(picture))

    def test_show_themselves(self):
        for format, mime, content in (
            ("png", "image/png", b"x"),
            ("jpg", "image/jpeg", b"x"),
            ("pdf", "application/pdf", b"x"),
            ("gif", "image/gif", b"x"),
            ("svg", "image/svg+xml", "é"),
        ):
            with self.subTest(format):
                picture = Picture(content if isinstance(content, bytes) else content.encode("utf-8"), format)
                data, _ = mime_bundle(picture)
                self.assertEqual(data, {mime: content, "text/plain": repr(picture)})
                self.assertIs(type(data[mime]), type(content))

    def test_stay_pictures_when_copied(self):
        picture = Picture(b"x", "gif")
        for same in (copy.copy(picture), copy.deepcopy(picture), pickle.loads(pickle.dumps(picture))):
            self.assertEqual((same, same.format), (picture, "gif"))


class Formats(unittest.TestCase):
    def test_are_for_objects_of_libraries_alone(self):
        for value in (1, "x", b"x", {"a": 1}, [1], None, object(), Picture(b"x", "png")):
            for name in ("x", "x.npz", "x.csv", "x.png"):
                with self.subTest(value=value, name=name):
                    self.assertIsNone(saver(name, value))

    def test_of_packages_that_are_missing_are_an_error_that_names_them(self):
        self.assertEqual(needs("x", "no_such_package", "json"), "json")
        with self.assertRaisesRegex(MissingPackageError, r"'x' needs no_such_a or no_such_b[^$]*artifacts\.open\('x'\)"):
            needs("x", "no_such_a", "no_such_b")
        self.assertNotIn("no_such_a", sys.modules)


if __name__ == "__main__":
    unittest.main()
