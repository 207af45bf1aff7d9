"""What a digest quotes of real papers, beside their abstracts: `python -m tests.bench.excerpts`.

For a person to judge. Each sentence stands with its points as claim, result and idle talk, how much
it leans on the one before, and a mark where it is quoted.
"""

import sys
import time
from pathlib import Path

from newsletter.rendering.excerpt import excerpt, judged
from newsletter.rendering.wrap import wrapped
from newsletter.sources.files import read_papers

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
FILES = (SHARED / "seed/trending-page.txt", SHARED / "hf/daily_papers-2026-06-12.json")
ROUNDS = 5


def main() -> None:
    paths = [Path(name) for name in sys.argv[1:]] or FILES
    abstracts = []
    for path in paths:
        for number, paper in enumerate(read_papers(path).papers, 1):
            say(f"\n{'=' * 100}\n{path.stem} {number}: {paper.title}\n")
            show(paper.abstract)
            abstracts.append(paper.abstract)
    begun = time.perf_counter()
    for abstract in abstracts * ROUNDS:
        excerpt(abstract)
    seconds = (time.perf_counter() - begun) / ROUNDS
    say(f"\n{len(abstracts)} papers, {seconds / len(abstracts) * 1000:.2f} ms each")


def show(abstract: str) -> None:
    """The excerpt, and below it the sentences it was chosen from."""
    quoted = excerpt(abstract)
    say(wrapped(quoted, 100, "    ") + "\n")
    for sentence, cues in judged(abstract):
        mark = "*" if sentence[cues.lead_in :] in quoted else " "
        points = f"{cues.claim:.1f} {cues.result:.1f} {cues.idle:.1f} {cues.leans}"
        say(wrapped(sentence, 100, " " * 20, f"{mark} {points:<18}"))


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
