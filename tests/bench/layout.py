"""Our templates, inlined once and cut into small ones for the engines of others:
`python -m tests.bench.layout COUNT FILE` in a planned place writes them as JSON, with the words of
the first COUNT mails.

So the peers inline nothing while they send. What is personal stands in the pieces as `{{ name }}`,
which Django's engine and handlebars both understand.
"""

import html
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from newsletter.rendering.inlining import ended, inlined
from newsletter.rendering.kinds import DIGEST
from newsletter.rendering.marks import CARD, ENTRY
from newsletter.rendering.printable import Printable, Words
from newsletter.rendering.views import PaperView, ReaderView, Variant, tasting
from tests.bench.whole import Letter, Office

_OWN = ("number", "reason")  # of a card: what differs from reader to reader
_GROUPS = {CARD: "cards", ENTRY: "entries"}
_EDGE = "(?:<!--)?zq{}{}qz(?:-->)?"
_PIECES = {
    group: re.compile(
        f"{_EDGE.format('opens', group)}(.*?){_EDGE.format('closes', group)}", re.DOTALL
    )
    for group in _GROUPS
}


def _token(name: str) -> Words:
    return Words.plain(f"zq{name.replace('_', '0')}qz")


def _bracket(group: str, content: str) -> str:
    if isinstance(content, Markup):
        return Markup("<!--zqopens{0}qz-->{1}<!--zqcloses{0}qz-->").format(group, content)
    return f"zqopens{group}qz{content}zqcloses{group}qz"


class Layout:
    """The templates of a planned place's mails, cut."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._templates = office.stationery.templates.marking(_bracket)
        self._fields = [field.name for field in fields(ReaderView)]
        self._reader = ReaderView(**{name: _token(name) for name in self._fields})

    def pieces(self) -> dict[str, Any]:
        """Frames by variant, and for each paper its card and its entry: HTML and text of each."""
        letters = self._office.letters
        variants = {letter.variant for letter in letters}
        papers = {printed.paper_id for x in letters for printed in x.delivery.papers}
        papers |= {paper for x in letters for paper in x.delivery.rest}
        ids = sorted(papers, key=str)
        views = [self._office.views[paper] for paper in ids]
        documents = self._printed(Variant(named=True, rest=True), views)
        found: dict[str, Any] = {"frames": {}, "cards": {}, "entries": {}}
        for group, name in _GROUPS.items():
            both = zip(*(_PIECES[group].findall(each) for each in documents), strict=True)
            cut = zip(ids, both, strict=True)
            found[name] = {paper.value: list(map(self._open, pair)) for paper, pair in cut}
        for variant in variants:
            frame = map(self._framed, self._printed(variant, views))
            found["frames"][_key(variant)] = [*frame, self._subject(variant)]
        return found

    def _printed(self, variant: Variant, views: Sequence[PaperView]) -> tuple[str, str]:
        number, reason = map(_token, _OWN)
        cards = tuple(
            replace(tasting(view, self._reader.taste_url), number=number, reason=reason)
            for view in views
        )
        context = self._context(variant) | {"papers": cards, "rest": views}
        markup = self._templates.rendered(DIGEST.html, context)
        text = self._templates.rendered(DIGEST.text, context)
        return inlined(markup, DIGEST.html), ended(text)

    def _subject(self, variant: Variant) -> str:
        rendered = self._templates.rendered(DIGEST.subject, self._context(variant))
        return self._open(" ".join(rendered.split()))

    def _context(self, variant: Variant) -> dict[str, Any]:
        office = self._office
        edition = office.stationery.edition(office.edition)
        shared = office.stationery.shared
        return shared | {"edition": edition, "variant": variant, "reader": self._reader}

    def _framed(self, document: str) -> str:
        """The document with a place for all cards, and one for all entries, instead of them."""
        for group, name in _GROUPS.items():
            first, *rest = _PIECES[group].split(document)
            if rest:
                document = f"{first}zq{name}qz{rest[-1]}"
        return self._open(document)

    def _open(self, piece: str) -> str:
        assert "{{" not in piece
        assert "{%" not in piece
        for name in (*self._fields, *_OWN):
            piece = piece.replace(str(_token(name)), f"{{{{ {name} }}}}")
        for name in _GROUPS.values():
            piece = piece.replace(f"zq{name}qz", f"{{{{ {name}|safe }}}}")
        return piece

    def mail(self, letter: Letter) -> dict[str, Any]:
        """What differs in one mail: words for the HTML part, and the same for the text."""
        reader = {name: _both(getattr(letter.reader, name)) for name in self._fields}
        ids = [printed.paper_id.value for printed in letter.delivery.papers]
        cards = [
            [paper, *({name: _both(getattr(view, name))[i] for name in _OWN} for i in (0, 1))]
            for paper, view in zip(ids, letter.papers, strict=True)
        ]
        leaving = self._office.stationery.leaving(letter.to.number).url
        return {
            "to": str(letter.to.address),
            "leaving": leaving,
            "frame": _key(letter.variant),
            "words": [{name: reader[name][i] for name in self._fields} for i in (0, 1)],
            "cards": cards,
            "entries": [paper.value for paper in letter.delivery.rest],
        }


def _key(variant: Variant) -> str:
    return json.dumps(asdict(variant))


def _both(words: Printable) -> tuple[str, str]:
    """(what an engine makes the HTML of by its own escaping, the text)."""
    return html.unescape(words.__html__()), str(words)


def main(count: int, file: Path) -> None:
    office = Office(count)
    layout = Layout(office)
    mails = [layout.mail(letter) for letter in office.letters]
    file.write_text(json.dumps(layout.pieces() | {"mails": mails}), "utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
