"""What can go wrong with the knowledge base. Messages are Portuguese sentences that name the remedy.

    KnowledgeBaseError
    ├── ArticleError     a file of articles or texts that cannot be used: file, line and remedy
    ├── EncoderError     the sentence encoder is not there or cannot be made
    ├── IndexUnusable    the index is missing, of another format, or made with another encoder
    └── VectorsUnusable  the database that keeps the vectors does not answer, or keeps others

A foreign exception is translated where it is caught, and kept as the cause.
"""

from __future__ import annotations

from pathlib import Path


class KnowledgeBaseError(Exception):
    """Base of all errors of the knowledge base."""


class ArticleError(KnowledgeBaseError):
    """A file written by a person that cannot be used, with the place to mend."""

    def __init__(self, file: Path | str, line: int | None, problem: str) -> None:
        self.file, self.line, self.problem = Path(file), line, problem
        place = f"{file}, linha {line}" if line else str(file)
        super().__init__(f"{place}: {problem}")


class EncoderError(KnowledgeBaseError):
    """The sentence encoder is not there or cannot be made."""


class IndexUnusable(KnowledgeBaseError):
    """The index cannot be searched; the message ends with the command that rebuilds it."""

    def __init__(self, directory: Path | str, problem: str) -> None:
        self.directory = Path(directory)
        super().__init__(f"{problem} Refaça o índice: python -m kb_index build --index {directory}")


class VectorsUnusable(KnowledgeBaseError):
    """The database that keeps the vectors cannot be reached, or keeps those of another encoder."""
