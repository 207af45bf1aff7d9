"""What counts as TeX in running text, and what only looks like it."""

import re

MARK = re.compile(
    r"""(?P<url>(?:https?|ftp)://
        (?:[^\s{}<>"$\\`]|\$(?=\w)|\\[_%&\#~$]|\{[^\s{}$\\]*\})+(?<![.,;:!?'")\]]))
    | (?P<command>\\(?:[A-Za-z]+|.)) | (?P<dollar>\$) | (?P<brace>\{) | (?P<script>[_^])
    | (?P<quote>(?<!`)``(?!`)) | (?P<unquote>''|")
    | (?P<tie>(?<=[\wÀ-ɏ.,;:)\]}%$*-])~(?=[\wÀ-ɏ\\($\[{-]))
    | (?P<dash>(?<=[\w)\]}%$.'"])-{2,3}(?=[\w(\[{$\\`"'])
        | (?<=[\w)\]}%$.,'"]\s)-{2,3}(?=\s[\w(\[{$\\`"']))""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
"""Where a segment may begin; how far it reaches depends on its kind, the name of the group."""

SIGN = re.compile(r"(?P<command>\\(?:[A-Za-z]+|.))|[^\s\\{}$_^]", re.DOTALL)
"""In a formula, what a script or a command without braces applies to."""

UNQUOTED = re.compile(r"``|''|(?<!\\)\"")
"""What ends a quotation, or shows that another one begins first."""

NO_TIE = re.compile(r"(?<=\d)~\d|(?<=[\s(][A-Za-z])~")
"""A tilde that joins no words: a range, 2~3, and a distribution, x~N(0,1)."""

URL_ESCAPE = re.compile(r"\\([_%&#~$])")
ACCENTED = re.compile(r" ?\{ ?([^\W\d_]|\\[ij]) ?\}|( ?)([^\W\d_]|\\[ij](?![A-Za-z]))")
KERN = re.compile(r" ?-?[\d.]+(?:mu|em|ex|pt)")

# The base is one letter, so that snake_case, file_1.py and Q4_K_M stay.
BARE_LOW = re.compile(r"(?<![\w./\\])[^\W\d_]_(\d{1,2}|[^\W\d_])(?![\w/]|\.\w)")
BARE_HIGH = re.compile(r"(?<=[\w)\]}])\^([+-]?\d+|\*(?![\w*])|[^\W\d_](?!\w))")
SCRIPT_OF_BASE = re.compile(r"(?<=[\w)\]}$'*])[_^](?:\{(?!\{)|\\[a-z])")

FORMULA_LIMIT = 500
"""Characters between two dollars: the longest of 1,300 formulas in real abstracts has 133."""

_PAIRED = re.compile(r"\\.|[{}$]", re.DOTALL)
_GROUPED = re.compile(r"[^\W\d_]|(?=[^{}]*[A-Z])\w(?:[\w .'’+/-]{0,200}[\w.+])?")
_DIGIT_GROUP = re.compile(r"(?<=\d)\{[,.]\}(?=\d)")
_WORDS_OF_FORMULA = re.compile(
    r"\\(?:text\w*|emph|mathrm|mbox|operatorname)\s?\{[^{}]*\}|\\m?kern\S*|\\[A-Za-z]+"
)
_PROSE = re.compile(r"[A-Za-z]{2,}[,;:.)]*\s+\(?[A-Za-z]{2,}")
_LONE_SIGN = re.compile(r"[<>=~+*/±×≈≤≥−-]+")
_SIDE_BY_SIDE = re.compile(r"[^\s=<>+*/≤≥≈∈×±−,-]\s+[^\s=<>+*/≤≥≈∈×±−-]")
_FORMULA_ENDS = re.compile(r"[<>~≈≤≥±−+-]?[\w(|\[](?:.*[\w)|\]%!'])?", re.DOTALL)


def partners(source: str) -> dict[int, int]:
    """Where each brace closes, and for each dollar the next one within the same braces."""
    found: dict[int, int] = {}
    opened: list[int] = []
    dollars: list[int | None] = [None]
    for sign in _PAIRED.finditer(source):
        at = sign.start()
        match sign[0]:
            case "{":
                opened.append(at)
                dollars.append(None)
            case "}" if opened:
                found[opened.pop()] = at
                dollars.pop()
            case "$":
                if (before := dollars[-1]) is not None:
                    found[before] = at
                dollars[-1] = at
    return found


def is_formula(content: str, before: str, after: str) -> bool:
    """Whether dollars around the content mean TeX, given the characters beside them.

    Pandoc's rule (no space inside the dollars, no digit after them) and more: what stands between
    two prices is prose.
    """
    if not content or content[0].isspace() or content[-1].isspace():
        return False
    if set(content) & set("\\^_{"):
        price = after.isdigit() and "\\" not in content
        return not (price or _PROSE.search(_WORDS_OF_FORMULA.sub("", content)))
    if _LONE_SIGN.fullmatch(content):
        return True
    if after.isdigit() or (before.isalnum() and content[0].isdigit()):
        return False
    return bool(_FORMULA_ENDS.fullmatch(content)) and not _SIDE_BY_SIDE.search(content)


def only_groups(source: str, opens: int, closes: int) -> bool:
    """Whether these braces of running text only group, as in {T}-net, {BERT} and 82{,}115. A set,
    JSON, {0}, {name} and a template's marks do not."""
    beside = source[max(0, opens - 1) : opens] + source[closes + 1 : closes + 2]
    if set(beside) & set("{}$#%@"):
        return False
    word = _GROUPED.fullmatch(source, opens + 1, closes) or _DIGIT_GROUP.match(source, opens)
    return word is not None
