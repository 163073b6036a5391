"""``tools`` in front of a host that answers here: what crosses, what is asked when, and what completion finds."""

import asyncio
import inspect
import pathlib
import unittest
import warnings

from code_mode import errors, introspection
from code_mode.tools import Tools


def parameter(name, type="string", required=True, **more):
    return {
        "name": name.replace("-", "_"),
        "originalName": name,
        "type": type,
        "description": "",
        "required": required,
        "schema": {"type": type},
        **more,
    }


def described(name, *parameters, returns="string", description=""):
    return {
        "name": name.replace("-", "_"),
        "originalName": name,
        "description": description,
        "parameters": list(parameters),
        "returns": returns,
    }


def tool(name, *callables, direct=None, problem=None, description="", tags=()):
    return {
        "name": name,
        "description": description,
        "tags": list(tags),
        "callables": list(callables),
        "direct": direct,
        "problem": problem,
    }


class Host:
    """Gives each call's arguments back, unless it has another answer."""

    def __init__(self, *tools):
        self.tools = {entry["name"]: entry for entry in tools}
        self.calls = []
        self.answer = None

    def call(self, method, params, buffers=()):
        self.calls.append((method, params, list(buffers)))
        if method == "tools.names":
            return sorted(self.tools), []
        if method == "tools.get":
            return self.tools.get(params["name"]), []
        if method in ("tools.list", "tools.search"):
            return [self.tools[name] for name in sorted(self.tools)], []
        if params["tool"] not in self.tools:
            raise errors.from_host("not-found", "There is no such tool.", "Look again.")
        return self.answer or ({"type": "json", "value": params["arguments"]}, [])

    async def call_async(self, method, params, buffers=()):
        await asyncio.sleep(0)
        return self.call(method, params, buffers)

    def methods(self):
        made, self.calls = [method for method, _, _ in self.calls], []
        return made


QUERY = described(
    "query",
    parameter("max-time", "integer", False, default=3, description="Seconds."),
    parameter("filter", description="What to take."),
    parameter("names", "array", False, schema={"type": "array", "items": {"type": "string"}}),
    parameter("mode", required=False, default="a", schema={"type": "string", "enum": ["a", "b"]}),
    returns="object",
    description="Run a filter.",
)


class Case(unittest.TestCase):
    def setUp(self):
        self.host = Host(
            tool(
                "jq",
                QUERY,
                described("get-sum"),
                direct=described("jq", parameter("filter")),
                description="Query JSON",
                tags=("json", "cli"),
            ),
            tool("web", problem="The server does not start."),
        )
        self.tools = Tools(self.host)


