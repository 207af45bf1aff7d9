"""Everything this program refuses to do, and why.

    NewsletterError               its `exit_code` is what the shell sees (sysexits.h)
    ├── WrongUse                  64  what was asked for cannot be done
    ├── ConfigurationError        78  settings, templates, topics: the operator mends a file
    ├── InputError                65  papers or subscribers that cannot be read
    ├── Temporary                 75  try again later: the next hourly run will
    │   ├── AnotherRun            75  a run is going on already
    │   ├── NotYet                75  the day's edition waits: for its hour, for a source
    │   ├── StoreUnavailable      69  the database does not answer
    │   ├── RelayUnavailable      69  the SMTP server does not answer
    │   └── SourceUnavailable     69  a source of papers does not answer
    └── Permanent                 70  trying again will not help
        ├── RelayRefused          77  the relay refuses us, not one recipient (AUTH, MAIL)
        └── TooManyRefusals       76  most recipients are refused: something is wrong with us

A message names what was wrong, where, and what to do about it.
"""

from typing import ClassVar


class NewsletterError(Exception):
    """Something an operator can read and act upon."""

    exit_code: ClassVar[int] = 70


class WrongUse(NewsletterError):
    """What was asked for cannot be done, whatever the files say."""

    exit_code = 64


class ConfigurationError(NewsletterError):
    """A setting, template or catalogue is wrong: the message names file, key and reason."""

    exit_code = 78


class InputError(NewsletterError):
    """A file of papers or subscribers had nothing usable in it."""

    exit_code = 65


class Temporary(NewsletterError):
    """It may work later; nothing is lost meanwhile."""

    exit_code = 75


class AnotherRun(Temporary):
    """A run is going on already; this one leaves."""


class NotYet(Temporary):
    """The day's edition waits: for its hour, or for a source that is late or fails."""


class StoreUnavailable(Temporary):
    """The database does not answer."""

    exit_code = 69


class RelayUnavailable(Temporary):
    """The SMTP relay does not answer."""

    exit_code = 69


class SourceUnavailable(Temporary):
    """A source of papers does not answer somebody who waits for it."""

    exit_code = 69


class Permanent(NewsletterError):
    """It will not work until somebody changes something."""


class RelayRefused(Permanent):
    """The relay refuses this sender: no recipient is to blame."""

    exit_code = 77


class TooManyRefusals(Permanent):
    """So many recipients were refused that something must be wrong with the sender or the list."""

    exit_code = 76
