"""Lines such as ``%pip install six`` in a cell: found where a statement begins, checked, and replaced by a call."""

import ast
import random
import traceback
import unittest
from unittest import mock

from code_mode import pip_lines
from code_mode.compilation import compile_code

# Whole statements in which a line begins as a magic does, and is none.
STATEMENTS = [
    'x = """\n%pip install in_a_string\n!ls\n"""\n',
    "x = '''%pip\n    !pip install 'quoted\"\n'''\n",
    "x = (7\n%pip\n)\n",
    "x = {\n'a': 7\n\n   # %pip install in_a_comment\n%pip}\n",
    "x = 7 \\\n%pip\n",
    "x = 'a \\\n%pip install in_a_string'\n",
    '# %pip install in_a_comment\n',
    'x = f"""{7\n%pip}\n%pip install in_an_f_string\n"""\n',
    "if pip:\n    x = 7\n\n    # !ls\nelse:\n    x = [7\n%pip, '''\n%pip\n''']\n",
    "def f(a=7\n%pip):\n    '''Doc.\n\n    %pip install in_a_docstring\n    '''\n    return a\n",
    "x = 1 != 2; y = 5 % pip\n",
    "\n\n",
]
BLOCKS = ["if pip:\n", "for x in [7]:\n", "def g():\n", "async def h():\n", "try:\n    pass\nfinally:\n", "with w:\n"]
MAGICS = [
    "%pip install a",
    "%pip install 'a",
    '!pip install "b>=2" -q',
    "%uv pip install c # it's",
    "!uv pip uninstall -y d",
    "%pip list",
    "%matplotlib inline",
    "%pip install a \\\n    b \\\n    c",
]
BROKEN = {"%pip install 'a": '%pip install "a"'}


def calls(source, first_line=1):
    """What a cell's magics are asked to do, in order, when it runs."""
    run = mock.Mock()
    with mock.patch.object(pip_lines, "run", run):
        code = compile_code(source, "cell", first_line, awaits_asyncio_run=False)
        namespace = {"pip": 5, "w": mock.MagicMock()}
        exec(code.body or "", namespace)
        value = eval(code.expression, namespace) if code.expression else None
    return [call.args + tuple(call.kwargs.values()) for call in run.call_args_list], namespace, value


def failure(source, first_line=1):
    try:
        compile_code(source, "cell", first_line, awaits_asyncio_run=False)
    except SyntaxError as error:
        return error
    raise AssertionError(f"{source!r} was compiled")


class Lines(unittest.TestCase):
    def test_stand_wherever_a_statement_may(self):
        source = "x = 1\n%pip install a\nif x:\n    y = 2\n    !pip install -q b c\n%uv pip list\nx + y"
        done, namespace, _ = calls(source)
        self.assertEqual(
            done,
            [
                ("install", ["a"], [], False, False),
                ("install", ["b", "c"], [], True, False),
                ("list", [], [], False, False),
            ],
        )
        self.assertEqual(namespace["y"], 2)

    def test_are_read_as_pip_reads_them(self):
        for line, expected in {
            "%pip install six rich>=13": ("install", ["six", "rich>=13"], [], False, False),
            "%pip install --quiet --upgrade 'six >= 1'": ("install", ["six >= 1"], [], True, True),
            "%pip install -qU six  # needed": ("install", ["six"], [], True, True),
            "!pip3 install six": ("install", ["six"], [], False, False),
            "!python -m pip install -y six": ("install", ["six"], [], False, False),
            "!{sys.executable} -m pip install six": ("install", ["six"], [], False, False),
            "! pip install six": ("install", ["six"], [], False, False),
            "!!pip install six": ("install", ["six"], [], False, False),
            "%uv  pip install -r a.txt six": ("install", ["six"], ["a.txt"], False, False),
            "%pip install --requirement=a.txt -rb.txt --requirement 'c d.txt'": (
                "install",
                [],
                ["a.txt", "b.txt", "c d.txt"],
                False,
                False,
            ),
            "%pip install a \\\n  b \\\n  c": ("install", ["a", "b", "c"], [], False, False),
            "%pip uninstall -y six": ("uninstall", ["six"], [], False, False),
            "%pip uninstall six rich --yes": ("uninstall", ["six", "rich"], [], False, False),
            "%pip list": ("list", [], [], False, False),
            "!uv pip freeze": ("freeze", [], [], False, False),
            "%pip show six": ("show", ["six"], [], False, False),
        }.items():
            with self.subTest(line):
                self.assertEqual(calls(line), ([expected], mock.ANY, mock.ANY))

    def test_have_no_value(self):
        for source in ("%matplotlib inline", "x = 3\n%matplotlib inline  # as ever", "%matplotlib   inline\n"):
            self.assertEqual(calls(source)[::2], ([], None))

    def test_are_refused_where_they_ask_for_more(self):
        for line, message in {
            "%pip install --index-url https://x six": r"does not know --index-url: there are -q, -U .* codeMode\.deps",
            "%pip install --user six": "does not know --user",
            "%pip install -e .": "does not know -e",
            "%pip install six > log.txt": "No shell is run here: > ",
            "!pip install six && ls": "No shell is run here: && ",
            "!pip install six 2>&1": "No shell is run here: 2>&1 ",
            "%pip install {name}": r"Nothing is filled in .* deps\.add\(name\)",
            "!pip install $NAME": "Nothing is filled in",
            "%pip install 'six": "A quote .* is not closed",
            "%pip install": "names no package",
            "%pip install -r": "A file is to follow -r",
            "%pip list six": "takes no package",
            "%pip list --outdated": "does not know --outdated: there are -q",
            "%pip download six": "%pip download is not supported: there are %pip install, uninstall",
            "%pip": "%pip is not supported",
            "!ls -l": r"No shell is run here; .* subprocess\.run",
            "!pipx install six": "No shell is run here",
            "%timeit x": "There is no magic %timeit here. There are %pip install",
            "%%bash\nls": "There is no magic %%bash here",
            "%%pip install six": "There is no magic %%pip here",
            "%matplotlib widget": "There is no magic %matplotlib here. .* %matplotlib inline",
        }.items():
            with self.subTest(line):
                error = failure(f"x = 1\nif x:\n    {line}\n", first_line=10)
                self.assertRegex(str(error.msg), message)
                first = line.split("\n")[0]
                self.assertEqual((error.lineno, error.offset, error.text), (12, 5, f"    {first}\n"))

    def test_nothing_of_the_cell_runs_where_one_is_refused(self):
        with mock.patch.object(pip_lines, "run") as run:
            failure("%pip install six\n%pip install --user six")
        run.assert_not_called()


