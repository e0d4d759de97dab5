"""The encoder that ships, an index of a small library, and the index of the company's own articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_index.build import DEFAULT_ARTICLES, Report, build
from kb_index.encoder import SHIPPED, OnnxEncoder, export_onnx, is_exported
from kb_index.index import IndexFolder
from kb_index.search import ArticleSearch
from tests.conftest import HOME
from tests.kb_index.library import write_library

# Shared with the tests of the whole service, so that the encoder is exported once.
SHARED_INDEX = HOME / "kb_index"


@pytest.fixture(scope="session")
def encoder() -> OnnxEncoder:
    folder = IndexFolder(SHARED_INDEX).encoder(SHIPPED.folder_name())
    if not is_exported(folder):
        export_onnx(SHIPPED, folder)
    return OnnxEncoder(folder)


@pytest.fixture(scope="session")
def library_index(encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the small library; not to be changed."""
    home = tmp_path_factory.mktemp("library")
    write_library(home / "articles")
    build(home / "articles", home / "index", encoder=encoder)
    return home / "index"


@pytest.fixture(scope="session")
def library(library_index: Path, encoder: OnnxEncoder) -> ArticleSearch:
    return ArticleSearch.open(library_index, encoder)


@pytest.fixture(scope="session")
def company_report(encoder: OnnxEncoder) -> Report:
    """The build of the company's own articles."""
    return build(DEFAULT_ARTICLES, SHARED_INDEX, encoder=encoder)


@pytest.fixture(scope="session")
def company(company_report: Report, encoder: OnnxEncoder) -> ArticleSearch:
    return ArticleSearch.open(SHARED_INDEX, encoder)
