"""What is read from a workflow's source without running it."""

import unittest

from code_mode.errors import InvalidWorkflowError
from code_mode.workflow_source import check, checked_name, description_of, with_description


class Names(unittest.TestCase):
    def test_identifiers_are_taken_as_python_reads_them(self):
        self.assertEqual(checked_name("fetch_titles"), "fetch_titles")
        self.assertEqual(checked_name("größe"), "größe")
        self.assertEqual(checked_name("ﬁnd"), "find")

    def test_others_are_refused(self):
        for name in ("", "a b", "a-b", "1a", "class", "_private", "../x", "list", "search", "get", "invoke", "create", "delete"):
            with self.subTest(name), self.assertRaises(InvalidWorkflowError):
                checked_name(name)
        with self.assertRaises(TypeError):
            checked_name(3)


class Checking(unittest.TestCase):
    def test_nothing_is_executed(self):
        check("danger", "raise SystemExit\nprint(1 / 0)\nimport no_such_module\nasync def run(x=1 / 0): pass")

    def test_the_description_is_of_the_module_or_else_of_run(self):
        run = "async def run():\n    '''Of run.\n\n    More.'''\n"
        self.assertEqual(description_of("x", '"""\n  Of the module.\n\n  More."""\n' + run), "Of the module.")
        self.assertEqual(description_of("x", run), "Of run.")
        self.assertEqual(description_of("x", '""" """\n' + run), "Of run.")
        self.assertEqual(description_of("x", "async def run(): pass"), "")

    def test_the_last_run_counts(self):
        check("x", "def run(): pass\nasync def run(a): pass")
        with self.assertRaises(InvalidWorkflowError):
            check("x", "async def run(a): pass\ndef run(): pass")

    def test_what_is_no_workflow_is_refused_with_the_reason(self):
        for source, reason in (
            ("", "has no `run`"),
            ("run = 1", "has no `run`"),
            ("class A:\n    async def run(self): pass", "has no `run`"),
            ("def run(): pass", "plain `def run` in line 1"),
            ("async def run(a, /): pass", "cannot be given by name"),
            ("async def run():\n    yield 1", "yields"),
        ):
            with self.subTest(source), self.assertRaisesRegex(InvalidWorkflowError, reason):
                check("x", source)

    def test_syntax_errors_name_the_workflow_and_the_line(self):
        for source in ("async def run():\n    return (", "x = 1\nreturn 1\nasync def run(): pass"):
            with self.subTest(source), self.assertRaises(SyntaxError) as caught:
                check("broken", source)
            self.assertEqual(caught.exception.filename, "<workflow broken>")
            self.assertGreater(caught.exception.lineno, 0)

    def test_sources_that_no_parser_can_read_are_refused(self):
        for source in ("async def run(): pass\0", "x = " + "(" * 5000 + ")" * 5000):
            with self.subTest(source[:30]), self.assertRaises((InvalidWorkflowError, SyntaxError)):
                check("x", source)


class Descriptions(unittest.TestCase):
    RUN = 'async def run():\n    """Of run."""\n    return "é"\n'

    def check(self, source, description, expected):
        described = with_description("x", source, description)
        self.assertEqual(description_of("x", described), expected)
        return described

    def test_that_says_the_same_changes_nothing(self):
        self.assertEqual(self.check(self.RUN, "Of run.", "Of run."), self.RUN)
        self.assertEqual(self.check(self.RUN, "  ", "Of run."), self.RUN)

    def test_becomes_the_docstring(self):
        described = self.check(self.RUN, "New", "New")
        self.assertEqual(described, '"""New"""\n\n' + self.RUN)

    def test_becomes_the_first_line_of_the_docstring_that_there_is(self):
        source = '# é\n"""Old ünï.\n\nMore."""; x = "é"\nfrom __future__ import annotations\n' + self.RUN
        # A statement before the future import, or after the docstring, would be an error.
        source = source.replace('; x = "é"', "")
        described = self.check(source, "New", "New")
        self.assertIn("Old ünï.\n\nMore.", described)
        self.assertTrue(described.startswith('# é\n"""New\n\nOld'))
        self.assertTrue(described.endswith("from __future__ import annotations\n" + self.RUN))

    def test_keeps_what_follows_on_the_same_line(self):
        described = self.check('"""Old""" ; x = "é"\n' + self.RUN, "New", "New")
        self.assertIn('""" ; x = "é"\n', described)

    def test_of_any_characters_stays_one_docstring(self):
        for text in ('"', '"""', "\\", "\\n", "ends with \\", 'a"', "two\nlines", "\0", "{x}", "'''", "🌍"):
            with self.subTest(text):
                expected = " ".join("".join(c if c.isprintable() else " " for c in text).split())
                self.check(self.RUN, text, expected or "Of run.")
                self.check('r"""Old \\d."""\n' + self.RUN, text, expected or "Old \\d.")


if __name__ == "__main__":
    unittest.main()
