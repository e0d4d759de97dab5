"""`python -m benchmarks.nlu.builds STEP`: one step of the service's own training, into TRIAGEM_HOME."""

from __future__ import annotations

import sys

from bot import build
from bot.settings import Settings
from kb_index.encoder import SHIPPED, export_onnx
from kb_index.index import IndexFolder


def export_encoder(settings: Settings, _say: build.Say) -> None:
    """What happens once in an installation's life, not at every change of an article."""
    source = SHIPPED
    export_onnx(source, IndexFolder(settings.index_dir).encoder(source.folder_name()))


STEPS = {
    "dialogue": build.build_dialogue,
    "severity": build.build_severity,
    "encoder": export_encoder,
    "articles": build.build_articles,
}
"""In an order in which each finds what it needs: the articles are built with an encoder that is there."""

if __name__ == "__main__":
    STEPS[sys.argv[1]](Settings(), lambda what: print(what, flush=True))
