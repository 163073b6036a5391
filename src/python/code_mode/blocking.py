"""From a coroutine to its result, where the caller does not await it."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any, Callable, Coroutine, Optional


def run_to_end(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run ``coroutine`` now, also inside a running event loop, and return its result.

    It gets an event loop of its own; the one that runs already stands still meanwhile. In Pyodide that loop
    has timers, tasks, locks and calls of the host but no network: what only JavaScript can bring is a ``RuntimeError`` that asks
    for ``await``.
    """
    outer = asyncio._get_running_loop()
    task = asyncio.current_task(outer) if outer is not None else None
    loop = _PatientLoop() if sys.platform == "emscripten" else asyncio.new_event_loop()
    if outer is not None and task is not None:
        asyncio.tasks._leave_task(outer, task)
    asyncio._set_running_loop(None)
    try:
        try:
            return loop.run_until_complete(coroutine)
        finally:
            _close(loop)
    finally:
        asyncio._set_running_loop(outer)
        if outer is not None and task is not None:
            asyncio.tasks._enter_task(outer, task)


def _close(loop: asyncio.AbstractEventLoop) -> None:
    try:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def wait_for_timers(timeout: Optional[float]) -> bool:
    """Wait where nothing but a timer can come."""
    if timeout is not None and timeout > 0:
        time.sleep(timeout)
    return timeout is not None


# Waits at most so many seconds, None for as long as it takes, for answers of the host; whether anything can come at
# all. A platform whose loop has no other means puts its own in place.
wait_for_answers: Callable[[Optional[float]], bool] = wait_for_timers


class _AnswerSelector:
    """The selector of a loop that has nothing to select from but the host's answers."""

    def select(self, timeout: Optional[float]) -> list[Any]:
        if not wait_for_answers(timeout):
            raise RuntimeError(
                "This waits for something that only the session's own event loop can bring. "
                "Await the call: `await workflows.NAME(...)`."
            )
        return []

    def close(self) -> None:
        pass


class _PatientLoop(asyncio.base_events.BaseEventLoop):
    """An event loop without sockets, which Pyodide has not: tasks, timers, locks and answers of the host."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _AnswerSelector()

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass
