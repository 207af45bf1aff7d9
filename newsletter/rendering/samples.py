"""Samples of papers, with which the press finds out what of a template is a frame, what a card."""

from newsletter.rendering.printable import Words
from newsletter.rendering.views import PaperView

_NOTHING = Words.plain("")


def _sample(word: str) -> PaperView:
    return PaperView(
        title=Words.plain(word),
        authors=Words.plain(word),
        excerpt=Words.plain(word),
        url="https://example.org/",
        pdf_url=f"https://example.org/{word}",
        code_url="https://example.org/",
        topics=(word,),
        facts=(word,),
        ai_summary=Words.plain(word),
        page_url="https://example.org/",
    )


# A paper with all that one can have, and one with nothing but a title; and others, with which the
# frame has to be the same: what is said of a paper outside of its card would reach every reader.
_RICH, _OTHER = _sample("sample"), _sample("another")
_BARE = PaperView(Words.plain("bare"), _NOTHING, _NOTHING, None, None, None, (), (), page_url="x")
SAMPLES, OTHERS = (_RICH, _BARE, _RICH, _BARE), (_OTHER, _RICH, _BARE)
"""Alternating; and the same two papers at other places, after a third."""
