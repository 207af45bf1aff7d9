"""The texts that readers get to see, in whatever language: what the core asks for words."""

from typing import Protocol


class Texts(Protocol):
    """Gives the texts of one language for the English ones."""

    def gettext(self, message: str, /) -> str: ...

    def counted(self, one: str, many: str, count: int, /) -> str:
        """The form for this count, with the number in place of {n}."""
        ...


class _English:
    def gettext(self, message: str, /) -> str:
        return message

    def counted(self, one: str, many: str, count: int, /) -> str:
        return (one if count == 1 else many).format(n=f"{count:,}")


ENGLISH: Texts = _English()
"""The texts as they stand in the code."""
