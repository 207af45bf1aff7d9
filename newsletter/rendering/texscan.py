"""The segments of TeX in a text, and what each of them says."""

import re
from typing import NamedTuple

from newsletter.rendering import symbols, texrules

# Control characters that stand for the tags of scripts in what has been scanned. No text contains
# them, once the control characters that nobody wants in a mail are gone.
LOW, HIGH = "\x01{}\x02", "\x03{}\x04"

_HIGH_ALREADY = {"∘": "°", "°": "°", "′": "′", "†": "†", "‡": "‡"}
_DEPTH_LIMIT = 12  # braces within braces
_GROUPS = {
    "href": 2, "hyperlink": 2, "textcolor": 2, "texorpdfstring": 2, "frac": 2, "tfrac": 2,
    "dfrac": 2, "sqrt": 1, "url": 1, "cite": 1, "citep": 1, "citet": 1, "footnote": 1,
    "textsuperscript": 1, "textsubscript": 1,
}  # fmt: skip


class _Scope(NamedTuple):
    """Where what is being read ends, and what it is in."""

    end: int
    math: bool = False
    depth: int = 0

    def inner(self, end: int, *, math: bool) -> "_Scope":
        return _Scope(end, math, self.depth + 1)


_Said = tuple[str, int]
"""What a segment says, and where the source goes on after it."""


