"""The session inside Python: runs code, keeps its variables, answers the host."""

from __future__ import annotations

import _signal as signal
import builtins
import gc
import os
import sys
import time
from _contextvars import copy_context

from . import display as rich
from .compilation import CO_COROUTINE, compile_code
from .host import Host
from .imports import when_imported
from .json_text import dumps
from .namespaces import create_namespaces
from .streams import InputStream, current_run, flush_streams, is_open, own_run, under_way
from .values import encode_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from typing import Any, Callable, Optional

    from .compilation import CompiledCode
    from .platform import Platform

# Most of what a start costs is imports. So what not every run needs is imported where it is used, and where a module
# of the library only dresses up a built-in one (signal, contextvars) that one is taken.


class Runner:
    """One live session: a namespace, the run under way, and the streams."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.host = Host(platform)
        self._executions = 0
        # The task of a run that awaits; None for code that runs in one go.
        self._task: Optional[asyncio.Task[None]] = None
        # True only while user code may be interrupted; see _on_interrupt.
        self._interruptible = False
        # Whether the code of the run has begun; see _cancel.
        self._has_begun = False
        # Whether the run that awaits was cancelled by an interrupt.
        self._interrupted = False
        # What came out of the event loop while the run awaited, and ends it.
        self._breach: Optional[BaseException] = None
        # Whether the interrupt has been raised in code already, so that its message is not to cancel as well.
        self._raised = False
        # One context for all runs, so that what they set in context variables lives on as variables do.
        self._context = copy_context()
        self._main = type(sys)("__main__")
        self._namespaces = create_namespaces(self.host)

    def start(self, **facts: Any) -> None:
        """Take over the streams, ``input`` and signals, and tell the host that Python is ready, with ``facts``."""
        self._open_streams()
        sys.stdin = InputStream(self._ask)  # type: ignore[assignment]
        self.host.before_blocking = flush_streams
        builtins.input = self._input  # type: ignore[assignment]
        when_imported("getpass", lambda module: setattr(module, "getpass", self._getpass))
        for name in ("display", "update_display", "clear_output"):
            setattr(builtins, name, getattr(rich, name))
        rich.connect(self._publish)
        sys.modules["__main__"] = self._main
        # `from code_mode import tools` is what editors know; the modules of these names are in the way otherwise.
        sys.modules[str(__package__)].__dict__.update(self._namespaces)
        self._fill_namespace()
        self._watch_interrupts()
        self.host.send({"type": "ready", "interpreter": self._platform.describe(), **facts})

    # ------------------------------------------------------------------ messages

    def dispatch(self, header: dict[str, Any], buffers: list[bytes]) -> bool:
        """Handle one message of the host. Returns whether a run goes on, that is, awaits."""
        # A run may be awaiting meanwhile; an interrupt of it is not to end the work done here.
        interruptible, self._interruptible = self._interruptible, False
        try:
            self._handle(header, buffers)
        except BaseException as error:
            # Nobody above could do anything but end the interpreter; the fault is shown instead.
            self._show_fault(error)
        finally:
            self._interruptible = interruptible
        return under_way.run != 0

    def stop(self, error: BaseException, frame: Any) -> None:
        """Raise ``error`` in the code of the run if ``frame`` is at work on it; end a run that awaits with it."""
        if self._breach is not None:
            return
        if self.can_raise(frame):
            raise error
        if self._task is not None:
            self._platform.event_loop().call_soon_threadsafe(self.break_in, error)

    def break_in(self, error: BaseException) -> None:
        """Take an exception that came out of the event loop: by a task, a callback or a signal handler.

        It ends the run that awaits. Between runs it is shown, unless it only asks for an end.
        """
        if self._task is not None:
            self._breach = error
            self._cancel()
        elif isinstance(error, Exception):
            self._show_fault(error)

    def _show_fault(self, error: BaseException) -> None:
        if not all(map(is_open, self._streams)):
            self._open_streams()
        self._streams[1].write(_described(error)["traceback"])
        self._streams[1].flush()

    def _handle(self, header: dict[str, Any], buffers: list[bytes]) -> None:
        kind = header["type"]
        if kind == "reply":
            self.host.settle(header, buffers)
        elif kind == "interrupt":
            raised, self._raised = self._raised, False
            if not raised:
                self._cancel_task(header["run"])
        elif header["method"] == "run":
            self._run(header["id"], header["params"])
        else:
            self._answer(header)

    def _answer(self, header: dict[str, Any]) -> None:
        params = header["params"]
        namespace = self._main.__dict__
        handlers: dict[str, Callable[[], Any]] = {
            "complete": lambda: _introspection().complete(namespace, params["code"], params["cursor"]),
            "inspect": lambda: _introspection().inspect_name(namespace, params["code"], params["cursor"]),
            "variables": lambda: _introspection().variables(namespace, self._namespaces),
            "reset": self._reset,
            "packages.refresh": lambda: {"stale": _packages().refresh(params["names"])},
            "chdir": lambda: os.chdir(params["folder"]),
        }
        try:
            reply = {"result": handlers[header["method"]]()}
        except Exception as error:
            reply = {"error": _described(error)}
        self.host.send({"type": "reply", "id": header["id"], **reply})

    # ------------------------------------------------------------------ a run

    def _run(self, run: int, params: dict[str, Any]) -> None:
        self._executions += 1
        under_way.run = run
        self._interrupted = self._raised = False
        self._breach = None
        self._has_begun = False
        self._watch_interrupts()
        outcome = _Outcome(run, self._executions, self._platform.make_room)
        filename = params.get("filename") or f"Cell [{self._executions}]"
        if "/" in filename or "\\" in filename:
            self._main.__dict__["__file__"] = filename
        else:
            # Code of no file: what `multiprocessing` starts would look for the one of an earlier run.
            self._main.__dict__.pop("__file__", None)
        self._context.run(current_run.set, run)
        self._platform.output_belongs_to(run)
        if not all(map(is_open, self._streams)):
            # Code that closed its standard output has not closed the session's.
            self._open_streams()
        try:
            code = self._context.run(
                compile_code,
                params["code"],
                filename,
                params.get("firstLine", 1),
                awaits_asyncio_run=not self._platform.nests_event_loops,
            )
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
            outcome.fail(error)
            self._finish(outcome)
            return
        self._platform.begin_run()
        if code.is_async:
            self._start_task(outcome, code)
        else:
            try:
                self._context.run(self._execute, outcome, code)
            except KeyboardInterrupt as interrupt:
                # It came between the end of the user's code and the end of _execute.
                outcome.fail(interrupt)
            self._finish(outcome)

    def _execute(self, outcome: _Outcome, code: CompiledCode) -> None:
        namespace = self._main.__dict__
        try:
            self._enter_user_code()
            value = None
            if code.body is not None:
                exec(code.body, namespace)
            if code.expression is not None:
                value = eval(code.expression, namespace)
            self._show(outcome, value)
        except BaseException as error:
            self._leave_user_code()
            outcome.fail(error)
        self._leave_user_code()

    def _start_task(self, outcome: _Outcome, code: CompiledCode) -> None:
        coroutine = self._execute_async(outcome, code)
        loop = self._platform.event_loop()
        if sys.version_info >= (3, 11):
            self._task = loop.create_task(coroutine, context=self._context)
        else:
            self._task = self._context.run(loop.create_task, coroutine)

    async def _execute_async(self, outcome: _Outcome, code: CompiledCode) -> None:
        from asyncio import CancelledError

        namespace = self._main.__dict__
        try:
            self._enter_user_code()
            value = None
            for part in (code.body, code.expression):
                if part is not None:
                    value = eval(part, namespace)
                    if part.co_flags & CO_COROUTINE:
                        value = await value
            if code.expression is not None:
                self._show(outcome, value)
        except CancelledError as error:
            self._leave_user_code()
            if self._interrupted:
                # Cancelled by an interrupt that came while the code awaited.
                error = KeyboardInterrupt().with_traceback(error.__traceback__)
            outcome.fail(self._breach or error)
        except BaseException as error:
            self._leave_user_code()
            outcome.fail(error)
        finally:
            self._leave_user_code()
            self._task = None
            self._finish(outcome)
            self._platform.idle()

    def _show(self, outcome: _Outcome, value: Any) -> None:
        """Make the value of the last expression the run's value and, unless None, display it."""
        rich.show_open_figures()
        if value is None:
            return
        builtins._ = value  # type: ignore[attr-defined]
        outcome.value, outcome.value_is_repr = encode_value(value)
        data, metadata = rich.mime_bundle(value)
        # Sent with the reply: a message of its own would take as long as a short run.
        outcome.display = _wire_bundle(data, metadata)

    def _finish(self, outcome: _Outcome) -> None:
        self._platform.end_run()
        flush_streams()
        if self._platform.is_forked():
            outcome.exit_process()
        under_way.run = 0
        try:
            reply = outcome.reply()
        except MemoryError as error:
            outcome.fail(error)
            reply = outcome.reply()
        self._platform.send(*reply, after_output=True)

    # ------------------------------------------------------------------ interrupts

    def _enter_user_code(self) -> None:
        self._interruptible = self._has_begun = True
        if self._breach is not None:
            raise self._breach
        # An interrupt that came after the run was sent and before its code began has raised nothing yet.
        if self._platform.interrupted_run() == under_way.run:
            raise KeyboardInterrupt

    def _leave_user_code(self) -> None:
        self._interruptible = False

    def _watch_interrupts(self) -> None:
        # At each run: code may have put a handler of its own in place, which is for that run alone.
        if signal.getsignal(signal.SIGINT) != self._on_interrupt:
            signal.signal(signal.SIGINT, self._on_interrupt)

    def _on_interrupt(self, _number: int, frame: Any) -> None:
        self._platform.interrupt_is_heard()
        # An interrupt is meant for one run; it is dropped when that run has ended meanwhile.
        if under_way.run == 0 or self._platform.interrupted_run() != under_way.run:
            return
        # A run that awaits is ended by the message that comes with each interrupt.
        if self.can_raise(frame):
            self._raised = True
            raise KeyboardInterrupt

    def can_raise(self, frame: Any) -> bool:
        """Whether an exception that a signal raises now, in ``frame``, comes out of the code of the run."""
        if self._task is not None and not self._in_user_code(frame):
            # The event loop itself is at work: raising here would end the loop.
            return False
        return self._interruptible and not self._platform.defers_interrupt(frame)

    def _in_user_code(self, frame: Any) -> bool:
        # Whether the loop has called what is neither its own nor ours: its own would lose a task.
        is_called = False
        while frame is not None:
            if frame.f_globals is self._main.__dict__ or (is_called and self._platform.is_callback(frame)):
                return True
            is_called = is_called or not str(frame.f_globals.get("__name__")).startswith(_LOOP_MODULES)
            frame = frame.f_back
        return False

    def _cancel_task(self, run: int) -> None:
        # Only code that awaits is reached here: code that computes was interrupted by the signal.
        if run == under_way.run and self._task is not None:
            self._interrupted = True
            self._cancel()

    def _cancel(self) -> None:
        # Before its first step the task would be gone without a word; it sees by itself why it is to end.
        if self._has_begun and self._task is not None:
            self._task.cancel()

    # ------------------------------------------------------------------ output and input

    def _open_streams(self) -> None:
        self._streams = self._platform.open_streams()
        sys.stdout, sys.stderr = self._streams
        sys.__stdout__, sys.__stderr__ = self._streams  # type: ignore[misc]

    def _publish(self, kind: str, payload: dict[str, Any]) -> None:
        buffers: list[bytes] = []
        if "data" in payload:
            bundle, buffers = _wire_bundle(payload.pop("data"), payload.pop("metadata", None))
            payload.update(bundle)
        flush_streams()
        header = {"type": "event", "kind": kind, "run": own_run(), **payload}
        self.host.send(header, buffers, after_output=True)

    def _ask(self, prompt: str, password: bool) -> str:
        from .errors import HostError

        try:
            result, _ = self.host.call("input.request", {"prompt": prompt, "password": password})
        except HostError as error:
            raise EOFError(str(error)) from None
        return result

    def _input(self, prompt: Any = "", /) -> str:
        """Ask the person for a line of text."""
        return self._ask(str(prompt), False)

    def _getpass(self, prompt: str = "Password: ", stream: Any = None, **_: Any) -> str:
        """Ask the person for a line of text that is not shown."""
        return self._ask(str(prompt), True)

    # ------------------------------------------------------------------ the namespace

    def _fill_namespace(self) -> None:
        namespace = self._main.__dict__
        namespace.update({"__name__": "__main__", "__builtins__": builtins}, **self._namespaces)

    def _reset(self) -> None:
        """Clear the variables and end background tasks; the four namespaces and imported modules stay."""
        import asyncio

        for task in asyncio.all_tasks(self._platform.event_loop()):
            task.cancel()
        self._main.__dict__.clear()
        self._main.__dict__.update({"__doc__": None, "__package__": None, "__loader__": None, "__spec__": None})
        if hasattr(builtins, "_"):
            del builtins._
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            pyplot.close("all")
        self._fill_namespace()
        gc.collect()


