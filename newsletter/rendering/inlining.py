"""CSS into style attributes, as mail clients want it."""

import logging
import re

from newsletter.errors import ConfigurationError

# premailer fetches a linked style sheet, and an @import even where it may not use the network.
# Texts are escaped before they get here: what looks like a tag is the template's own.
_FETCHES = re.compile(
    r"<link\b[^>]*stylesheet[^>]*>|(?<=<style)(?![^>]*data-premailer)[^>]*>[^<]*@import[^;<]*",
    re.IGNORECASE,
)


def inlined(html: str, where: str) -> str:
    """The page with its CSS in style attributes, ended by a newline. Raises ConfigurationError,
    which names the template `where`, for CSS that would be fetched."""
    from premailer import Premailer  # 0.35 s, and only printing needs it

    if fetch := _FETCHES.search(html):
        raise ConfigurationError(
            f"{where}: {fetch[0][:60]!r} would be fetched while printing: write the CSS out"
        )
    # strip_important would break every media query.
    try:
        printed = Premailer(
            html,
            strip_important=False,
            allow_network=False,
            disable_validation=True,
            cssutils_logging_level=logging.CRITICAL,
        ).transform()
    except Exception as error:  # of a parser that got no page: an empty one, an XML declaration
        raise ConfigurationError(f"{where}: the CSS cannot be put into it: {error!r}") from error
    return ended(printed)


def ended(text: str) -> str:
    """The text with exactly one line's end at its end: a part must not end in a soft break."""
    return text.rstrip("\n") + "\n"
