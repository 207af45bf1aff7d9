"""From printed pieces to the relay: the message, SMTP, and what a reply means."""
