"""Measures the peer: ipykernel through jupyter_client's blocking client, as its documentation uses it.

``python jupyter.py WORKLOAD first|round-trip|lines``, with the Python that has both; WORKLOAD is workload.json.
"""

import json
import sys
import time

from jupyter_client import KernelManager

TIMEOUT_S = 60


class Kernel:
    """A kernel and its client."""

    def __init__(self):
        self._manager = KernelManager()
        # Its warnings are for whoever runs it on a network.
        self._manager.start_kernel(extra_arguments=["--log-level=ERROR"])
        self._client = self._manager.blocking_client()
        self._client.start_channels()

    def execute(self, code):
        """Run ``code`` and wait for its reply. Returns the request's id."""
        request = self._client.execute(code)
        while True:
            message = self._client.get_shell_msg(timeout=TIMEOUT_S)
            if message["parent_header"].get("msg_id") == request:
                assert message["content"]["status"] == "ok", message["content"]
                return request

    def wait_until_ready(self):
        """Wait until what is published arrives here as well: a value that comes earlier is lost."""
        self._client.wait_for_ready(timeout=TIMEOUT_S)

    def value(self, code):
        """Run ``code``: the text of its value, once the reply and the value are there."""
        request = self.execute(code)
        return next(m["content"]["data"]["text/plain"] for m in self._published(request) if m["msg_type"] == "execute_result")

    def count_lines(self, code):
        """Run ``code``: how many lines it has printed, once it is idle."""
        request = self._client.execute(code)
        lines = 0
        for message in self._published(request):
            if message["msg_type"] == "stream":
                lines += message["content"]["text"].count("\n")
            elif message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return lines

    def end(self):
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def _published(self, request):
        while True:
            message = self._client.get_iopub_msg(timeout=TIMEOUT_S)
            if message["parent_header"].get("msg_id") == request:
                yield message


def measure(workload, measurement):
    """Samples in milliseconds."""
    started = time.perf_counter()
    kernel = Kernel()
    try:
        # Without waiting until it is ready, which takes longer: the request waits at the kernel's socket.
        kernel.execute(workload["expression"])
        first = (time.perf_counter() - started) * 1000
        if measurement == "first":
            return [first]
        kernel.wait_until_ready()
        if measurement == "round-trip":
            return repeat(workload["warmUps"], workload["roundTrips"], lambda: round_trip(kernel, workload))
        return repeat(1, workload["floods"], lambda: print_lines(kernel, workload))
    finally:
        kernel.end()


def repeat(warm_ups, times, work):
    samples = []
    for n in range(warm_ups + times):
        before = time.perf_counter()
        work()
        if n >= warm_ups:
            samples.append((time.perf_counter() - before) * 1000)
    return samples


def round_trip(kernel, workload):
    assert kernel.value(workload["expression"]) == "2"


def print_lines(kernel, workload):
    lines = kernel.count_lines(workload["linesCode"])
    assert lines == workload["lines"], f"{lines} lines arrived"


with open(sys.argv[1], encoding="utf-8") as file:
    print(json.dumps({"milliseconds": measure(json.load(file), sys.argv[2])}))
