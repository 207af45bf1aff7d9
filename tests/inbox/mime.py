"""The message's own form: what Python's parser, RFC 5322 and a reader of the text part say."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from email.message import EmailMessage

from tests.inbox.letter import Letter
from tests.inbox.verdict import Figure, Figures, Verdicts

LINE = 998  # RFC 5322, 2.1.1
HEADER_LINE = 78  # what it asks for there
QUOTED_LINE = 76  # RFC 2045, 6.7
LONG = 30  # letters: the text part breaks longer words


def judge(letters: Sequence[Letter]) -> Verdicts:
    return {letter.name: _figures(letter) for letter in letters}


def _figures(letter: Letter) -> Figures:
    defects = tuple(_defects(letter))
    figures: Figures = {"mime": Figure(len(defects), defects)}
    if letter.html:
        share, missing = _words(letter)
        said = set(_addresses(letter.text))
        unsaid = tuple(link for link in dict.fromkeys(letter.links) if link not in said)
        uneven = tuple(_uneven(letter))
        figures |= {
            "html": Figure(len(letter.html.encode()) / 1000),
            "words": Figure(100 * share, missing),
            "links": Figure(len(unsaid), unsaid),
            "links-uneven": Figure(len(uneven), uneven),
        }
    return figures


def _defects(letter: Letter) -> Iterator[str]:
    if re.search(rb"(?<!\r)\n|\r(?!\n)", letter.octets):
        yield "a line's end is not CRLF"
    if not letter.octets.isascii():
        yield "octets beyond ASCII"
    lines = letter.octets.split(b"\r\n")
    if (longest := max(map(len, lines))) > LINE:
        yield f"a line of {longest} octets"
    top = lines[: lines.index(b"")]
    for line in top:
        if len(line) > HEADER_LINE and len(line.split()) > 2:  # a lone long word cannot be folded
            yield f"header line of {len(line)}: {line.decode(errors='replace')}"
    for part in letter.message.walk():
        if isinstance(part, EmailMessage):
            yield from _defects_of(part)
    if letter.html and letter.message.get_content_type() != "multipart/alternative":
        yield f"HTML in {letter.message.get_content_type()}"
    kinds = [part.get_content_type() for part in letter.message.iter_parts()]
    if kinds and kinds != ["text/plain", "text/html"]:
        yield f"parts: {', '.join(kinds)}"


def _defects_of(part: EmailMessage) -> Iterator[str]:
    yield from (f"{part.get_content_type()}: {defect!r}" for defect in part.defects)
    counted = Counter(name.lower() for name in part)
    yield from (f"{name} {count} times" for name, count in counted.items() if count > 1)
    for name, value in part.items():
        yield from (f"{name}: {defect!r}" for defect in getattr(value, "defects", ()))
    if part.is_multipart():
        return
    if part.get_content_charset() != "utf-8":
        yield f"{part.get_content_type()} in charset {part.get_content_charset()}"
    if part["Content-Transfer-Encoding"] == "quoted-printable":
        longest = max(map(len, str(part.get_payload()).splitlines()))
        if longest > QUOTED_LINE:
            yield f"{part.get_content_type()}: quoted-printable line of {longest}"
    part.get_content()  # decodes, and so finds what is wrong with the encoding
    yield from (f"{part.get_content_type()}: {defect!r}" for defect in part.defects)


def _uneven(letter: Letter) -> Iterator[str]:
    """Addresses that stand more often in one part: rspamd adds both up, and minds an odd sum."""
    html, text = Counter(letter.links), Counter(_addresses(letter.text))
    yield from (f"{count} × more in the HTML: {link}" for link, count in (html - text).items())
    yield from (f"{count} × more in the text: {link}" for link, count in (text - html).items())


def _addresses(text: str) -> list[str]:
    return re.findall(r"(?:https?:|mailto:)[^\s<>]+", text)


def _words(letter: Letter) -> tuple[float, tuple[str, ...]]:
    """What share of the HTML's words stands in the text, and those that do not."""
    shown, said = (Counter(re.findall(r"\w+", words)) for words in (letter.seen, letter.text))
    missing = shown - said
    squeezed = re.sub(r"\s", "", letter.text)
    for word in [word for word in missing if len(word) > LONG and word in squeezed]:
        del missing[word]  # broken over lines, as scripts without spaces are
    share = 1 - missing.total() / max(1, shown.total())
    return share, tuple(f"{word} × {count}" for word, count in missing.most_common(12))
