"""The event loop of a CPython session: it lives on between runs and stands still while code computes."""

from __future__ import annotations

import functools
import sys

from .streams import flush_streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


def create_session_loop(asyncio: Any, before_turn: Callable[[], None]) -> Any:
    """Make the loop that the main thread's code finds as the running one, also in code that does not await.

    ``asyncio.create_task`` works in every run, and the loop turns between runs. ``asyncio.run`` and
    ``run_until_complete`` work as in a program: the loop is marked as running, but really runs only inside
    ``run_forever``. ``before_turn`` is called before tasks are given their turn.
    """
    base = asyncio.ProactorEventLoop if sys.platform == "win32" else asyncio.SelectorEventLoop
    mark = asyncio._set_running_loop

    class SessionLoop(base):  # type: ignore[misc,valid-type]
        def run_forever(self) -> None:
            mark(None)
            try:
                super().run_forever()
            finally:
                mark(self)

        def run_until_complete(self, future: Any) -> Any:
            mark(None)
            try:
                return super().run_until_complete(future)
            finally:
                mark(self)

        def _run_once(self) -> None:
            # What tasks printed without a newline is seen while they wait.
            flush_streams()
            before_turn()
            super()._run_once()

        def close(self) -> None:
            """The session's loop ends with the session."""

    loop = SessionLoop()
    asyncio.set_event_loop(loop)
    mark(loop)

    def beside_the_session(function: Any) -> Any:
        """``function``, which refuses to work under a running loop, where ours only is marked as running."""

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if asyncio._get_running_loop() is not loop or loop.is_running():
                return function(*args, **kwargs)
            mark(None)
            try:
                return function(*args, **kwargs)
            finally:
                asyncio.set_event_loop(loop)
                mark(loop)

        return wrapper

    asyncio.run = asyncio.runners.run = beside_the_session(asyncio.run)
    others = [(asyncio.BaseEventLoop, "run_forever"), (asyncio.BaseEventLoop, "run_until_complete")]
    if hasattr(asyncio, "Runner"):
        others.append((asyncio.Runner, "run"))
    for owner, name in others:
        setattr(owner, name, beside_the_session(getattr(owner, name)))
    return loop
