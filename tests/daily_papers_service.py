"""Hugging Face's daily papers on this machine: people put forward what arXiv announced a list or
two before, and the votes grow from day to day."""

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from tests.arxiv_service import Calendar, Work
from tests.services import Asked, Reply

DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


class DailyPapersService:
    """Answers as of `now`, which the test sets."""

    def __init__(self, works: Sequence[Work], calendar: Calendar, a_day: int) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.lists: dict[date, list[tuple[datetime, Work]]] = defaultdict(list)
        """By day, each paper with the moment from which it stands there."""
        self._base: dict[str, int] = {}
        chance = random.Random(2021)
        fresh: dict[date, list[Work]] = defaultdict(list)
        for work in works:
            fresh[work.announced[work.primary]].append(work)
        for before, last, day in zip(
            calendar.lists, calendar.lists[1:], calendar.lists[2:], strict=False
        ):
            # Until the next list comes, people put forward what the last two lists held.
            until = calendar.after(day)
            while day < until:
                if day.weekday() != _SATURDAY:
                    choice = [x for x in fresh[before] + fresh[last] if x.number not in self._base]
                    count = 1 if day.weekday() == _SUNDAY else a_day
                    chosen = chance.sample(choice, min(count, len(choice)))
                    self._put_forward(day, chosen, chance)
                day += DAY

    def _put_forward(self, day: date, works: Sequence[Work], chance: random.Random) -> None:
        if day.weekday() == 0:
            # What somebody put forward on Sunday stands in Monday's list, too.
            self.lists[day] += self.lists.get(day - DAY, [])
        for place, work in enumerate(works):
            at = datetime.combine(day, time(15 if place % 2 else 2), UTC)
            self.lists[day].append((at, work))
            self._base[work.number] = chance.randrange(40)

    def votes(self, number: str, day: date) -> int | None:
        """What everybody has given to a paper by this day, None where nobody put it forward."""
        base = self._base.get(number)
        return None if base is None else base + 3 * (day - date(2026, 1, 1)).days

    def list_of(self, day: date, now: datetime) -> list[Work]:
        """The papers of a day's list as it stands at a moment."""
        return [work for at, work in self.lists.get(day, []) if at <= now]

    def __call__(self, asked: Asked) -> Reply | None:
        if asked.path != "/hf/api/daily_papers":
            return None
        if asked.query.get("sort") == "trending":
            days = [self.now.date() - back * DAY for back in range(7)]
            found = {w.number: (day, w) for day in days for w in self.list_of(day, self.now)}
            items = list(found.values())[:10]
        else:
            day = date.fromisoformat(asked.query["date"])
            items = [(day, work) for work in self.list_of(day, self.now)]
        return Reply(json.dumps([self._item(*one) for one in items]).encode())

    def _item(self, day: date, work: Work) -> dict[str, object]:
        return {
            "paper": {
                "id": work.number,
                "title": work.title,
                "summary": work.abstract,
                "authors": [{"name": name} for name in work.authors],
                "publishedAt": work.submitted.isoformat(),
                "submittedOnDailyAt": f"{day}T00:00:00.000Z",
                "upvotes": self.votes(work.number, self.now.date()),
            },
            "publishedAt": work.submitted.isoformat(),
            "title": work.title,
            "summary": work.abstract,
            "numComments": 1,
        }
