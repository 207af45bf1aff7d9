"""The table's rows: every figure, the floor it must reach, and what six others reach.

The floors and the others' figures were measured once, on the same ten papers in their templates;
see "the mail in the inbox" among the project's facts.
"""

from dataclasses import dataclass, field

PEERS = ("Cerberus", "Ghost", "listmonk", "react-em.", "sanity", "zotero")


@dataclass(frozen=True, slots=True)
class Row:
    """A figure's name, who gives it, and what is asked of it; None asks nothing."""

    key: str
    judge: str
    label: str
    most: float | None = None
    least: float | None = None
    digits: int = 0
    peers: tuple[str, ...] = field(default=("",) * len(PEERS))

    @property
    def floor(self) -> str:
        if self.most is not None:
            return f"≤ {self.most:g}"
        return f"≥ {self.least:g}" if self.least is not None else ""

    def is_missed(self, value: float) -> bool:
        shown = round(value, self.digits)
        return (self.most is not None and shown > self.most) or (
            self.least is not None and shown < self.least
        )


def _peers(words: str) -> tuple[str, ...]:
    return tuple(word.replace("-.", "–") for word in words.split())


def _none(key: str, judge: str, label: str, peers: str = "") -> Row:
    """A row that counts faults: there must be none."""
    return Row(key, judge, label, most=0, peers=_peers(peers) if peers else ("",) * len(PEERS))


ROWS = (
    _none("mime", "mime", "MIME: defects"),
    Row("html", "mime", "HTML, kB", most=89.9, digits=1, peers=_peers("23 39 9 19 9 17")),
    Row("words", "mime", "words of the HTML in the text, %", least=95, digits=1),
    _none("links", "mime", "links that the text lacks"),
    Row("links-uneven", "mime", "  more often in one part"),
    Row(
        "spamassassin",
        "spamassassin",
        "SpamAssassin, without ALL_TRUSTED",
        most=-0.5,
        digits=1,
        peers=_peers("-0.3 -0.3 -1.0 -1.0 0.0 3.4"),
    ),
    _none("spamassassin-bad", "spamassassin", "  rules against it"),
    Row("rspamd", "rspamd", "rspamd", most=0, digits=2, peers=_peers("1.0 -0.2 -0.2 0.8 0.8 6.2")),
    _none("rspamd-bad", "rspamd", "  rules above 0.1"),
    _none("axe-light", "axe", "axe: violations, light", "2 2 3 2 3 13"),
    _none("axe-dark", "axe", "  dark"),
    _none("axe-stripped", "axe", "  without <style>"),
    Row("axe-light-unsure", "axe", "  undecided, light"),
    Row("axe-dark-unsure", "axe", "  undecided, dark"),
    Row("axe-stripped-unsure", "axe", "  undecided, without <style>"),
    _none("htmlcs-light", "htmlcs", "HTML_CodeSniffer: errors, light"),
    _none("htmlcs-dark", "htmlcs", "  dark"),
    _none("htmlcs-stripped", "htmlcs", "  without <style>"),
    Row("htmlcs-light-unsure", "htmlcs", "  warnings, light"),
    Row("htmlcs-dark-unsure", "htmlcs", "  warnings, dark"),
    Row("htmlcs-stripped-unsure", "htmlcs", "  warnings, without <style>"),
    _none("nu-structure", "nu", "Nu: structural errors", "4 0 0 1 2 11"),
    _none("nu-css", "nu", "  CSS errors"),
    Row("nu-odd", "nu", "  warnings"),
    Row("nu-old", "nu", "  attributes for Outlook"),
    Row(
        "caniemail",
        "caniemail",
        "caniemail: pairs that lack support",
        most=25,
        peers=_peers("64 64 37 22 11 21"),
    ),
    _none("caniemail-risky", "caniemail", "  risky features"),
    Row("caniemail-all", "caniemail", "  pairs of all 48 clients"),
    _none("overflow-320", "geometry", "overflow at 320, worst, px"),
    _none("overflow-360", "geometry", "  360"),
    _none("overflow-700", "geometry", "  700"),
    Row("overflow-1280", "geometry", "  1280"),
    _none("overflow-stripped", "geometry", "  360 without <style>", "0 0 270 0 0 0"),
    Row("overflow-unwrapped", "geometry", "  360 without overflow-wrap"),
    Row(
        "line",
        "geometry",
        "longest line in Outlook's 1280, px",
        most=640,
        peers=_peers("547 548 1219 1223 1211 1228"),
    ),
    Row("body", "geometry", "body's font, px", least=16, peers=_peers("17 16 15 16 12 14")),
    Row("smallest", "geometry", "smallest font, px", least=13, peers=_peers("12 13 12 13 12 14")),
    Row("links-alone", "geometry", "links that stand alone", peers=_peers("1 18 12 22 -. 10")),
    Row("links-24", "geometry", "  under 24 px high", peers=_peers("0 4 2 2 -. 0")),
    _none("links-44", "geometry", "  under 44 px high", "1 7 2 12 -. 10"),
    Row("links-reach", "geometry", "  under 44 px to a finger, at 360"),
    Row(
        "first",
        "geometry",
        "y of the first paper at 360",
        most=159,
        peers=_peers("-. 281 208 161 -. -."),
    ),
    Row("paper", "geometry", "px a paper at 360", most=390, peers=_peers("-. 437 390 440 -. -.")),
    Row("luminance-light", "dark", "luminance, light", peers=_peers("185 236 236 226 224 233")),
    Row("luminance-dark", "dark", "  dark", most=60, peers=_peers("67 236 236 226 224 233")),
    Row("luminance-forced", "dark", "  forced dark"),
    Row("luminance-bare", "dark", "  forced dark, without <style>"),
    Row("contrast-light", "dark", "least contrast in the picture, light", digits=1),
    Row("contrast-dark", "dark", "  dark", digits=1),
    Row("contrast-forced", "dark", "  forced dark", least=4.5, digits=1),
    Row("contrast-bare", "dark", "  forced dark, without <style>", least=4.5, digits=1),
)  # fmt: skip