class _Outcome:
    """How a run ended, as the reply to the host says it."""

    def __init__(self, run: int, execution_count: int, make_room: Callable[[], None]) -> None:
        self._make_room = make_room
        self._run = run
        self._execution_count = execution_count
        self._started = time.perf_counter()
        self._status = "ok"
        self._error: Optional[dict[str, str]] = None
        # What the code gave to sys.exit().
        self._exit: Any = None
        # JSON text; see encode_value.
        self.value = "null"
        self.value_is_repr = False
        self.display: Optional[tuple[dict[str, Any], list[bytes]]] = None

    def fail(self, error: BaseException) -> None:
        """End with ``error``; a ``sys.exit()`` without a complaint is a good end."""
        self.value, self.value_is_repr, self.display = "null", False, None
        if isinstance(error, SystemExit):
            self._exit = error.code
            if error.code in (None, 0):
                return
        self._status = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
        if isinstance(error, MemoryError):
            self._make_room()
        try:
            self._error = _described(error)
        except MemoryError:
            self._make_room()
            self._error = _described(error)

    def exit_process(self) -> None:
        """End a forked child that came to the end of its run as a program would end there."""
        status = 0
        if isinstance(self._exit, int):
            status = self._exit & 0xFF
        elif self._error is not None:
            sys.stderr.write(self._error["traceback"] if self._exit is None else f"{self._exit}\n")
            status = 1
        flush_streams()
        os._exit(status)

    def reply(self) -> tuple[str, list[bytes]]:
        """The header and buffers of the message that says how the run ended."""
        bundle, buffers = self.display or (None, [])
        header = dumps(
            {
                "type": "reply",
                "id": self._run,
                "result": {
                    "status": self._status,
                    "valueIsRepr": self.value_is_repr,
                    "error": self._error,
                    "executionTimeMs": (time.perf_counter() - self._started) * 1000,
                    "executionCount": self._execution_count,
                    "display": bundle,
                },
            }
        )
        if len(self.value) <= _INLINE_VALUE:
            # The value is JSON already: it is put in place as it stands.
            return f'{header[:-1]}, "value": {self.value}}}', buffers
        return f'{header[:-1]}, "valueBuffer": {len(buffers)}}}', [*buffers, self.value.encode("ascii")]