class Calls(Case):
    def test_are_one_call_of_the_host_each(self):
        self.assertEqual(self.tools.jq.query(filter="."), {"filter": "."})
        self.assertEqual(self.host.methods(), ["tools.get", "tools.call"])
        self.assertEqual(self.tools.jq.get_sum(), {})
        self.assertEqual(self.tools.jq(filter="."), {"filter": "."})
        self.assertEqual([method for method, _, _ in self.host.calls], ["tools.call", "tools.call"])
        self.assertEqual([params["callable"] for _, params, _ in self.host.calls], ["get_sum", None])

    def test_can_be_awaited(self):
        async def main():
            jq = self.tools.jq
            several = asyncio.gather(*(jq.query.call_async(filter=str(n)) for n in range(3)))
            plain = jq.query(filter="plain"), jq.query.call_sync(filter="sync")
            return await jq.query(filter="awaited"), *plain, await jq(filter="direct"), *await several

        values = [value["filter"] for value in asyncio.run(main())]
        self.assertEqual(values, ["awaited", "plain", "sync", "direct", "0", "1", "2"])

    def test_carry_bytes_as_they_are_wherever_they_stand(self):
        names = (b"a", {"b": bytearray(b"b")}, [memoryview(b"c")], pathlib.PurePosixPath("/d"))
        given = self.tools.jq.query(filter=b"", names=names, mode=None)
        self.assertEqual(given, {"filter": None, "names": [None, {"b": None}, [None], "/d"], "mode": None})
        _, params, buffers = self.host.calls[-1]
        self.assertEqual(params["bytes"], [("filter",), ("names", 0), ("names", 1, "b"), ("names", 2, 0)])
        self.assertEqual(buffers, [b"", b"a", b"b", b"c"])

    def test_give_each_kind_of_result(self):
        both = {"type": "list", "items": [{"type": "text", "text": "t"}, {"type": "bytes", "buffer": 1}]}
        for answer, value in (
            (({"type": "text", "text": "ü"}, []), "ü"),
            (({"type": "utf8", "buffer": 0}, ["ü🌍".encode()]), "ü🌍"),
            (({"type": "json", "value": [1, {"a": None}]}, []), [1, {"a": None}]),
            (({"type": "bytes", "buffer": 0}, [b"\0\xff"]), b"\0\xff"),
            ((both, [b"", b"second"]), ["t", b"second"]),
        ):
            self.host.answer = answer
            self.assertEqual(self.tools.jq(filter="."), value)

    def test_refuse_what_cannot_cross_and_name_it(self):
        circle = []
        circle.append(circle)
        for value, message in (
            ({1}, "argument filter is of type set"),
            (object(), "argument filter is of type object"),
            ([0, {"a": float("nan")}], r"argument filter\[1\]\['a'\] is nan"),
            (2**53, "argument filter is 9007199254740992, which would lose digits"),
            ({1: 2}, "argument filter has the key 1"),
            ("\ud800", "no Unicode text"),
            (circle, "nested too deep"),
        ):
            with self.assertRaisesRegex(errors.ToolArgumentsError, message):
                self.tools.jq.query(filter=value)
        with self.assertRaisesRegex(TypeError, r"by name, not by position.\nIts signature is query\(filter: str, "):
            self.tools.jq.query(".")
        self.assertNotIn("tools.call", self.host.methods())

    def test_of_a_tool_that_is_gone_say_so_and_ask_again(self):
        query = self.tools.jq.query
        kept = self.host.tools.pop("jq")
        with self.assertRaisesRegex(errors.ToolNotFoundError, "There is no such tool.\nLook again.") as caught:
            query(filter=".")
        self.assertEqual((caught.exception.tool_name, isinstance(caught.exception, KeyError)), ("jq", True))
        self.assertFalse(hasattr(self.tools, "jq"))
        self.host.tools["jq"] = kept
        self.assertEqual(query(filter="."), self.tools.jq.query(filter="."))

    def test_of_a_tool_that_has_changed_are_found(self):
        self.assertFalse(hasattr(self.tools.jq, "later"))
        self.host.tools["jq"] = tool("jq", described("later", parameter("a")))
        self.assertEqual(self.tools.jq.later(a=1), {"a": 1})
        self.assertFalse(hasattr(self.tools.jq, "nothing"))
        with self.assertRaisesRegex(TypeError, "tools.jq itself cannot be called.\nWhat it has: later."):
            self.tools.jq(a=1)


