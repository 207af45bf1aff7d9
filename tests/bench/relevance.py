"""The benchmark of relevance: does a reader's taste put what she saved later on top?

`make bench-relevance`, or `python -m tests.bench.relevance --quick` for every fourth reader. Reads
the readers of CiteULike-a in ../shared/data/interest and prints tables; asserts nothing.

A reader's past are the first 60 % of her papers by date. A: everything posted after her past, as
one list. B: the same in order of posting, a hundred at a time, only full lists that hold a paper of
hers, averaged per reader. Ours (B) is made anew for every list, from what was posted before it.
"""

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.taste import Space
from newsletter.editorial.words import Gist, gist_of

try:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC
except ImportError:
    sys.exit("The baselines need scikit-learn: .venv/bin/pip install scikit-learn")

FOLDER = Path(__file__).parents[3] / "shared/data/interest"
PAST, LIST, TOP = 0.6, 100, 10
SIGNALS = (1, 3, 5, 10, 20)
SAMPLES = 2000  # of the bootstrap, over readers

Numbers = NDArray[np.floating[Any]]
Places = NDArray[np.intp]
Rule = Callable[["Reader"], Numbers]
"""A score for everything posted after her past."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader's past, and which of the papers posted after it she saved."""

    number: int
    past: Places
    saved: NDArray[np.bool_]

    @property
    def start(self) -> int:
        """The place of the first paper after her past."""
        return int(self.past[-1]) + 1

    @property
    def lists(self) -> list[slice]:
        """The lists of B, within what was posted after her past."""
        starts = range(0, len(self.saved) - LIST + 1, LIST)
        return [slice(at, at + LIST) for at in starts if self.saved[at : at + LIST].any()]


@dataclass(frozen=True, slots=True)
class Corpus:
    """All papers in order of posting, and their readers."""

    papers: list[Paper]
    gists: list[Gist]
    readers: list[Reader]
    saves: Numbers
    """How many readers saved each, at any time."""

    def ids(self, places: Places) -> list[PaperId]:
        return [self.papers[place].id for place in places]


def load() -> Corpus:
    """The corpus; the process ends with a sentence where it is not there."""
    if not FOLDER.is_dir():
        sys.exit(f"Nothing to measure on: there is no {FOLDER}")
    rows = sorted(_rows("citeulike-a-items"), key=lambda row: (row["posted_at"], row["item"]))
    papers = [_paper(row) for row in rows]
    places = {row["item"]: place for place, row in enumerate(rows)}
    readers: list[Reader] = []
    saves = np.zeros(len(papers))
    for number, row in enumerate(_rows("citeulike-a-users")):
        mine = np.array(sorted({places[item] for item in row["items"] if item in places}))
        saves[mine] += 1
        cut = int(len(mine) * PAST)
        past = mine[:cut]
        saved = np.isin(np.arange(past[-1] + 1, len(papers)), mine[cut:])
        if saved.any():
            readers.append(Reader(number, past, saved))
    return Corpus(papers, [gist_of(paper) for paper in papers], readers, saves)


