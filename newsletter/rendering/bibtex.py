"""BibTeX for one paper, as biber and BibTeX since 0.99d with UTF-8 read it."""

import re

from newsletter.editorial.papers import Paper
from newsletter.rendering.tex import to_text

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPECIAL = {
    **{mark: f"\\{mark}" for mark in "&%$#_"},
    "\\": "\\textbackslash{}",
    "{": "\\textbraceleft{}",
    "}": "\\textbraceright{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
}
_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9:.+/-]+")
_NOT_IN_LINKS = re.compile(r"[\s{}\\]")


def bibtex(paper: Paper) -> str:
    """The entry of a paper, under a key made of its identity, which never changes.

    Titles stand in braces of their own: no style may put "BERT" in small letters.
    """
    fields = {
        "title": f"{{{_words(paper.title)}}}",
        "author": " and ".join(map(_author, filter(None, map(_words, paper.authors)))),
        "year": f"{paper.published:%Y}" if paper.published else "",
        "eprint": paper.arxiv or "",
        "archivePrefix": "arXiv" if paper.arxiv else "",
        "primaryClass": paper.categories[0] if paper.arxiv and paper.categories else "",
        "doi": _link(paper.doi or ""),
        "url": _link(paper.abstract_url or ""),
        "note": _words(paper.journal or ""),
    }
    lines = [f"  {name} = {{{text}}}," for name, text in fields.items() if text]
    if paper.published:
        lines.append(f"  month = {_MONTHS[paper.published.month - 1]},")
    return "\n".join([f"@misc{{{_key(paper)},", *lines, "}", ""])


def _key(paper: Paper) -> str:
    return _NOT_IN_KEYS.sub("-", paper.id.value)


def _words(text: str) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in to_text(text).strip())


def _author(name: str) -> str:
    """The name; in braces where BibTeX would read two names or a family name first in it."""
    apart = "," in name or re.search(r"\sand\s", f" {name} ", re.IGNORECASE)
    return f"{{{name}}}" if apart else name


def _link(address: str) -> str:
    """Links are printed as they are; what would end the field is written as in web addresses."""
    return _NOT_IN_LINKS.sub(lambda found: f"%{ord(found[0]):02X}", address)
