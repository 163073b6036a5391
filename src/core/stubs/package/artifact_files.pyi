"""Artifacts as file objects: what is read and written crosses in pieces, so that no more is in memory."""

import io

class ArtifactReader(io.BufferedReader):
    """An artifact opened with ``"rb"``."""

class ArtifactWriter(io.BufferedWriter):
    """An artifact opened with ``"wb"``: saved by ``close()``, dropped where ``with`` ends in an exception."""

    def drop(self) -> None:
        """End without saving: what had the name before stays."""

class ArtifactTextReader(io.TextIOWrapper):
    """An artifact opened with ``"r"``."""

class ArtifactTextWriter(io.TextIOWrapper):
    """An artifact opened with ``"w"``: as ``ArtifactWriter``."""

    def drop(self) -> None:
        """End without saving: what had the name before stays."""