class Scan:
    """One pass over a source: `text` is what it says, `segments` are the start and end of each
    stretch that is converted or kept as one, TeX and URLs, in order.

    Takes time in proportion to the source, whatever stands in it.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._closes = texrules.partners(source)
        self._unquotes: set[int] = set()
        self.segments: list[tuple[int, int]] = []
        self.text = self._read(0, _Scope(len(source)))

    def _read(self, start: int, scope: _Scope) -> str:
        if scope.depth > _DEPTH_LIMIT:
            return self._source[start : scope.end]
        said: list[str] = []
        while mark := texrules.MARK.search(self._source, start, scope.end):
            begins = mark.start()
            before = self._source[start:begins]
            said.append(before.rstrip() if scope.math and mark["script"] else before)
            words, start = self._segment(mark, scope)
            said.append(words)
            if scope.depth == 0 and (mark["url"] or words != self._source[begins:start]):
                self.segments.append((begins, start))
        said.append(self._source[start : scope.end])
        return "".join(said)

    def _segment(self, mark: re.Match[str], scope: _Scope) -> _Said:
        match mark.lastgroup:
            case "url":
                return texrules.URL_ESCAPE.sub(r"\1", mark[0]), mark.end()
            case "command":
                found = self._command(mark[0][1:], mark.end(), scope)
            case "dollar":
                found = None if scope.math else self._formula(mark.start(), scope)
            case "brace":
                found = self._group(mark.start(), scope)
            case "script":
                found = self._script(mark.start(), scope)
            case _:
                found = self._punctuation(mark, scope)
        return found or (mark[0], mark.end())

    def _formula(self, begins: int, scope: _Scope) -> _Said | None:
        wide = self._source.startswith("$$", begins)
        opens = begins + wide
        closes = self._closes.get(opens, scope.end)
        then = closes + 1 + wide
        if then > scope.end or closes - opens > texrules.FORMULA_LIMIT:
            return None
        content = self._source[opens + 1 : closes]
        if wide:
            content = content.strip() if self._source.startswith("$$", closes) else ""
        before, after = self._source[max(0, begins - 1) : begins], self._source[then : then + 1]
        if not texrules.is_formula(content, before, after):
            return None
        words = self._read(opens + 1, scope.inner(closes, math=True))
        return words.strip() if wide else words, then

    def _group(self, begins: int, scope: _Scope) -> _Said | None:
        groups = self._groups(begins, 1, scope)
        if not groups:
            return None
        start, closes = groups[0]
        words = self._read(start, scope.inner(closes, math=scope.math))
        known = self._source[start] == "\\" and not words.startswith("\\")
        if scope.math or known or texrules.only_groups(self._source, begins, closes):
            return words, closes + 1
        return f"{{{words}}}", closes + 1

    def _groups(self, at: int, count: int, scope: _Scope) -> list[tuple[int, int]]:
        """Start and end of the contents of so many groups from here on, or nothing."""
        found = []
        for _ in range(count):
            at += self._source.startswith(" {", at)
            closes = self._closes.get(at, scope.end)
            if closes >= scope.end or self._source[at] != "{":
                return []
            found.append((at + 1, closes))
            at = closes + 1
        return found

    def _argument(self, at: int, scope: _Scope) -> _Said | None:
        """What a command or a script applies to: a group or, in a formula, one sign."""
        if groups := self._groups(at, 1, scope):
            start, closes = groups[0]
            return self._read(start, scope.inner(closes, math=scope.math)), closes + 1
        at += self._source.startswith(" ", at)
        sign = texrules.SIGN.match(self._source, at, scope.end)
        if not (scope.math and sign) or scope.depth > _DEPTH_LIMIT:
            return None
        return self._segment(sign, scope.inner(scope.end, math=True))

    def _script(self, begins: int, scope: _Scope) -> _Said | None:
        raised = self._source[begins] == "^"
        tag = HIGH if raised else LOW
        if scope.math or texrules.SCRIPT_OF_BASE.match(self._source, begins):
            argument = self._argument(begins + 1, scope._replace(math=True))
            if not argument:
                return None
            word = argument[0].strip()
            if raised and word in _HIGH_ALREADY:
                return _HIGH_ALREADY[word], argument[1]
            if word.startswith("\\") and not scope.math:  # an author's own command, perhaps code
                return self._source[begins : argument[1]], argument[1]
            return word and tag.format(word), argument[1]
        bare = texrules.BARE_HIGH.match(self._source, begins, scope.end)
        if not raised and begins:
            bare = texrules.BARE_LOW.match(self._source, begins - 1, scope.end)
        return (tag.format(bare[1]), bare.end()) if bare else None

    def _punctuation(self, mark: re.Match[str], scope: _Scope) -> _Said | None:
        match mark.lastgroup:
            case "tie" if scope.math or not texrules.NO_TIE.match(self._source, mark.start()):
                return " ", mark.end()
            case "dash" if not scope.math:
                return "–" if len(mark[0]) == 2 else "—", mark.end()
            case "unquote" if mark.start() in self._unquotes:
                return "”", mark.end()
            case "quote":
                found = texrules.UNQUOTED.search(self._source, mark.end(), scope.end)
                if found and found[0] != "``":
                    self._unquotes.add(found.start())
                    return "“", mark.end()
        return None

    def _command(self, name: str, then: int, scope: _Scope) -> _Said | None:
        if name in symbols.ACCENTS and not scope.math:
            return self._accent(name, then, scope)
        if not name.isalpha():
            return self._escape(name, then, scope)
        if name in _GROUPS:
            return self._with_groups(name, then, scope)
        if name in symbols.FONTS or name in symbols.MATH_FONTS:
            argument = self._argument(then, scope._replace(math=name in symbols.MATH_FONTS))
            if argument and name == "mathbb":
                return symbols.blackboard(argument[0]), argument[1]
            return argument
        if name in symbols.DECLARATIONS:
            return "", then + self._source.startswith(" ", then)
        return self._of_formula(name, then, scope) if scope.math else self._symbol(name, then)

    def _escape(self, sign: str, then: int, scope: _Scope) -> _Said | None:
        """A backslash and one sign that is no letter."""
        if sign in "%&_#${}":
            return sign, then
        if scope.math:
            said = symbols.MATH_SIGNS.get(sign)
            return None if said is None else (said, then)
        following = self._source[then : then + 1]
        match sign:
            case "(" | "[":
                return self._bracketed(")" if sign == "(" else "]", then, scope)
            case ",":
                return " ", then
            case " " if self._source[max(0, then - 3)] != " ":
                return " ", then
            case "-" if following.isalpha():
                return "", then
            case "\\" if following == " ":
                return "", then
        return None

    def _bracketed(self, closing: str, then: int, scope: _Scope) -> _Said | None:
        limit = min(scope.end, then + texrules.FORMULA_LIMIT)
        closes = self._source.find(f"\\{closing}", then, limit)
        content = self._source[then : max(closes, then)]
        if not set(content) & set("\\^_="):  # \[PRED\] is a bracket escaped for Markdown
            return None
        return self._read(then, scope.inner(closes, math=True)).strip(), closes + 2

    def _accent(self, accent: str, then: int, scope: _Scope) -> _Said | None:
        found = texrules.ACCENTED.match(self._source, then, scope.end)
        if not found:
            return None
        grouped, space, bare = found.groups()
        # \'e and \v s, but not \' e; \d and \b are more often code than a letter's dot and bar.
        if bare and (accent in "rdb" if accent.isalpha() else space):
            return None
        letter = symbols.accented(accent, (grouped or bare).lstrip("\\"))
        return (letter, found.end()) if letter else None

    def _with_groups(self, name: str, then: int, scope: _Scope) -> _Said | None:
        groups = self._groups(then, _GROUPS[name], scope)
        if not groups:
            return None
        first = texrules.URL_ESCAPE.sub(r"\1", self._source[slice(*groups[0])])
        said = [self._read(start, scope.inner(end, math=scope.math)) for start, end in groups]
        words = said[-1]
        match name:
            case "href" | "hyperlink" if words != first:
                words = f"{words} ({first})"
            case "url":
                words = first
            case "cite" | "citep" | "citet":
                words = f"[{first}]"
            case "footnote":
                words = f" ({words})"
            case "sqrt":
                words = symbols.root(words)
            case "frac" | "tfrac" | "dfrac":
                words = symbols.fraction(*said)
            case "textsuperscript" | "textsubscript":
                words = (HIGH if name == "textsuperscript" else LOW).format(words)
        return words, groups[-1][1] + 1

    def _of_formula(self, name: str, then: int, scope: _Scope) -> _Said | None:
        if name in symbols.LAYOUT:
            return "", then
        if name in {"kern", "mkern"} and (length := texrules.KERN.match(self._source, then)):
            return "", length.end() + self._source.startswith(" ", length.end())
        if name in symbols.MATH_ACCENTS:
            argument = self._argument(then, scope)
            return argument and (symbols.hatted(name, argument[0]), argument[1])
        said = self._symbol(name, then)
        if said and symbols.is_operator(said[0]) and self._source[then - len(name) - 2] != " ":
            # 2\times 1: the space that ends the name would stand on one side only
            return said[0], said[1] + self._source.startswith(" ", said[1])
        return said

    def _symbol(self, name: str, then: int) -> _Said | None:
        sign = symbols.symbol(name)
        if sign is None:
            return None
        if self._source.startswith("{}", then):
            return sign, then + 2
        return sign, then + (name in symbols.LETTERS and self._source.startswith(" ", then))
