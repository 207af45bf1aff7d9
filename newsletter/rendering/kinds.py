"""The kinds of mails: each is a folder of templates, with what is personal in it."""

from dataclasses import dataclass, fields

from newsletter.rendering.printable import Printable
from newsletter.rendering.views import ReaderView


@dataclass(frozen=True, slots=True)
class ConfirmView:
    """The question whether she wants the mails. It says nothing that the one who asked for it
    wrote: that may have been anybody."""

    confirm_url: Printable
    deadline: Printable
    """Until when the link works: "Sunday, 15 March, 07:00 (Europe/Berlin)"."""


@dataclass(frozen=True, slots=True)
class WelcomeView:
    """The first mail of somebody who has just confirmed."""

    name: Printable
    wishes: Printable
    """What she asked for, in a sentence's part: "Robotics and Vision, every day at 7:00"."""
    first: Printable
    """When her first digest comes."""
    unsubscribe_url: Printable
    preferences_url: Printable


@dataclass(frozen=True, slots=True)
class ChangedView:
    """Word that something weighty in her preferences has changed."""

    name: Printable
    wishes: Printable
    unsubscribe_url: Printable
    preferences_url: Printable


@dataclass(frozen=True, slots=True)
class GoodbyeView:
    """The last mail."""

    name: Printable
    undo_url: Printable
    """Where she can take it back."""


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link that does one thing once and before a deadline, asked for on a page: as little of the
    one who asked stands in it as in ConfirmView."""

    errand_url: Printable
    deadline: Printable


@dataclass(frozen=True, slots=True)
class MovedView:
    """The last mail to an address that was changed for another."""

    name: Printable
    stop_url: Printable
    """Where she can stop them if it was not she. Not the one click of mail programs: tidying an old
    mailbox must not end what comes to the new one."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mail."""

    name: str
    """Of its folder among the templates."""
    view: type
    """What is personal in its frame."""
    way_out: str
    """The link without which a mail of this kind must not leave."""

    @property
    def subject(self) -> str:
        return f"email/{self.name}/subject.txt"

    @property
    def text(self) -> str:
        return f"email/{self.name}/body.txt"

    @property
    def html(self) -> str:
        return f"email/{self.name}/body.html"

    @property
    def personal(self) -> tuple[str, ...]:
        """The names of what is personal."""
        return tuple(field.name for field in fields(self.view))


DIGEST = Kind("digest", ReaderView, "unsubscribe_url")
CONFIRM = Kind("confirm", ConfirmView, "confirm_url")
WELCOME = Kind("welcome", WelcomeView, "unsubscribe_url")
CHANGED = Kind("changed", ChangedView, "unsubscribe_url")
GOODBYE = Kind("goodbye", GoodbyeView, "undo_url")
ADDRESS = Kind("address", LinkView, "errand_url")
MOVE = Kind("move", LinkView, "errand_url")
MOVED = Kind("moved", MovedView, "stop_url")
COPY = Kind("copy", LinkView, "errand_url")
ERASE = Kind("erase", LinkView, "errand_url")
KINDS = (DIGEST, CONFIRM, WELCOME, CHANGED, GOODBYE, MOVE, ADDRESS, MOVED, COPY, ERASE)
