"""The exceptions that Python code sees: one hierarchy, so that ``except CodeModeError`` catches them all."""

class CodeModeError(Exception):
    """Something in Python Code Mode failed; ``message`` says what, ``hint`` what to do next."""

    message: str
    hint: str | None
    def __init__(self, message: str, hint: str | None = None) -> None: ...

class HostError(CodeModeError):
    """The host refused a call; ``code`` is the kind of error by the host's name."""

    code: str
    def __init__(self, code: str, message: str, hint: str | None = None) -> None: ...

class UsageError(HostError, ValueError):
    """A call was made with something that cannot be used, such as a name that leaves the store."""

class NotFoundError(HostError, KeyError):
    """There is nothing of that name."""

class StorageError(HostError):
    """The store cannot be read or written, or this session has none."""

class UnsupportedError(HostError, NotImplementedError):
    """The executor that this session runs on cannot do that."""

class RuntimeDepsDisabledError(HostError):
    """Adding and removing packages at run time is switched off."""

class InstallError(HostError, RuntimeError):
    """Packages could not be installed or removed; what has changed all the same is said."""

class UntrustedError(HostError, PermissionError):
    """The workspace is not trusted, so nothing of it is used."""

class CallCancelledError(HostError):
    """The call was given up because the run that made it was stopped."""

class ToolArgumentsError(HostError, TypeError):
    """A tool was called with arguments that it does not take; it did not run."""

class ToolError(HostError, RuntimeError):
    """A tool ran and failed: a program's exit code, a server's error, a status of 400 or more, a timeout."""

class ToolRefusedError(HostError, PermissionError):
    """A tool was not called, or packages were not changed, since a person or a rule said no."""

class ToolNotFoundError(NotFoundError):
    """There is no tool, or no callable of a tool, of that name."""

    tool_name: str
    def __init__(self, tool_name: str, message: str, hint: str | None = None) -> None: ...

class ArtifactNotFoundError(CodeModeError, KeyError):
    """There is no artifact of that name."""

    name: str
    def __init__(self, name: str) -> None: ...

class MissingPackageError(CodeModeError, ImportError):
    """What an artifact is saved or loaded with is not installed here."""

    def __init__(self, name: str, package: str) -> None: ...

class WorkflowNotFoundError(CodeModeError, KeyError):
    """There is no workflow of that name."""

    name: str
    def __init__(self, name: str) -> None: ...

class InvalidWorkflowError(CodeModeError, ValueError):
    """The source or the name cannot be a workflow; nothing was saved."""

class CpuLimitError(CodeModeError):
    """The run has used up its processor time."""

    def __init__(self, seconds: float) -> None: ...
