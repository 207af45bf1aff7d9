"""How much of one document is read, and told."""

from collections.abc import Sequence

RECORD_LIMIT = 50_000  # papers and faults: more than a month of all of arXiv
TOO_MANY = f"more than {RECORD_LIMIT:,} records"
FAULTS_TOLD = 100  # of a document: whoever gets so many needs no more of them


def told(faults: Sequence[str]) -> list[str]:
    """The first faults, and how many there are besides."""
    more = len(faults) - FAULTS_TOLD
    return [*faults[:FAULTS_TOLD], and_more(more)] if more > 0 else list(faults)


def and_more(count: int) -> str:
    """What is said instead of so many faults."""
    return f"and {count:,} more"
