"""One page of the wrong answers, complete in itself: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.errors.figures import percent
from benchmarks.errors.sections import Names, Section, Target
from bot.sla.matrix import load_matrix
from kb_index.article import parse_article

_HERE = Path(__file__).parent
_MOST_TARGETS = 12


@dataclass(frozen=True)
class Run:
    """What a page says of itself: the set played, where, and date and commit."""

    set_name: str
    url: str
    provenance: str


def known_names(root: Path) -> Names:
    """Rows and articles of the repository at `root`. Raises the errors of its two readers."""
    rows = load_matrix(root / "company" / "sla_matrix.csv").by_id
    files = sorted((root / "kb_index" / "articles").glob("*.md"))
    titles = {parse_article(file.read_text("utf-8"), file).title: str(file.relative_to(root)) for file in files}
    return Names(rows, titles)


def render(built: Sequence[Section], run: Run) -> str:
    """The whole page. Customers' texts are escaped."""
    return _environment().get_template("page.html.j2").render(sections=built, targets=targets(built), run=run)


def targets(built: Iterable[Section]) -> list[tuple[Target, int]]:
    """Where data would mend the most cases, with their number; a case counts once in each place."""
    findings = (finding for section in built for group in section.groups for finding in group.findings)
    places = {(finding.target, finding.id) for finding in findings if finding.target}
    counts = Counter(target for target, _ in places)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0].file, item[0].key))[:_MOST_TARGETS]


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["percent"] = percent
    return environment
