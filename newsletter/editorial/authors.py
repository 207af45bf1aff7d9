"""Whether a printed author is the one a reader follows."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuthorName:
    """A name folded for comparison: no accents, no case, no dots, family name apart."""

    family: str
    given: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> "AuthorName":
        """`Yann LeCun`, `Y. LeCun` and `LeCun, Yann` as families and given names."""
        bare = "".join(
            letter
            for letter in unicodedata.normalize("NFKD", name.casefold())
            if not unicodedata.combining(letter)
        )
        family, comma, given = bare.partition(",")
        if comma:
            words = (given + " " + family).replace(".", " ").split()
        else:
            words = bare.replace(".", " ").split()
        return cls(words[-1], tuple(words[:-1])) if words else cls("", ())

    def may_be(self, other: "AuthorName") -> bool:
        """True where family names agree and no given name contradicts: initials stand for names."""
        if not self.family or self.family != other.family:
            return False
        pairs = zip(self.given, other.given, strict=False)
        return all(a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]) for a, b in pairs)
