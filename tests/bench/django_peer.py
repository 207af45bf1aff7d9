"""The mails as Django sends them: its templates, EmailMultiAlternatives, one connection that is
kept open: `python -m tests.bench.django_peer PORT COUNT` beside the file `layout.json`."""

import json
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template import Context, Engine, Template


def main(port: int, count: int) -> None:
    settings.configure(DEFAULT_CHARSET="utf-8", USE_I18N=False, USE_TZ=True)
    django.setup()
    layout = json.loads(Path("layout.json").read_text("utf-8"))
    engine = Engine()
    frames = {k: [engine.from_string(x) for x in v] for k, v in layout["frames"].items()}
    cards = {k: [engine.from_string(x) for x in v] for k, v in layout["cards"].items()}
    connection = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port
    )
    connection.open()
    for mail in layout["mails"][:count]:
        message = EmailMultiAlternatives(
            _subject(frames[mail["frame"]][2], mail),
            _part(1, mail, frames, cards, layout["entries"]),
            "Paper Round <papers@example.org>",
            [mail["to"]],
            headers={
                "List-Unsubscribe": f"<{mail['leaving']}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
            connection=connection,
        )
        message.attach_alternative(_part(0, mail, frames, cards, layout["entries"]), "text/html")
        message.send()
    connection.close()


def _subject(template: Template, mail: dict[str, Any]) -> str:
    return str(template.render(Context(mail["words"][1], autoescape=False)))


def _part(
    which: int,
    mail: dict[str, Any],
    frames: dict[str, list[Template]],
    cards: dict[str, list[Template]],
    entries: dict[str, list[str]],
) -> str:
    """The HTML (0) or the text (1)."""
    words, escaping = mail["words"][which], which == 0
    printed = [
        cards[paper][which].render(Context({**words, **own[which]}, autoescape=escaping))
        for paper, *own in mail["cards"]
    ]
    listed = "\n".join(entries[paper][which] for paper in mail["entries"])
    context = {**words, "cards": "\n".join(printed), "entries": listed}
    return str(frames[mail["frame"]][which].render(Context(context, autoescape=escaping)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