class Elsewhere(unittest.TestCase):
    """Everything but magics is Python's own."""

    def test_what_python_understands_is_its_own(self):
        for statement in STATEMENTS:
            with self.subTest(statement), mock.patch("code_mode.magics.parse_with_magics") as parse:
                compile_code(statement, "cell", 1, awaits_asyncio_run=False)
                parse.assert_not_called()

    def test_what_neither_understands_is_pythons_own_error(self):
        for source in (
            "x = 5 \\\n%pip install six\n",
            "x = foo\n  % 3\n",
            "x = foo\n  != 3\n",
            "f(1,\n%pip install six\n",
            "x = '''\n%pip install six\n",
            "x = = 3\n%",
            "!= 3",
            "%",
        ):
            with self.subTest(source):
                ours = failure(source)
                with self.assertRaises(SyntaxError) as raised:
                    compile(source, "cell", "exec")
                theirs = raised.exception
                self.assertEqual((ours.msg, ours.lineno, ours.offset), (theirs.msg, theirs.lineno, theirs.offset))

    def test_errors_beside_a_magic_are_those_of_the_cell(self):
        for source, line, text in (
            ("%pip install six\nx = = 3\n", 2, "x = = 3\n"),
            ("if x:\n%pip install six\n", 2, "%pip install six\n"),
            ("x = 1\n    %pip install six\n", 2, "    %pip install six\n"),
        ):
            with self.subTest(source):
                error = failure(source)
                self.assertEqual((error.lineno, error.text), (line, text))

    def test_random_cells_are_what_python_makes_of_them_with_pass_for_each_magic(self):
        chance = random.Random(7)
        for _ in range(600):
            cell, reference, count = self._cell(chance, 0)
            with self.subTest(cell):
                done = []
                with mock.patch("code_mode.magics._call", lambda text: done.append(text) or "pass"):
                    tree = self._tree(cell)
                self.assertEqual(len(done), count)
                expected = ast.parse(reference)
                # `pass` is shorter than the line that it stands for.
                for node in (*ast.walk(tree), *ast.walk(expected)):
                    if isinstance(node, ast.Pass):
                        node.end_col_offset = 0
                self.assertEqual(
                    self._without_ends(tree), self._without_ends(expected)
                )

    def _tree(self, cell):
        from code_mode import compilation

        return compilation._parse(cell, "cell", 1, ast.PyCF_ONLY_AST)

    def _without_ends(self, tree):
        for node in ast.walk(tree):
            # A body that ends with a magic of several lines ends with its first.
            if hasattr(node, "end_lineno"):
                node.end_lineno = node.end_col_offset = 0
        return ast.dump(tree, include_attributes=True)

    def _cell(self, chance, depth):
        cell, reference, count = "", "", 0
        for _ in range(chance.randint(1, 4)):
            kind = chance.random()
            if kind < 0.4:
                statement = chance.choice(STATEMENTS)
                if depth:
                    # In a body only what may be moved to the right: lines of strings and brackets stay.
                    statement = chance.choice(["x = 1\n", "# %pip install a comment\n", "\n", "x = (7\n%pip\n)\n"])
                cell, reference = cell + "    " * depth + statement, reference + "    " * depth + statement
            elif kind < 0.75 or depth > 2:
                magic = chance.choice(MAGICS)
                cell += "    " * depth + magic + "\n"
                reference += "    " * depth + "pass" + "\n" * (magic.count("\n") + 1)
                count += 1
            else:
                block = "".join("    " * depth + line for line in chance.choice(BLOCKS).splitlines(True))
                inner, inner_reference, inner_count = self._cell(chance, depth + 1)
                end = "    " * (depth + 1) + "x = 0\n"
                cell, reference = cell + block + inner + end, reference + block + inner_reference + end
                count += inner_count
        return cell, reference, count


class Tracebacks(unittest.TestCase):
    def test_name_the_line_as_it_was_written(self):
        source = 'x = 1\n%pip install \\\n   nope\ny = 2\ndef f():\n    """\n%pip\n    """\n    !pip install nope\nf()'
        code = compile_code(source, "Cell [1]", 1, awaits_asyncio_run=False)
        for refused, line, text in ((0, 2, "%pip install \\"), (1, 9, "!pip install nope")):
            run = mock.Mock(side_effect=[None] * refused + [RuntimeError("no")])
            frames = []
            with mock.patch.object(pip_lines, "run", run):
                try:
                    namespace = {}
                    exec(code.body, namespace)
                    eval(code.expression, namespace)
                except RuntimeError as error:
                    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "Cell [1]"]
            self.assertEqual((frames[-1].lineno, frames[-1].line), (line, text))
            self.assertNotIn("^", "".join(traceback.format_list(frames[-1:])))


if __name__ == "__main__":
    unittest.main()
