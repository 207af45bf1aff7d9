"""What TeX's commands stand for in Unicode: symbols, accented letters, raised and lowered signs."""

import re
import unicodedata
from functools import lru_cache

from pylatexenc.latex2text import get_default_latex_context_db

FONTS = frozenset({
    "emph", "underline", "uline", "text", "textbf", "textit", "texttt", "textsc", "textsf",
    "textrm", "textsl", "textup", "textmd", "textnormal", "mbox", "hbox",
})  # fmt: skip
"""Commands that say their argument in another type."""

MATH_FONTS = frozenset({
    "mathrm", "mathbf", "mathit", "mathsf", "mathtt", "mathcal", "mathscr", "mathfrak",
    "mathbb", "mathop", "mathbin", "mathrel", "boldsymbol", "bm", "operatorname", "ensuremath",
})  # fmt: skip
"""The same for formulas."""

DECLARATIONS = frozenset({
    "em", "bf", "it", "rm", "tt", "sc", "sf", "sl", "bfseries", "itshape", "scshape", "slshape",
    "ttfamily", "rmfamily", "sffamily",
})  # fmt: skip
"""Commands that change the type of what follows in their group."""

LAYOUT = frozenset({
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "limits",
    "displaystyle",
})  # fmt: skip
"""Commands that only place signs within a formula."""

LETTERS = frozenset({
    "o", "O", "l", "L", "ss", "ae", "AE", "oe", "OE", "aa", "AA", "i", "j", "textmu",
})  # fmt: skip
"""Symbols that are letters of a word: the space after such a command ends its name."""

MATH_SIGNS = {",": " ", ";": " ", ":": " ", ">": " ", " ": " ", "\\": " ", "!": "", "|": "‖"}
"""What a backslash and one of these say in a formula."""

_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
_MATH_ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0305", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c",
}  # fmt: skip
ACCENTS = frozenset(_ACCENTS)
MATH_ACCENTS = frozenset(_MATH_ACCENTS)

_OWN = {
    "deg": "°",  # an operator's name in TeX, a degree in abstracts
    "prime": "′", "upmu": "μ", "textmu": "μ", "S": "§", "P": "¶", "quad": " ", "qquad": " ",
    "ie": "i.e.", "eg": "e.g.", "etal": "et al.",  # macros of a much used conference style
}  # fmt: skip
_BLACKBOARD = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))
_OPERAND = re.compile(r"[\w.%°′∞\x01-\x04]*(?:\([^()]*\))?")
_LOWERED = dict(
    zip(
        "0123456789+-=()aehijklmnoprstuvxβγρφχ",
        "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
        strict=True,
    )
)
_RAISED = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδφχ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᵠᵡ",
        strict=True,
    )
)


@lru_cache(maxsize=1024)
def symbol(name: str) -> str | None:
    """What the command of that name stands for by itself (`×` for `times`), or None."""
    if name in _OWN:
        return _OWN[name]
    known = get_default_latex_context_db().get_macro_spec(name)
    sign = known.simplify_repl if known else None
    # Longer ones are names (log, max) or no signs at all: <cit.>, today's date.
    plain = isinstance(sign, str) and sign.isprintable() and (len(sign) == 1 or sign.isalpha())
    return str(sign) if plain else None


def is_operator(sign: str) -> bool:
    """Whether it is one sign of Unicode's mathematical ones: ×, ≤, →."""
    return len(sign) == 1 and unicodedata.category(sign) == "Sm"


def accented(accent: str, letter: str) -> str | None:
    """The letter with TeX's accent of that name, or None where Unicode has no such letter."""
    joined = unicodedata.normalize("NFC", letter + _ACCENTS[accent])
    return joined if len(joined) == 1 else None


def hatted(accent: str, word: str) -> str:
    """A formula's sign under its accent; longer words stay without."""
    if len(word) != 1:
        return word
    return unicodedata.normalize("NFC", word + _MATH_ACCENTS[accent])


def blackboard(word: str) -> str:
    """ℝ for R and so on, as far as every font has them."""
    return _BLACKBOARD.get(word, word)


def fraction(over: str, under: str) -> str:
    """a/b on one line, with the brackets that a bar makes needless."""
    return f"{_operand(over)}/{_operand(under)}"


def root(word: str) -> str:
    """√x, √(x+1)."""
    return f"√{_operand(word)}"


def _operand(word: str) -> str:
    return word if _OPERAND.fullmatch(word) else f"({word})"


def script(word: str, *, raised: bool) -> str:
    """The word as superscript or subscript: x², x_(ij) where not every sign has such a form."""
    forms = _RAISED if raised else _LOWERED
    if all(sign in forms for sign in word):
        return "".join(forms[sign] for sign in word)
    mark = "^" if raised else "_"
    return f"{mark}{word}" if len(word) == 1 else f"{mark}({word})"