class Descriptions(Case):
    def test_are_signatures_and_documentation(self):
        query = self.tools.jq.query
        signature = inspect.signature(query)
        self.assertEqual(list(signature.parameters), ["filter", "max_time", "names", "mode"])
        self.assertEqual({p.kind for p in signature.parameters.values()}, {inspect.Parameter.KEYWORD_ONLY})
        self.assertEqual(signature.parameters["max_time"].annotation, int)
        self.assertEqual((signature.parameters["max_time"].default, signature.return_annotation), (3, dict))
        text = "query(filter: str, max_time: int = 3, names: list[str] | None = None, mode: str = 'a')"
        self.assertEqual((query.signature(), repr(query)), (text, f"{text}: Run a filter."))
        documentation = """Run a filter.

Args:
    filter (str): What to take.
    max_time (int = 3): Seconds.
    names (list[str] | None = None)
    mode (str = 'a'): One of 'a', 'b'."""
        self.assertEqual((inspect.getdoc(query), query.__name__), (documentation, "query"))
        self.assertEqual(repr(self.tools.jq).split("\n")[0], "jq: Query JSON")
        with self.assertRaisesRegex(TypeError, "The server does not start."):
            inspect.signature(self.tools.web)

    def test_are_those_of_now(self):
        query = self.tools.jq.query
        self.host.tools["jq"] = tool("jq", described("query", parameter("other"), description="New."))
        self.assertEqual((str(inspect.signature(query)), query.__doc__.split("\n")[0]), ("(*, other: str) -> str", "New."))

    def test_are_records_that_can_be_read_as_dicts(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            jq, web = self.tools.list()
            self.tools.list()
            self.assertEqual(self.tools.web.list(), [])
        self.assertEqual(len(caught), 1)
        self.assertIn("'web' cannot be used now: The server does not start.", str(caught[0].message))
        self.assertEqual(caught[0].filename, __file__)
        first = jq.callables[0].parameters[0]
        self.assertEqual((first.name, first["type"], first.required, first.default), ("filter", "string", True, None))
        self.assertEqual((jq["name"], dict(jq)["tags"], "json" in jq.tags), ("jq", {"json", "cli"}, True))
        self.assertEqual((jq.get("nope", 5), "callables" in jq, "nope" in jq), (5, True, False))
        self.assertEqual(jq.to_dict()["callables"][0]["parameters"][1]["original_name"], "max-time")
        self.assertEqual((web.callables, web.problem), ((), "The server does not start."))
        self.assertEqual((jq.direct.signature(), jq.signatures()[1]), ("jq(filter: str)", "get_sum()"))
        self.assertEqual(self.tools.jq.list(), [*jq.callables])
        self.assertEqual({hash(jq), hash(jq)}, {hash(self.tools.search("jq")[0])})


class Names(Case):
    def test_that_are_wrong_lead_to_the_right_ones(self):
        for code, message in (
            ("tools.jqq", r"no tool 'jqq': this session has 2 tools. Did you mean tools.jq\? There are: jq, web."),
            ("tools.jq.quer", r"'jq' has no callable 'quer'. Did you mean tools.jq.query\? There are: query, get_sum."),
            ("tools.web.fetch", "tools.web.fetch cannot be used: The server does not start."),
        ):
            with self.assertRaisesRegex(AttributeError, message):
                eval(code, {"tools": self.tools})
        with self.assertRaisesRegex(errors.ToolNotFoundError, "There is no tool 'a b'"):
            self.tools["a b"]
        self.assertIs(self.tools["jq"]["get-sum"], self.tools.jq.get_sum)
        self.assertEqual(([*self.tools], "query" in self.tools.jq), (["jq", "web"], True))

    def test_that_are_private_cost_no_call(self):
        self.assertFalse(hasattr(self.tools, "_repr_html_"))
        self.assertFalse(hasattr(self.tools.jq, "_repr_html_"))
        self.assertEqual(self.host.methods(), ["tools.get"])

    def complete(self, code):
        return [item["text"] for item in introspection.complete({"tools": self.tools}, code, len(code))["items"]]

    def test_are_completed_without_starting_anything(self):
        self.assertEqual(self.complete("tools."), ["jq", "list", "search", "web"])
        self.assertEqual(set(self.host.methods()), {"tools.names"})
        self.assertEqual(self.complete("tools.jq."), ["call_async", "call_sync", "get_sum", "list", "query"])
        self.assertEqual(self.complete('tools["'), ["jq", "web"])

    def test_of_arguments_are_completed_inside_of_a_call(self):
        self.assertEqual(self.complete("tools.jq.query(")[:4], ["filter=", "max_time=", "names=", "mode="])
        self.assertEqual(self.complete('x = [tools.jq.query(filter="a,(", m')[:2], ["max_time=", "mode="])
        self.assertEqual(self.complete("tools.jq.query(\n    filter='.',  # it's\n    mo"), ["mode="])
        self.assertEqual(self.complete("tools.jq(fi")[0], "filter=")
        for code in ("tools.jq.query(filter=fi", "tools.jq.query(filter=[fi", "tools.jq.query(filter='fi", "tools.web(fi"):
            self.assertNotIn("filter=", self.complete(code))

    def test_are_inspected(self):
        found = introspection.inspect_name({"tools": self.tools}, "tools.jq.query(", 13)
        self.assertTrue(found["signature"].startswith("query(*, filter: str, max_time: int = 3"))
        self.assertTrue(found["documentation"].startswith("Run a filter."))
        self.assertIsNone(introspection.inspect_name({"tools": self.tools}, "tools.nope", 10))


if __name__ == "__main__":
    unittest.main()
