"""A paper: one work, whatever the source, version or day it comes from."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from urllib.parse import unquote, urlsplit

# arXiv identifiers: https://info.arxiv.org/help/arxiv_identifier.html. New style since 2007-04:
# YYMM.NNNN, five digits since 2015-01; old style: archive[.SubjectClass]/YYMMNNN.
_MONTH = r"(?:0[1-9]|1[0-2])"
_NEW_STYLE = rf"(?P<new>\d\d{_MONTH}\.\d{{4,5}})"
_OLD_STYLE = rf"(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.[A-Z]{{2}})?/(?P<old>\d\d{_MONTH}\d{{3}})"
_FLAGS = re.IGNORECASE | re.ASCII
_ARXIV = re.compile(rf"(?:arxiv:\s*)?(?:{_NEW_STYLE}|{_OLD_STYLE})(?:v\d+)?", _FLAGS)
_DOI = re.compile(r"(?:doi:\s*)?(?P<doi>10\.\d{4,9}/\S+)", _FLAGS)
_ARXIV_DOI = "10.48550/arxiv."

# Hosts whose paths name an arXiv paper after one of these words.
_ARXIV_HOSTS = (
    "arxiv.org",
    "huggingface.co",
    "hf.co",
    "alphaxiv.org",
    "ar5iv.org",
    "ar5iv.labs.arxiv.org",
)
_ARXIV_PATH = re.compile(
    r"^/(?:abs|pdf|html|papers|overview|format|e-print)/(?P<id>.+?)(?:\.pdf)?/?$"
)
_DOI_HOSTS = ("doi.org", "dx.doi.org", "www.doi.org")
_LINK_STARTS = tuple(f"{host}/" for host in (*_ARXIV_HOSTS, "www.arxiv.org", *_DOI_HOSTS))

_TITLE_DIGITS = 20  # 80 bits: no collision among all papers ever written
_TITLE_KEY = re.compile(rf"title:[0-9a-f]{{{_TITLE_DIGITS}}}")


def letters_of(title: str) -> str:
    """The letters and digits of a title, folded: what makes two titles the same."""
    return "".join(filter(str.isalnum, _folded(title)))


def _folded(title: str) -> str:
    return unicodedata.normalize("NFKC", title).casefold()


@dataclass(frozen=True, slots=True, order=True)
class PaperId:
    """The identity of a work: `arxiv:2604.10929`, `doi:10.1000/xyz` or `title:<hash>`.

    Versions and addresses fold together: `2604.10929v2`, its abs, pdf and Hugging Face links and
    its arXiv DOI are one. Only `parse`, `of_title` and `of_letters` make one.
    """

    value: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The identity that an id or a link names, or None where it names none."""
        text = text.strip()
        if text.startswith(_LINK_STARTS):  # people leave "https://" out
            text = f"https://{text}"
        return cls._of_link(text) if "://" in text else cls._of_name(text)

    @classmethod
    def named(cls, text: str) -> Self | None:
        """The same, or what a title's key names: it is printed where a paper has nothing else."""
        return cls.parse(text) or (cls(text) if _TITLE_KEY.fullmatch(text) else None)

    @classmethod
    def of_title(cls, title: str) -> Self:
        """A stable identity from a title, whatever its case, punctuation and spaces."""
        return cls.of_letters(letters_of(title) or _folded(title))

    @classmethod
    def of_letters(cls, letters: str) -> Self:
        """The same, from what `letters_of` left of the title."""
        digest = hashlib.sha256(letters.encode("utf-8", "replace")).hexdigest()
        return cls(f"title:{digest[:_TITLE_DIGITS]}")

    @classmethod
    def _of_name(cls, name: str) -> Self | None:
        match = _DOI.fullmatch(name)
        doi = match["doi"].casefold() if match else ""
        if doi and not doi.startswith(_ARXIV_DOI):
            return cls(f"doi:{doi}") if doi.isprintable() else None
        arxiv = _ARXIV.fullmatch(doi.removeprefix(_ARXIV_DOI) or name)
        return cls._of_arxiv(arxiv) if arxiv else None

    @classmethod
    def _of_link(cls, link: str) -> Self | None:
        try:
            parts = urlsplit(link)
            host = (parts.hostname or "").removeprefix("www.")
        except ValueError:  # urlsplit refuses unbalanced brackets in a host
            return None
        if host in _DOI_HOSTS:
            return cls._of_name(unquote(parts.path.lstrip("/")))
        if host in _ARXIV_HOSTS or host.endswith(".arxiv.org"):
            path = _ARXIV_PATH.match(parts.path)
            match = _ARXIV.fullmatch(path["id"]) if path else None
            return cls._of_arxiv(match) if match else None
        return None

    @classmethod
    def _of_arxiv(cls, match: re.Match[str]) -> Self:
        if match["new"]:
            return cls(f"arxiv:{match['new']}")
        return cls(f"arxiv:{match['archive'].casefold()}/{match['old']}")

    @property
    def arxiv(self) -> str | None:
        """The bare arXiv identifier (`2604.10929`, `hep-th/9901001`), if it is one."""
        scheme, _, name = self.value.partition(":")
        return name if scheme == "arxiv" else None

    @property
    def doi(self) -> str | None:
        scheme, _, name = self.value.partition(":")
        return name if scheme == "doi" else None

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Seen:
    """When each count of a paper was seen (UTC); None where the source is a file without a time."""

    votes: datetime | None = None
    comments: datetime | None = None
    stars: datetime | None = None
    position: datetime | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """One work with the best that is known of it. Texts are as the source wrote them (TeX and all),
    with white space folded; counts are None where the source gave none, which is not zero."""

    id: PaperId
    title: str
    abstract: str
    names: tuple[PaperId, ...] = ()
    """Other identities of the same work, sorted: the DOI of what appeared on arXiv first."""
    authors: tuple[str, ...] = ()
    url: str | None = None
    """Where to read it; `abstract_url` is what to print."""
    pdf: str | None = None
    code: str | None = None
    project: str | None = None
    published: date | None = None
    """When its first version appeared."""
    categories: tuple[str, ...] = ()
    """arXiv categories, the primary one first."""
    keywords: tuple[str, ...] = ()
    comment: str | None = None
    """The authors' own line on arXiv: pages, venue."""
    journal: str | None = None
    """Where it appeared, in arXiv's words."""
    ai_summary: str | None = None
    """A machine's words, to be printed only with that label."""
    thumbnail: str | None = None
    submitter: str | None = None
    """Who put it forward."""
    organization: str | None = None
    version: int | None = None
    """arXiv's, from 1, of the title and the abstract."""
    withdrawn: bool = False
    votes: int | None = None
    comments: int | None = None
    stars: int | None = None
    position: int | None = None
    """Place on the page it was seen on, from 1; the page's own order is its rank."""
    seen: Seen = Seen()

    @property
    def arxiv(self) -> str | None:
        """Its bare arXiv identifier, under whichever of its names."""
        return next((name.arxiv for name in (self.id, *self.names) if name.arxiv), None)

    @property
    def doi(self) -> str | None:
        """Its publisher's DOI, under whichever of its names."""
        return next((name.doi for name in (self.id, *self.names) if name.doi), None)

    @property
    def abstract_url(self) -> str | None:
        """The page a title links to: arXiv's own where there is one (its terms ask for that)."""
        if self.arxiv:
            return f"https://arxiv.org/abs/{self.arxiv}"
        if self.url:
            return self.url
        return f"https://doi.org/{self.doi}" if self.doi else None

    @property
    def pdf_url(self) -> str | None:
        return f"https://arxiv.org/pdf/{self.arxiv}" if self.arxiv else self.pdf
