"""Who the mails are from and who takes them, as the operator decides it: [sender] and [relay]."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from newsletter.source_settings import Section
from newsletter.values import THIS_MACHINE, DkimKeys, Host, Line, MailAddress

EXAMPLE_ADDRESS = "Paper Round, 1 Example Street, 12345 Exampletown"
"""The postal address that `newsletter init` writes."""


class SenderSettings(Section):
    """Who the mail is from."""

    name: Line = Field("Paper Round", description="The name readers see in their inbox.")
    address: MailAddress | None = Field(None, description="The From address. Required for sending.")
    postal_address: str | None = Field(
        None,
        description="Printed in the footer, as the law asks. Without it nothing is sent.",
    )
    reply_to: MailAddress | None = Field(
        None, description="Where answers go, if not to the sender."
    )
    list_id: Host | None = Field(
        None, description="The List-Id (RFC 2919); by default the host of base_url."
    )
    bounce_domain: Host | None = Field(
        None, description="Bounces go to <token>@this domain; by default to the sender's address."
    )
    unsubscribe_address: MailAddress | None = Field(
        None, description="A mailbox for unsubscribe requests, offered beside the one-click link."
    )

    @property
    def has_example_address(self) -> bool:
        """Whether the postal address is still the one that `newsletter init` wrote."""
        return " ".join((self.postal_address or "").split()) == EXAMPLE_ADDRESS


class RelaySettings(Section):
    """The SMTP server that takes the mail."""

    host: Line = Field("localhost", min_length=1, description="The SMTP server.")
    port: int = Field(587, ge=1, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="'starttls' and 'tls' verify the certificate; 'none' is for this machine only.",
    )
    username: str | None = Field(None, description="For SMTP AUTH, if the relay wants it.")
    password: SecretStr | None = Field(
        None, description="Better kept in the environment: NEWSLETTER_RELAY__PASSWORD."
    )
    connections: int = Field(4, ge=1, le=100, description="Open at the same time.")
    messages_per_connection: int | None = Field(
        None, ge=1, description="After so many a connection is closed and opened anew."
    )
    rate_per_second: float | None = Field(
        None, gt=0, description="Mails a second, over all connections."
    )
    per_domain: int | None = Field(
        None, ge=1, description="Mails on their way to one mail domain at the same time."
    )
    daily_cap: int | None = Field(
        None,
        ge=1,
        description="Mails in any 24 hours, for a sender that is not known yet; the others wait.",
    )
    timeout: float = Field(
        60,
        gt=0,
        le=3600,
        description="Seconds to wait for a reply (after the mail's end at least 600).",
    )
    retry_after: int = Field(
        900,
        ge=1,
        description="Seconds before a deferred mail is tried again; then twice as long each time.",
    )
    dkim_key: DkimKeys | None = Field(
        None,
        description="Signs every mail, as 'selector=path/to/key.pem', or several of these; by"
        " default the relay is to sign.",
    )

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine, where things are tried."""
        return self.host in THIS_MACHINE

    @model_validator(mode="after")
    def _password_is_hidden(self) -> Self:
        if self.username and self.security == "none" and not self.is_here:
            raise ValueError(
                "security = 'none' would send username and password in clear to another machine"
            )
        return self
