from code_mode.artifacts import Artifacts as _Artifacts
from code_mode.deps import Deps as _Deps
from code_mode.display import clear_output as clear_output
from code_mode.display import display as display
from code_mode.display import update_display as update_display
from code_mode.tools import Tools as _Tools
from code_mode.workflows import Workflows as _Workflows

tools: _Tools
"""Programs, MCP servers and HTTP APIs as Python callables."""

workflows: _Workflows
"""Programs that earlier work left behind, called like functions."""

artifacts: _Artifacts
"""Data that outlives the session."""

deps: _Deps
"""The packages that the session is configured with."""
