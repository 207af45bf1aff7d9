"""TeX in titles, abstracts and names becomes readable, and nothing else changes."""

import gzip
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup
from pylatexenc.latex2text import get_default_latex_context_db

from newsletter.rendering.symbols import symbol
from newsletter.rendering.tex import to_html, to_text

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
PIECES = [
    *"{}$\\^_~`'\"%&#-<> aAx1.", "``", "''", "--", "$$", "{{", "}}", "\x00", "\u202e", "\ud800",
    "\\(", "\\)", "\\frac", "\\hat", "\\textbf", "\\href", "\\em", "\\'", "\\c", "\\alpha",
    "https://a.b/c_d",
]  # fmt: skip
soups = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
forbidden = re.compile("[\x00-\x1f\x7f-\xa0\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"{T}-net", "T-net"),
        (r"7T T_{2}^*-weighted", "7T T₂^*-weighted"),
        (r"3T T_2-weighted", "3T T₂-weighted"),
        (r"by 68\% (10\% even less)", "by 68% (10% even less)"),
        (r"from {\em parameter and retrieval} levels", "from parameter and retrieval levels"),
        (r"the L^2 difference", "the L² difference"),
        (r"BT^2: Backward", "BT²: Backward"),
        (r"Bias-transformation~(CDvG)", "Bias-transformation (CDvG)"),
        (r"M$^3$CAD and H$_2$O", "M³CAD and H₂O"),
        (r"$\alpha$ and $\ell_\infty$", "α and ℓ_∞"),
        (r"$10^{-4}$, $x_{ij}$, $x_{Q}$, $T^{8,9}$", "10⁻⁴, xᵢⱼ, x_Q, T^(8,9)"),
        (r"$x_{i_j}$", "x_(iⱼ)"),
        (r"1024$\times$1024, $2\times 1$, $a \times b$", "1024×1024, 2×1, a × b"),
        (r"$<$30W and $\approx$28k", "<30W and ≈28k"),
        (r"69.13$\pm$10.71% (59.30$\pm$10.13%)", "69.13±10.71% (59.30±10.13%)"),
        (r"$\frac{n+k}{2}$ and $\sqrt{x}$", "(n+k)/2 and √x"),
        (r"$\theta_{\text{old one}}$", "θ_(old one)"),
        (r"$25.72^\circ$ and 360{\deg}", "25.72° and 360°"),
        (r"$\mathbb{R}^n$, $\mathcal{O}(N)$", "ℝⁿ, O(N)"),
        (r"$$x^2$$ and $$ y $$", "x² and y"),
        (r"$\alpha$$\beta$", "αβ"),
        (r"\( \mathcal{N}(\mathbf{0}, 1) \)", "N(0, 1)"),
        (r"$\textbf{Deep Policy}~(\textbf{H$^{\mathbf{3}}$DP})$", "Deep Policy (H³DP)"),
        (r"\textbf{S}elf-\underline{\textbf{R}}eward", "Self-Reward"),
        (r"R\textsuperscript{2}-Bench", "R²-Bench"),
        (r"ROI\_Head, \$4 \& \#1", "ROI_Head, $4 & #1"),
        (r"82{,}115 tokens in 40\,cm, vs.\ here", "82,115 tokens in 40 cm, vs. here"),
        ("``quotes'' and ``these\"", "“quotes” and “these”"),
        ("80--100, word---word, one -- two", "80–100, word—word, one – two"),
        (r"\href{https://x.org/a_1}{https://x.org/a_1}", "https://x.org/a_1"),
        (r"\href{https://x.org/a\_1}{here}", "here (https://x.org/a_1)"),
        (r"https://x.org/e3nn\_U-Net.", "https://x.org/e3nn_U-Net."),
        (r"Liu~\cite{liu24}, code\footnote{https://x.org}", "Liu [liu24], code (https://x.org)"),
        (r"Erd{\H o}s, M{\"u}ller, Fran\c{c}ois, \v{S}\'{\i}ma", "Erdős, Müller, François, Šíma"),
        (r"{\L}ukasz S\o rensen, Do\~nana, na\"ive", "Łukasz Sørensen, Doñana, naïve"),
    ],
)
def test_tex_becomes_unicode(source: str, text: str) -> None:
    assert to_text(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "100% of 5 & 6",
        "$5 and $10 each, $5-$10, US$0.50, $5/$6, from US$ to C$",
        "between $5 (the low price) and what costs 7$",
        "C++, C#, a*b*c, f''(x), don't, 'one'",
        "tokens like <think> and </tool>",
        "{{ 7*7 }} {{x}} {% raw %} {0} {name} {name!r} ${x} #{x} %(x)s",
        '{"key": 1} in {a, b, c} and {2, 4, 6}',
        "snake_case __init__ same_as x_1.py Q4_K_M principle_A_c_command _x",
        "https://x.org/~me/a_1/b^2?c=$d&e={f}. www.x.org/~me_1 cs.x.edu/~foo",
        "about ~70% (~6x), 2~3 and x ~ p, x~N(0,1)",
        r"\model-1.3B, \textbf{, \foo{bar}, C:\temp\new, \d+\.\d*, (\n\n), \r{ho}, \[PRED\]",
        "stray } and { and $ and \\ and ` and '' and ``",
        "--option, checkout --x, <!-- no -->, - -- ---",
        "[^a] ^_^ 2^(WL) ** ^",
        "Größe, 深度学习。 “done” – α β²",
    ],
)
def test_what_only_looks_like_tex_stays(source: str) -> None:
    assert to_text(source) == source
    assert html.unescape(to_html(source)) == source


