"""From a coroutine to its result, with and without an event loop that runs already."""

import asyncio
import sys
import unittest

from code_mode.awaiting import is_awaited
from code_mode.blocking import _AnswerSelector, _PatientLoop, run_to_end


def call(value):
    """A function that can be called with and without ``await``, as workflows are."""

    async def later():
        await asyncio.sleep(0.001)
        return value

    coroutine = later()
    return coroutine if is_awaited(sys._getframe(1)) else run_to_end(coroutine)


class Awaited(unittest.TestCase):
    def test_a_call_gives_its_result_without_a_loop(self):
        self.assertEqual(call(1), 1)
        self.assertEqual([call(n) for n in range(3)], [0, 1, 2])

    def test_a_call_is_awaited_where_await_stands_before_it(self):
        async def main():
            plain = call(1)
            awaited = await call(2)
            nested = await call(call(3))
            keyword = await call(value=call(**{"value": await call(4)}))
            unpacked = await call(*[5])
            return [plain, awaited, nested, keyword, unpacked, [await call(n) for n in (6, 7)]]

        self.assertEqual(asyncio.run(main()), [1, 2, 3, 4, 5, [6, 7]])

    def test_a_call_among_the_arguments_of_what_is_awaited_gives_its_result(self):
        async def identity(value):
            return value

        async def main():
            return await identity(call(1))

        self.assertEqual(asyncio.run(main()), 1)


class RunToEnd(unittest.TestCase):
    def test_leaves_the_loop_and_the_task_that_run_as_they_were(self):
        async def inner():
            return asyncio.current_task(), asyncio.get_running_loop()

        async def main():
            before = asyncio.current_task(), asyncio.get_running_loop()
            during = run_to_end(inner())
            self.assertIsNot(during[0], before[0])
            self.assertIsNot(during[1], before[1])
            self.assertEqual((asyncio.current_task(), asyncio.get_running_loop()), before)
            await asyncio.sleep(0.001)
            return await asyncio.gather(asyncio.sleep(0.001, 1), asyncio.sleep(0.001, 2))

        self.assertEqual(asyncio.run(main()), [1, 2])

    def test_raises_what_the_coroutine_raises_and_goes_on(self):
        async def fail():
            raise KeyError("inside")

        async def main():
            for _ in range(2):
                with self.assertRaises(KeyError):
                    run_to_end(fail())
            await asyncio.sleep(0)
            return call(3)

        self.assertEqual(asyncio.run(main()), 3)

    def test_ends_the_tasks_that_are_left(self):
        ended = []

        async def background():
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(True)

        async def main():
            asyncio.ensure_future(background())
            await asyncio.sleep(0)

        run_to_end(main())
        self.assertEqual(ended, [True])


class PatientLoop(unittest.TestCase):
    """The loop that Pyodide gets; it needs nothing of the system, so that it runs here too."""

    def run_patiently(self, coroutine):
        loop = _PatientLoop()
        try:
            return loop.run_until_complete(coroutine)
        finally:
            loop.close()

    def test_has_timers_tasks_locks_and_timeouts(self):
        async def main():
            lock = asyncio.Lock()
            order = []

            async def one(name, delay):
                await asyncio.sleep(delay)
                async with lock:
                    order.append(name)

            await asyncio.gather(one("second", 0.02), one("first", 0.001))
            try:
                await asyncio.wait_for(asyncio.sleep(60), 0.01)
            except asyncio.TimeoutError:
                order.append("timeout")
            return order

        self.assertEqual(self.run_patiently(main()), ["first", "second", "timeout"])

    def test_says_so_where_nothing_can_ever_come(self):
        async def main():
            await asyncio.get_running_loop().create_future()

        with self.assertRaisesRegex(RuntimeError, "await workflows.NAME"):
            self.run_patiently(main())
        self.assertEqual(_AnswerSelector().select(0), [])


if __name__ == "__main__":
    unittest.main()
