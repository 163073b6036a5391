"""What people see of a value, whatever its size."""

import tracemalloc
import unittest

from code_mode.values import bounded_repr, safe_repr


class LongValues(unittest.TestCase):
    def test_short_ones_are_whole(self):
        for value in ("it's", b"\x00bytes", bytearray(b"x" * 100), [1, 2]):
            self.assertEqual(bounded_repr(value, 200), repr(value))

    def test_long_ones_have_both_ends_and_what_is_missing(self):
        self.assertEqual(bounded_repr("a" * 500 + "z" * 500, 20), "'aaaaaaaaa\n… 980 characters left out …\nzzzzzzzzz'")
        self.assertIn("1,999,800 bytes left out", bounded_repr(bytes(2_000_000), 200))

    def test_cost_no_memory_of_their_size(self):
        value = bytearray(20_000_000)
        tracemalloc.start()
        try:
            bounded_repr(value, 2_000)
            self.assertLess(tracemalloc.get_traced_memory()[1], 1_000_000)
        finally:
            tracemalloc.stop()

    def test_one_that_cannot_be_shown_is_named(self):
        class Broken:
            def __repr__(self):
                raise KeyError("x")

        self.assertEqual(safe_repr(Broken(), 100), "<repr of Broken raised KeyError>")


if __name__ == "__main__":
    unittest.main()