def _rows(name: str) -> list[dict[str, Any]]:
    with gzip.open(FOLDER / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _paper(row: dict[str, Any]) -> Paper:
    identity = PaperId.parse(f"10.0000/{row['item']}")
    assert identity is not None
    return Paper(identity, row["title"], row["abstract"] or "")


DISCOUNT = 1 / np.log2(np.arange(TOP) + 2)


def quality(scores: Numbers, saved: NDArray[np.bool_]) -> tuple[float, float]:
    """nDCG and hit of the ten best; of equals the one posted first is first."""
    hits = saved[np.argsort(-scores, kind="stable")[:TOP]]
    best = DISCOUNT[: saved.sum()].sum()
    return float(DISCOUNT[: len(hits)][hits].sum() / best), float(hits.any())


def in_one_list(reader: Reader, scores: Numbers) -> list[float]:
    """A and B of scores that were made once: nDCG A, hit A, nDCG B, hit B."""
    lists = [quality(scores[part], reader.saved[part]) for part in reader.lists]
    b = np.mean(lists, axis=0) if lists else np.full(2, np.nan)
    return [*quality(scores, reader.saved), *map(float, b)]


# The baselines.


def baselines(corpus: Corpus) -> dict[str, Rule]:
    stems = _vectors(corpus.gists)
    cosines = np.asarray((stems @ stems.T).todense())
    plain = TfidfVectorizer(
        token_pattern=r"\b[a-z][a-z0-9]+\b", stop_words="english", sublinear_tf=True, min_df=2
    )
    texts = [f"{paper.title} {paper.abstract}" for paper in corpus.papers]
    words = plain.fit_transform([text.translate({92: "", 123: "", 125: ""}) for text in texts])
    plain_cosines = np.asarray((words @ words.T).todense())
    # arxiv-sanity-lite's compute.py at d7a303b.
    sanity = TfidfVectorizer(
        strip_accents="unicode", token_pattern=r"(?u)\b[a-zA-Z_][a-zA-Z0-9_]+\b",
        stop_words="english", ngram_range=(1, 2), max_features=20_000, sublinear_tf=True,
        max_df=0.1, min_df=5,
    ).fit_transform(texts)  # fmt: skip
    chance = np.random.default_rng(1)
    n = len(corpus.papers)

    def popular(reader: Reader) -> Numbers:
        own = np.isin(np.arange(reader.start, n), reader.start + np.flatnonzero(reader.saved))
        return corpus.saves[reader.start :] - own

    def rocchio(reader: Reader) -> Numbers:
        later = cosines[reader.start :]
        mean: Numbers = later[:, reader.past].mean(1) - later[:, : reader.start].mean(1)
        return mean

    def trained(model: Any, vectors: Any) -> Rule:
        def rule(reader: Reader) -> Numbers:
            liked = np.zeros(n)
            liked[reader.past] = 1
            model.fit(vectors, liked)
            scores: Numbers = model.decision_function(vectors[reader.start :])
            return scores

        return rule

    svm = LinearSVC(class_weight="balanced", max_iter=10_000, tol=1e-6, C=0.01)
    logistic = LogisticRegression(class_weight="balanced", C=1.0, max_iter=1000)
    return {
        "random": lambda reader: chance.random(len(reader.saved)),
        "newest first": lambda reader: np.arange(len(reader.saved), dtype=float),
        "most popular": popular,
        "mean TF-IDF": lambda reader: plain_cosines[reader.start :, reader.past].mean(1),
        "arxiv-sanity SVM": trained(svm, sanity),
        "logistic, stems": trained(logistic, stems),
        "mean - mean, stems": rocchio,
    }


def _vectors(gists: Sequence[Gist]) -> Any:
    """The gists as unit vectors of tf-idf, for rules that are not ours."""
    number: dict[str, int] = {}
    cells = [
        (row, number.setdefault(term, len(number)), weight)
        for row, gist in enumerate(gists)
        for term, weight in gist.terms.items()
    ]
    rows, columns, weights = map(np.array, zip(*cells, strict=True))
    papers = np.bincount(columns)
    values = weights * (np.log((1 + len(gists)) / (1 + papers[columns])) + 1)
    lengths = np.sqrt(np.bincount(rows, values**2, len(gists)))
    return csr_matrix((values / np.maximum(lengths[rows], 1e-9), (rows, columns)))


# Ours. A space is made once for a list and asked for all that is to be measured on it.

Signals = tuple[list[PaperId], list[PaperId]]


def ours(corpus: Corpus, reader: Reader, asked: Sequence[Signals]) -> list[list[float]]:
    """nDCG A, hit A, nDCG B, hit B, and B from the scores of A, for each of these signals."""
    space = Space(corpus.gists[reader.start :], corpus.gists[: reader.start])
    whole = [in_one_list(reader, _scores(space, signals, len(reader.saved))) for signals in asked]
    lists: list[list[tuple[float, float]]] = []
    for part in reader.lists:
        first = reader.start + part.start
        space = Space(corpus.gists[first : first + LIST], corpus.gists[:first])
        lists.append([quality(_scores(space, s, LIST), reader.saved[part]) for s in asked])
    b = np.mean(lists, axis=0) if lists else np.full((len(asked), 2), np.nan)
    return [[*row[:2], *map(float, b[at]), *row[2:]] for at, row in enumerate(whole)]


def _scores(space: Space, signals: Signals, count: int) -> Numbers:
    taste = space.taste_of(*signals)
    return np.zeros(count) if taste is None else taste.scores


def fewer(corpus: Corpus, cosines: Numbers, reader: Reader) -> list[Signals]:
    """The signals of the learning curve: some papers of her past, drawn at random, without and with
    as many that she did not save.

    Those are drawn from the archive before the end of her past: of its papers nearest to the drawn
    ones (mean cosine less its mean to all; five times as many as are drawn, at least twenty).
    """
    chance = np.random.default_rng(reader.number)
    order = chance.permutation(reader.past)
    signals: list[Signals] = []
    for count in SIGNALS:
        liked = order[:count]
        near = cosines[: reader.start, liked].mean(1) - cosines[: reader.start].mean(1)
        near[reader.past] = -np.inf
        nearest = np.argsort(-near)[: max(20, 5 * count)]
        passed = chance.permutation(nearest[np.isfinite(near[nearest])])[:count]
        signals += [(corpus.ids(liked), []), (corpus.ids(liked), corpus.ids(passed))]
    return signals


# The tables.


def interval(values: Numbers) -> tuple[float, float, float]:
    """The mean over readers and its 95 % interval, by bootstrap."""
    values = values[~np.isnan(values)]
    draws = np.random.default_rng(2).integers(0, len(values), (SAMPLES, len(values)))
    low, high = np.quantile(values[draws].mean(1), (0.025, 0.975))
    return float(values.mean()), float(low), float(high)


def say(line: str) -> None:
    print(line, flush=True)


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    say(f"\n{title}")
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        first, *others = (
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        say("  ".join((first, *others)).rstrip())


def spoken(values: Numbers) -> str:
    mean, low, high = interval(values)
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def difference(values: Numbers) -> str:
    mean, low, high = interval(values)
    return f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"


def show_quality(results: dict[str, Numbers], cost: dict[str, float]) -> None:
    heads = ("rule", "A nDCG@10", "hit", "B nDCG@10", "hit", "A even/odd", "B even/odd", "CPU ms")
    rows = []
    for name, result in results.items():
        halves = [np.nanmean(result[half::2, at]) for at in (0, 2) for half in (0, 1)]
        rows.append([
            name, spoken(result[:, 0]), f"{np.nanmean(result[:, 1]):.2f}", spoken(result[:, 2]),
            f"{np.nanmean(result[:, 3]):.2f}", f"{halves[0]:.3f}/{halves[1]:.3f}",
            f"{halves[2]:.3f}/{halves[3]:.3f}", f"{cost[name]:.2f}" if name in cost else "",
        ])  # fmt: skip
    table("Rules beside each other, 95 % intervals over readers; CPU a reader", heads, rows)
    mine = results["ours"]
    rows = [
        [name, difference(mine[:, 0] - other[:, 0]), difference(mine[:, 2] - other[:, 2])]
        for name, other in results.items()
        if not name.startswith("ours")
    ]
    table("Ours less the other, reader by reader", ("other", "A nDCG@10", "B nDCG@10"), rows)


def show_curve(readers: Sequence[Reader], curves: Numbers) -> None:
    """`curves`: reader, signals in the order of `fewer`, quality."""
    heads = ("liked", "not saved", "readers", "A nDCG@10", "hit", "B nDCG@10", "hit")
    pasts = np.array([len(reader.past) for reader in readers])
    for least, counts in ((0, SIGNALS), (5, (1, 3, 5)), (20, SIGNALS)):
        rows = []
        for at, count in enumerate(counts):
            chosen = pasts >= max(count, least)
            for passed in (0, 1):
                a, hit, b, hit_b = np.nanmean(curves[chosen, 2 * at + passed, :4], axis=0)
                rows.append([
                    str(count), str(count * passed), str(chosen.sum()),
                    f"{a:.3f}", f"{hit:.2f}", f"{b:.3f}", f"{hit_b:.2f}",
                ])  # fmt: skip
        of = f"readers with {least} papers in their past" if least else "all who have as many"
        table(f"Learning curve, {of}", heads, rows)


def show_cost(corpus: Corpus) -> None:
    """What one edition of 300 candidates costs for 10,000 readers with 20 liked papers each."""
    start = time.process_time()
    gists = [gist_of(paper) for paper in corpus.papers]
    gist = time.process_time() - start
    known, candidates = gists[:-300], gists[-300:]
    start = time.process_time()
    space = Space(candidates, known)
    made = time.process_time() - start
    chance = np.random.default_rng(3)
    wishes = [corpus.ids(chance.integers(0, len(known), 20)) for _ in range(10_000)]
    start = time.process_time()
    for wish in wishes:
        space.taste_of(wish)
    taste = time.process_time() - start
    start = time.process_time()
    for wish in wishes[:100]:
        space.words_of(wish)
    words = time.process_time() - start
    rows = [
        ["the gist of a paper", f"{gist / len(gists) * 1e3:.3f}"],
        [f"a space of 300 candidates among {len(known):,} papers", f"{made * 1e3:.0f}"],
        ["a reader's taste, 20 liked papers", f"{taste / len(wishes) * 1e3:.3f}"],
        ["a reader's words, 20 liked papers", f"{words * 10:.1f}"],
    ]
    table("Cost", ("what", "CPU ms"), rows)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--quick", action="store_true", help="every fourth reader")
    quick = options.parse_args().quick
    corpus = load()
    readers = corpus.readers[:: 4 if quick else 1]
    say(f"{len(readers)} readers of CiteULike-a, {len(corpus.papers):,} papers")
    show_cost(corpus)
    results: dict[str, Numbers] = {}
    cost: dict[str, float] = {}
    for name, rule in baselines(corpus).items():
        start = time.process_time()
        scores = [rule(reader) for reader in readers]
        cost[name] = (time.process_time() - start) / len(readers) * 1e3
        results[name] = np.array([in_one_list(*pair) for pair in zip(readers, scores, strict=True)])
    stems = _vectors(corpus.gists)
    cosines = np.asarray((stems @ stems.T).todense())
    measured = np.array([
        ours(corpus, reader, [(corpus.ids(reader.past), []), *fewer(corpus, cosines, reader)])
        for reader in readers
    ])  # fmt: skip
    results["ours"] = measured[:, 0, :4]
    results["ours, B from the scores of A"] = measured[:, 0, [0, 1, 4, 5]]
    show_quality(results, cost)
    show_curve(readers, measured[:, 1:])


if __name__ == "__main__":
    main()
