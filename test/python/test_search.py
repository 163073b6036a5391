"""The ranking of what a search finds."""

import unittest

from code_mode.search import rank

WEIGHTS = {"name": 4.0, "description": 2.0, "source": 0.5}
DOCUMENTS = [
    ("fetch_titles", "Get the titles of web pages", "import urllib"),
    ("parseInvoice", "Read totals from a PDF", "import re; urllib = None"),
    ("größe", "Berechnet die Größe einer Datei", ""),
    ("http2_probe", "Check a server", "page = 1"),
]


def search(query, limit=10):
    documents = [(d[0], dict(zip(("name", "description", "source"), d))) for d in DOCUMENTS]
    return rank(query, documents, WEIGHTS, limit)


class Rank(unittest.TestCase):
    def test_finds_words_of_every_field_and_the_name_counts_most(self):
        self.assertEqual(search("titles"), ["fetch_titles"])
        self.assertEqual(search("invoice"), ["parseInvoice"])
        self.assertEqual(search("page"), ["fetch_titles", "http2_probe"])
        self.assertEqual(search("SERVER größe"), ["größe", "http2_probe"])

    def test_finds_prefixes_plurals_and_typos(self):
        self.assertEqual(search("tit"), ["fetch_titles"])
        self.assertEqual(search("invoices"), ["parseInvoice"])
        self.assertEqual(search("invioce"), ["parseInvoice"])

    def test_more_words_that_fit_rank_higher(self):
        self.assertEqual(search("urllib web")[0], "fetch_titles")

    def test_finds_nothing_where_nothing_fits(self):
        for query in ("", "   ", "!!!", "zzzz", "xq"):
            with self.subTest(query):
                self.assertEqual(search(query), [])

    def test_gives_at_most_the_limit(self):
        self.assertEqual(len(search("urllib page", 1)), 1)
        for limit in (0, -1, 1.5, True, None):
            with self.subTest(limit), self.assertRaises(ValueError):
                search("page", limit)


if __name__ == "__main__":
    unittest.main()
