"""How well the catalogue's words guess arXiv's categories when these are hidden, beside a model
that was trained on them: `make bench-topics`.

The words were chosen with this same file at hand, so their numbers stand beside those of its two
halves (by week); the model's are cross-validated. cs.AI and cs.LG are habits of those who submit
more than subjects, and nobody guesses them well.
"""

import gzip
import json
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from newsletter.cli.desk import load_catalogue
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.topics import Catalogue
from newsletter.settings import FixedSettings

FILE = Path(__file__).resolve().parents[2] / "../shared/data/arxiv/labelled-topics-a.jsonl.gz"
ROUNDS = 3  # the quickest of them counts

# Which topics speak for a category: those that name it in the catalogue, and these.
SPEAK: Mapping[str, str] = {
    "cs.CV": """object-detection segmentation image-generation image-processing video 3d-vision
        medical-imaging multimodal autonomous-driving""",
    "cs.AI": "agents llm-reasoning large-language-models ai-safety reinforcement-learning",
    "cs.CL": "large-language-models llm-reasoning",
    "cs.LG": """reinforcement-learning graph-learning time-series federated-learning robustness
        domain-generalization few-shot-learning representation-learning continual-learning
        efficient-models optimization interpretability mathematics""",
    "eess.IV": "medical-imaging image-processing",
    "cs.RO": "autonomous-driving",
    "cs.HC": "",
    "cs.IR": "recommender-systems",
    "cs.GR": "",
    "cs.SD": "music",
    "cs.CR": "",
    "cs.SE": "",
}
LABELS = tuple(SPEAK)

Labels = frozenset[str]


@dataclass(frozen=True)
class Labelled:
    """A paper without its categories, and what these were."""

    paper: Paper
    labels: Labels
    categories: tuple[str, ...]
    half: int
    """0 or 1: every second week that is in the file."""


