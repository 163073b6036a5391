"""The exceptions that stand for errors of the host."""

import unittest

from code_mode import errors


class FromHost(unittest.TestCase):
    def test_has_a_class_that_python_code_expects(self):
        for code, ours, pythons in (
            ("usage", errors.UsageError, ValueError),
            ("not-found", errors.NotFoundError, KeyError),
            ("storage", errors.StorageError, Exception),
            ("unsupported", errors.UnsupportedError, NotImplementedError),
            ("runtime-deps-disabled", errors.RuntimeDepsDisabledError, Exception),
            ("install-failed", errors.InstallError, RuntimeError),
            ("untrusted", errors.UntrustedError, PermissionError),
            ("tool-arguments", errors.ToolArgumentsError, TypeError),
            ("tool-failed", errors.ToolError, RuntimeError),
            ("tool-refused", errors.ToolRefusedError, PermissionError),
            ("something-new", errors.HostError, Exception),
        ):
            with self.subTest(code):
                error = errors.from_host(code, "It failed.", "Try again.")
                self.assertIs(type(error), ours)
                self.assertIsInstance(error, pythons)
                self.assertIsInstance(error, errors.CodeModeError)
                self.assertEqual((error.code, error.message, error.hint), (code, "It failed.", "Try again."))
                self.assertEqual(str(error), "It failed.\nTry again.")

    def test_needs_no_hint(self):
        self.assertEqual(str(errors.from_host("storage", "It failed.")), "It failed.")
        self.assertEqual(str(errors.ArtifactNotFoundError("a.txt")).split("\n")[0], "There is no artifact 'a.txt'.")


if __name__ == "__main__":
    unittest.main()