def test_html_has_scripts_as_tags_and_escapes_the_rest_as_lxml_does() -> None:
    source = r"""T_{2}^* <b>"it's"</b> & $x_{i_j} < 1$ &lt;"""
    assert to_html(source) == Markup(
        'T<sub>2</sub><sup>*</sup> &lt;b&gt;"it\'s"&lt;/b&gt; &amp;'
        " x<sub>i<sub>j</sub></sub> &lt; 1 &amp;lt;"
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a\x00b\ud800c", "a\ufffdb\ufffdc"),
        ("one\r\ntwo\tthree\x85four\u2028five\xa0six", "one  two three four five six"),
        ("\u202eevil\u202c \u2066x\u2069 \u200fy\u200e \ufeffz", "evil x y z"),
        ("\x01not\x02 \x03tags\x04 \x1b[31m\x7f", "not tags [31m"),
    ],
)
def test_signs_that_no_mail_may_carry_are_gone(source: str, text: str) -> None:
    assert to_text(source) == text
    assert to_html(source) == text


@given(st.one_of(st.text(st.characters(codec=None)), soups))
@example("{" * 3000 + "}" * 3000)
@example("$\\hat" * 500 + "$")
@example("x^{\\foo " * 200 + "}" * 200)
def test_any_string_is_read_and_comes_out_clean(source: str) -> None:
    text, markup = to_text(source), to_html(source)
    assert not forbidden.search(text)
    assert not forbidden.search(markup)
    tags = re.findall(r"<[^>]*>", markup)
    assert {*tags} <= {"<sub>", "</sub>", "<sup>", "</sup>"}
    assert not re.search(r"&(?!(?:amp|lt|gt);)|[<>]", re.sub(r"</?su[bp]>", "", markup))


@given(soups)
def test_html_and_text_say_the_same(source: str) -> None:
    words = re.sub(r"</?su[bp]>", "", to_html(source))
    assert sorted(re.findall("[A-Za-z]", html.unescape(words))) == sorted(
        re.findall("[A-Za-z]", _unscripted(to_text(source)))
    )


def _unscripted(text: str) -> str:
    raised, lowered = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴ", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
    plain = "abcdefghijklmnoprstuvwxyzABDEGH" + "aehijklmnoprstuvx"
    return text.translate(str.maketrans(raised + lowered, plain))


@given(st.text(st.characters(exclude_characters="\\${}^_~`'\"-", exclude_categories=["Cc", "Cs"])))
def test_reading_a_text_without_tex_again_changes_nothing(source: str) -> None:
    assert to_text(to_text(source)) == to_text(source)


@pytest.mark.parametrize(
    "piece", ["$", "{", "\\", "{A", "$a", "}$", "x_{", "\\(", "``", "https://."]
)
def test_a_hundred_kilobytes_of_marks_are_read(piece: str) -> None:
    source = piece * (100_000 // len(piece))
    assert len(to_text(source)) >= len(source) // 2


def test_symbols_are_never_layout_or_the_day_of_reading() -> None:
    assert [symbol(name) for name in ("times", "log", "ss")] == ["×", "log", "ß"]
    commands = get_default_latex_context_db().iter_macro_specs()
    said = {symbol(command.macroname) for command in commands} - {None, " "}
    assert len(said) > 500
    assert all(sign.isprintable() and sign == sign.strip() for sign in said if sign)
    assert symbol("today") is symbol("cite") is symbol("qwertz") is None


def _abstracts() -> Iterator[str]:
    for name in ("awkward", "day-2026-04-21"):
        with gzip.open(SHARED / f"arxiv/{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                paper = json.loads(line)
                yield paper.get("abstract") or paper["summary"]
    for line in (SHARED / "seed/trending-mar-13.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)["abstract"]
    for file in SHARED.glob("hf/*.json"):
        yield from (entry["paper"]["summary"] for entry in json.loads(file.read_text("utf-8")))


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not here")
def test_no_plain_word_of_a_real_abstract_is_lost() -> None:
    abstracts = [*_abstracts()]
    assert len(abstracts) > 900
    for abstract in abstracts:
        said = _unscripted(to_text(abstract))
        unmarked = re.sub(r"\\[A-Za-z]+|[^A-Za-z ]", " ", " ".join(abstract.split()))
        long_words = [word for word in unmarked.split() if len(word) > 4]
        missing = [word for word in long_words if word not in said]
        assert not missing, (missing, abstract)
        assert len(said) > 0.6 * len(abstract)