def _introspection() -> Any:
    from . import introspection

    return introspection


def _packages() -> Any:
    from . import packages

    return packages


def _described(error: BaseException) -> dict[str, str]:
    from .tracebacks import describe_exception

    return describe_exception(error)


# Where the event loop is at work by itself.
_LOOP_MODULES = ("asyncio.", "code_mode.")

# Characters of a value that still travel in the header; a longer one is a buffer of its own.
_INLINE_VALUE = 65_536


def _wire_bundle(data: Any, metadata: Any) -> tuple[dict[str, Any], list[bytes]]:
    """A MIME bundle as messages carry it: text and JSON in ``data``, the places of bytes in ``binary``."""
    text: dict[str, Any] = {}
    binary: dict[str, int] = {}
    buffers: list[bytes] = []
    for mime, content in data.items():
        if isinstance(content, (bytes, bytearray, memoryview)):
            binary[mime] = len(buffers)
            buffers.append(bytes(content))
        else:
            text[mime] = _as_json(mime, content)
    return {"data": text, "binary": binary, "metadata": _plain(metadata) if metadata else {}}, buffers


def _as_json(mime: str, content: Any) -> Any:
    if mime.endswith("json"):
        return _plain(content)
    return content if isinstance(content, str) else _plain(content)


def _plain(content: Any) -> Any:
    """``content`` as JSON can carry it; what cannot be carried becomes its text."""
    import json

    try:
        return json.loads(json.dumps(content, default=str, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return str(content)
