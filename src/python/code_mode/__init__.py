"""What runs inside every executor of Python Code Mode.

The same files serve Pyodide and CPython 3.9 and newer, with the standard library alone. What differs
between interpreters is behind :class:`code_mode.platform.Platform`.
"""
