"""Messages as JSON: the same text and the same values as with the json module."""

import json
import math
import unittest

from code_mode.json_text import dumps, loads

VALUES = [None, True, 0, -(2**70), 1.5, -1e300, "", 'é"\n\\\u2028🌍\ud800', [], {}, [[1, {"a": [None]}], {"": {}}]]


class JsonText(unittest.TestCase):
    def test_it_is_that_of_the_json_module(self):
        for value in [*VALUES, VALUES, (1, 2), float("inf")]:
            self.assertEqual(dumps(value), json.dumps(value))

    def test_it_is_read_back(self):
        for value in VALUES:
            self.assertEqual(loads(dumps(value)), value)
        self.assertTrue(math.isnan(loads("NaN")))
        self.assertEqual(loads('{"a":[1,2.5e3]}'), {"a": [1, 2500.0]})

    def test_what_is_none_is_refused(self):
        for value in ({1, 2}, {(1, 2): 3}, b""):
            self.assertRaises(TypeError, dumps, value)
        for text in ("", "nope", "{", "[1,"):
            self.assertRaises(ValueError, loads, text)
        circle = []
        circle.append(circle)
        self.assertRaises(RecursionError, dumps, circle)


if __name__ == "__main__":
    unittest.main()
