"""Stationery: what every mail of one operator has in common, made of the settings."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newsletter.delivery.message import Leaving, Letterhead
from newsletter.errors import ConfigurationError
from newsletter.rendering.kinds import Kind
from newsletter.rendering.language import Language
from newsletter.rendering.loader import Templates, template_folders
from newsletter.rendering.look import Logo, Look
from newsletter.rendering.press import Press, Views
from newsletter.rendering.views import EditionView, SenderView
from newsletter.settings import Settings
from newsletter.store.editions import EditionSummary
from subscribers import links
from subscribers.errands import Invitation
from subscribers.links import Errand, Purpose

if TYPE_CHECKING:
    from newsletter.delivery.dkim import Signer

_EDITION_DIGITS = 8  # of the number behind a link to view a mail


@dataclass(frozen=True)
class Stationery:
    """Templates, language, look and keys. Each is looked up when it is first needed, and raises
    ConfigurationError where it is missing or wrong."""

    settings: Settings

    @cached_property
    def keys(self) -> tuple[bytes, ...]:
        return self.settings.signing_keys()

    @cached_property
    def language(self) -> Language:
        folders = template_folders(self.settings.templates_dir)
        return Language(self.settings.language, folders)

    @cached_property
    def templates(self) -> Templates:
        return Templates(self.settings.templates_dir, self.language)

    @cached_property
    def shared(self) -> dict[str, Any]:
        """What every template sees."""
        sender, look = self.settings.sender, self.settings.look
        logo = Logo(look.logo, look.logo_width, look.logo_height) if look.logo else None
        postal = tuple((sender.postal_address or "").strip().splitlines())
        return {
            "sender": SenderView(sender.name, postal),
            "curator": self.settings.curator,
            "look": Look(look.accent, look.link, logo),
        }

    @cached_property
    def signers(self) -> "tuple[Signer, ...]":
        """They sign for the domain of the From address: that is what DMARC asks for."""
        address, keys = self.settings.sender.address, self.settings.relay.dkim_key
        if address is None or keys is None:
            return ()
        from newsletter.delivery.dkim import read_signer  # 11 MB: most relays sign themselves

        return tuple(read_signer(address.domain, key.selector, key.path) for key in keys)

    def press(
        self, kind: Kind, occasion: str, own: Mapping[str, Any], views: Views = lambda _: {}
    ) -> Press:
        """The press of one kind of mail; templates see what is shared and its `own`."""
        longest = len(self.link("unsubscribe", Purpose.UNSUBSCRIBE, 0)) + _EDITION_DIGITS
        context = {**self.shared, **own}
        return Press(self.templates, kind, context, self._nonce(occasion), longest, views)

    def edition(self, edition: EditionSummary) -> EditionView:
        """The edition as templates see it."""
        date, url = self.language.date(edition.day), self.url("editions", edition.day.isoformat())
        return EditionView(edition.number, date, url, edition.note)

    def url(self, *path: str) -> str:
        """The address of a page; without base_url one that leads nowhere, for looking at."""
        return "/".join((self.settings.base_url or "https://example.invalid", *path))

    def link(self, page: str, purpose: Purpose, reader: int) -> str:
        """A page's address with a reader's token."""
        return self.url(page, links.mint(self.keys, purpose, reader))

    def once(self, page: str, errand: Errand, invitation: Invitation) -> str:
        """A page's address with the token of an errand."""
        token = links.mint_once(self.keys, errand, invitation.errand, invitation.until)
        return self.url(page, token)

    def leaving(self, reader: int) -> Leaving:
        token = links.mint(self.keys, Purpose.UNSUBSCRIBE, reader)
        return Leaving(self.url("unsubscribe", token), token)

    def bouncing(self, reader: int) -> str:
        """The token that a bounce of hers comes back with; "" where none is sent out."""
        if self.settings.sender.bounce_domain is None:
            return ""
        return links.mint(self.keys, Purpose.BOUNCE, reader)

    def letterhead(self, kind: Kind, occasion: str) -> Letterhead:
        """Raises ConfigurationError where a setting is missing without which no mail may leave;
        CAN-SPAM and its kin ask for a postal address in every such mail."""
        sender, base_url = self.settings.sender, self.settings.base_url
        if sender.address is None:
            raise ConfigurationError(_missing("sender.address", "the mail needs a From address"))
        if not (sender.postal_address or "").strip():
            raise ConfigurationError(
                _missing("sender.postal_address", "the law asks for one in every such mail")
            )
        if sender.has_example_address and not self.settings.relay.is_here:
            raise ConfigurationError(
                "sender.postal_address is still the example that 'newsletter init' wrote, and the"
                " law asks for yours in every such mail: put it into newsletter.toml; nothing was"
                " sent"
            )
        if base_url is None:
            raise ConfigurationError(_missing("base_url", "links in the mail begin with it"))
        list_id = sender.list_id or urlsplit(base_url).hostname or ""
        return Letterhead(
            from_name=sender.name,
            from_address=sender.address,
            reply_to=sender.reply_to,
            list_name=sender.name,
            list_id=list_id,
            feedback_id=f"{occasion}:{kind.name}:paper-round:{_sender_id(list_id)}",
            unsubscribe_address=sender.unsubscribe_address,
            bounce_domain=sender.bounce_domain,
            signers=self.signers,
        )

    def _nonce(self, occasion: str) -> str:
        """For the press's mark words: unguessable, and the same on every machine."""
        return hmac.new(self.keys[0], f"marks {occasion}".encode(), hashlib.sha256).hexdigest()[:16]


def _missing(key: str, why: str) -> str:
    return f"{key} is not set, and {why}: set it in newsletter.toml; nothing was sent"


def _sender_id(list_id: str) -> str:
    """Gmail's Feedback-ID wants 5 to 15 characters that stay the same for ever."""
    return hashlib.sha256(list_id.encode()).hexdigest()[:12]