def labelled() -> list[Labelled]:
    found = []
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            title, abstract = row["title"], row["abstract"]
            week = date.fromisoformat(row["first_seen"]).isocalendar().week
            paper = Paper(PaperId.of_title(title), title, abstract)
            categories = tuple(row["categories"])
            labels = frozenset(categories) & frozenset(LABELS)
            found.append(Labelled(paper, labels, categories, week // 2 % 2))
    return found


def voices(catalogue: Catalogue) -> dict[str, Labels]:
    """The labels that each topic speaks for."""
    named = {label: set(slugs.split()) for label, slugs in SPEAK.items()}
    for topic in catalogue.topics:
        for label in LABELS:
            if label in topic.categories:
                named[label].add(topic.slug)
    return {
        topic.slug: frozenset(label for label in LABELS if topic.slug in named[label])
        for topic in catalogue.topics
    }


def by_words(catalogue: Catalogue, papers: Sequence[Paper]) -> list[Labels]:
    """The labels that the topics of each paper speak for."""
    spoken = voices(catalogue)
    return [
        frozenset().union(*(spoken[found.topic] for found in catalogue.assign(paper)))
        for paper in papers
    ]


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @classmethod
    def of(
        cls, guessed: Sequence[Labels], true: Sequence[Labels], labels: Collection[str]
    ) -> "Score":
        wanted = frozenset(labels)
        hits = sum(len(g & t & wanted) for g, t in zip(guessed, true, strict=True))
        named = sum(len(g & wanted) for g in guessed)
        there = sum(len(t & wanted) for t in true)
        return cls(hits / named if named else 0.0, hits / there if there else 0.0)

    def __str__(self) -> str:
        return f"{self.precision:.2f} {self.recall:.2f} {self.f1:.2f}"


def macro(guessed: Sequence[Labels], true: Sequence[Labels]) -> float:
    return sum(Score.of(guessed, true, {label}).f1 for label in LABELS) / len(LABELS)


def by_model(papers: Sequence[Labelled]) -> list[Labels]:
    """What TF-IDF and a logistic regression guess of papers that they were not trained on. The
    probability from which on a label counts was chosen on the other half of the papers."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    texts = [f"{each.paper.title} {each.paper.title} {each.paper.abstract}" for each in papers]
    truth = [[label in each.labels for label in LABELS] for each in papers]
    model = make_pipeline(
        TfidfVectorizer(min_df=2, sublinear_tf=True, ngram_range=(1, 2), stop_words="english"),
        OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced", max_iter=1000)),
    )
    folds = KFold(5, shuffle=True, random_state=7)
    chances = cross_val_predict(model, texts, truth, cv=folds, method="predict_proba")

    def guesses(least: float) -> list[Labels]:
        return [
            frozenset(label for label, chance in zip(LABELS, row, strict=True) if chance >= least)
            for row in chances
        ]

    at = {step / 100: guesses(step / 100) for step in range(10, 70, 2)}
    best = []
    for half in (0, 1):
        others = [n for n, each in enumerate(papers) if each.half != half]
        true = [papers[n].labels for n in others]
        best.append(
            max(at, key=lambda least: Score.of([at[least][n] for n in others], true, LABELS).f1)
        )
    return [at[best[each.half]][n] for n, each in enumerate(papers)]


def milliseconds(catalogue: Catalogue, papers: Sequence[Paper]) -> float:
    """Work for a paper, in the quickest of the rounds."""
    spent = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for paper in papers:
            catalogue.assign(paper)
        spent.append(time.process_time() - begun)
    return 1000 * min(spent) / len(papers)


def kept(catalogue: Catalogue, papers: Sequence[Labelled]) -> float:
    """The share of the source's own categories that lead to their topic when they are known."""
    there = named = 0
    for each in papers:
        paper = Paper(
            each.paper.id, each.paper.title, each.paper.abstract, categories=each.categories
        )
        slugs = {found.topic for found in catalogue.assign(paper)}
        for topic in catalogue.topics:
            if frozenset(topic.categories) & frozenset(each.categories):
                there += 1
                named += topic.slug in slugs
    return named / there


def show(papers: Sequence[Labelled], words: list[Labels], model: list[Labels] | None) -> None:
    """Every label, then all of them, then the halves."""
    true = [each.labels for each in papers]
    table = Table("", "papers", "words: P R F1", "model: P R F1", box=None)

    def row(name: str, count: int, ours: object, theirs: object) -> None:
        table.add_row(name, f"{count:,}", str(ours), "-" if model is None else str(theirs))

    for label in LABELS:
        ours, theirs = (Score.of(guess, true, {label}) for guess in (words, model or words))
        row(label, sum(label in labels for labels in true), ours, theirs)
    ours, theirs = (Score.of(guess, true, LABELS) for guess in (words, model or words))
    row("micro, all of them", len(papers), ours, theirs)
    row("macro F1", len(papers), f"{macro(words, true):.2f}", f"{macro(model or words, true):.2f}")
    for half in (0, 1):
        places = [n for n, each in enumerate(papers) if each.half == half]
        parts = [[some[n] for n in places] for some in (true, words, model or words)]
        scores = [Score.of(part, parts[0], LABELS) for part in parts[1:]]
        row(f"micro, {'odd' if half else 'even'} half of the weeks", len(places), *scores)
    Console(width=100).print(table)


def main() -> None:
    if not FILE.exists():
        sys.exit(f"{FILE} is not here")
    catalogue = load_catalogue(FixedSettings())
    papers = labelled()
    bare = [each.paper for each in papers]
    words = by_words(catalogue, bare)
    try:
        model = by_model(papers)
    except ImportError:
        model = None
    show(papers, words, model)
    if model is None:
        print("No model to compare with: pip install scikit-learn")
    covered = sum(bool(catalogue.assign(paper)) for paper in bare) / len(bare)
    print(
        f"\nOf {len(papers):,} papers without categories {covered:.1%} belong to a topic;"
        f" {milliseconds(catalogue, bare):.2f} ms a paper.\nWith their categories,"
        f" {kept(catalogue, papers):.1%} of these lead to the topic that names them.\n"
        "The words were chosen with this file at hand; the model is cross-validated on it."
    )


if __name__ == "__main__":
    main()
