"""Foreign text made fit to keep: white space folded, nothing invisible or unbounded in it.

Bounds are in characters. Each is far above the longest of 3,519 papers of arXiv and Hugging Face (a
title of 221, an abstract of 2,776, a comment of 431, 574 authors) and stops a broken or hostile
record from filling a mail.
"""

import re
import unicodedata
from urllib.parse import urlsplit

TITLE_LIMIT = 1_000
ABSTRACT_LIMIT = 20_000
COMMENT_LIMIT = 1_000
NAME_LIMIT = 200  # an author, a collaboration, a keyword, a category
LINK_LIMIT = 2_000  # browsers and mail programs cut longer ones
AUTHORS_LIMIT = 5_000  # the largest collaborations sign with about as many
WORDS_LIMIT = 100  # keywords or categories of one paper

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Lone surrogates cannot be encoded; the two non-characters have no place in XML or HTML.
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")
ODD = re.compile(rf"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]|{_NO_CHARACTER.pattern}")
"""What no source should send: `folded` replaces it, and whoever brought it should hear of it."""

_INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}


def folded(text: str) -> str:
    """The text on one line: runs of white space and control characters are one space each, what is
    no character is U+FFFD; empty where nothing would be visible."""
    if text.isprintable():  # as nearly all are: only blanks to fold, and all else is visible
        return " ".join(text.split())
    line = " ".join(_CONTROL.sub(" ", _NO_CHARACTER.sub("\ufffd", text)).split())
    if all(unicodedata.category(character) in _INVISIBLE for character in line):
        return ""
    return line


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` characters; an ellipsis says that there was more."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def web_link(text: str) -> str | None:
    """The text as an http or https link with a host; None for any other scheme and for no link."""
    link = folded(text)
    if len(link) > LINK_LIMIT or " " in link:
        return None
    try:
        parts = urlsplit(link)
        host, _port = parts.hostname, parts.port
    except ValueError:  # unbalanced brackets in the host, a port that is no port
        return None
    return link if host and parts.scheme in {"http", "https"} else None
