"""A mail printed from segments is the mail printed whole, byte for byte."""

import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.editorial.notes import foreword
from newsletter.errors import ConfigurationError
from newsletter.rendering.changes import ChangeView
from newsletter.rendering.kinds import (
    ADDRESS,
    CHANGED,
    CONFIRM,
    COPY,
    ERASE,
    GOODBYE,
    KINDS,
    MOVE,
    MOVED,
    WELCOME,
    ChangedView,
    ConfirmView,
    GoodbyeView,
    Kind,
    LinkView,
    MovedView,
    WelcomeView,
)
from newsletter.rendering.loader import bundled_templates
from newsletter.rendering.marks import CARD
from newsletter.rendering.printable import Words
from newsletter.rendering.views import Variant
from subscribers.model import Frequency, clean_name
from tests.rendering.both_ways import (
    DAILY,
    EDITION,
    HOSTILE,
    LOGO,
    LOOK,
    URL,
    assert_same,
    by_the_library,
    composed,
    context,
    decoded,
    paper,
    pressed,
    reader,
    view,
    whole,
)

VARIANTS = [
    Variant(frequency, named, empty, rest)
    for frequency, named, empty, rest in product(
        Frequency, (True, False), (True, False), (True, False)
    )
]
URLS = Words.plain(URL)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_every_variant_is_the_mail_printed_whole(variant: Variant) -> None:
    count = 0 if variant.empty else 4
    papers = [paper(number, title) for number, title in enumerate(HOSTILE[:count], 1)]
    rest = [paper(number, title) for number, title in enumerate(HOSTILE, 20)] * variant.rest
    assert_same(variant, "Zoë" if variant.named else "", papers, HOSTILE[4 : 4 + count], rest)


def notices(hostile: str) -> list[tuple[Kind, object]]:
    words = Words.folded(clean_name(hostile) or "x")
    return [
        (CONFIRM, ConfirmView(URLS, words)),
        (WELCOME, WelcomeView(words, words, words, URLS, URLS)),
        (CHANGED, ChangedView(words, words, URLS, URLS)),
        (GOODBYE, GoodbyeView(words, URLS)),
        (MOVE, LinkView(URLS, words)),
        (ADDRESS, LinkView(URLS, words)),
        (MOVED, MovedView(words, URLS)),
        (COPY, LinkView(URLS, words)),
        (ERASE, LinkView(URLS, words)),
    ]


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("hostile", HOSTILE[::3])
@pytest.mark.parametrize("place", range(9), ids=[kind.name for kind in KINDS[1:]])
def test_every_notice_is_the_notice_printed_whole(place: int, hostile: str, named: bool) -> None:
    kind, to = notices(hostile)[place]
    variant = Variant(named=named)
    change = ChangeView("Keywords", Words.plain(clean_name(hostile)), Words.plain("& so on"))
    begun = {"best": [view(paper(1, hostile))], "occasion": "at once"}
    for shared in (
        {**begun, "changes": [change, change]},
        {"edition": None, "best": [], "occasion": "first edition", "changes": []},
    ):
        seen = context() | shared
        body = pressed({}, None, seen, kind).body(variant, to)
        expected = by_the_library(*whole(variant, to, shared=seen, kind=kind))
        assert decoded(composed(body.text, body.html)) == decoded(expected)


def test_a_look_of_ones_own_is_printed_alike() -> None:
    look = replace(LOOK, accent="#123456", logo=LOGO)
    assert_same(DAILY, "", [paper(1, "One")], ["why"], shared=context(look=look))
    html, _ = whole(DAILY, reader(), shared=context(look=look))
    assert 'alt="Tom &amp; Jerry\'s &lt;Paper&gt; Round"' in html
    assert "solid #123456" in html


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_titles_and_reasons_change_nothing_but_themselves(hostile: str) -> None:
    variant = Variant(named=True, rest=True)
    name = clean_name(hostile)
    papers = [paper(1, hostile, hostile + " " + hostile), paper(2, "Plain")]
    assert_same(variant, name, papers, [f"Keyword: {name}", "You follow A & B"], papers[:1])


@pytest.mark.parametrize("curator", ["AK & friends", None])
@pytest.mark.parametrize("variant", VARIANTS[:4], ids=str)
def test_a_curators_note_is_printed_alike(variant: Variant, curator: str | None) -> None:
    note = foreword("\n\n".join(HOSTILE))
    papers = [] if variant.empty else [paper(1, "One"), paper(2, "Two")]
    reasons = [f"Curator's pick: {hostile}" for hostile in HOSTILE[2 : 2 + len(papers)]]
    name = "Zoë" if variant.named else ""
    shared = context(replace(EDITION, note=note), curator)
    rest = [paper(3, "Three")] * variant.rest
    assert_same(variant, name, papers, reasons, rest, shared)


def test_a_note_is_escaped_paragraph_by_paragraph_and_signed() -> None:
    edition = replace(EDITION, note="Is a < b & c?\n\n<b>No.</b>")
    variant = Variant(empty=True)
    html, text = whole(variant, reader(), shared=context(edition))
    paragraphs = re.findall(r'<p class="note"[^>]*>(.*?)</p>', html)
    assert paragraphs == ["Is a &lt; b &amp; c?", "&lt;b&gt;No.&lt;/b&gt;"]
    assert "A note from AK &amp; friends</h2>" in html
    assert "\n\nA note from AK & friends\n\nIs a < b & c?\n\n<b>No.</b>\n\n---" in text
    for part in whole(variant, reader(), shared=context(edition, None)):
        assert "A note from the curator" in part


def test_an_ai_summary_is_printed_only_if_wanted_and_labelled_as_such() -> None:
    summary = r"A net of $\alpha$-folds & \emph{more} <b>folds</b>. " + "It folds again. " * 40
    kite = replace(paper(1, "Kites"), ai_summary=summary)
    to = reader("", [view(kite)])
    html, text = whole(DAILY, to, [(view(kite), "why")])
    assert "\n\n  AI summary" in text
    assert "AI summary, not by the authors: A net of α-folds &amp; more &lt;b&gt;folds" in html
    said = " ".join(text.split())
    assert "AI summary, not by the authors: A net of α-folds & more <b>folds</b>. It" in said
    assert len(str(view(kite).ai_summary)) <= 420
    for part in whole(DAILY, to, [(view(kite, ai_summary=False), "why")]):
        assert "summary" not in part
    for part in whole(DAILY, to, [(view(replace(kite, ai_summary=None)), "why")]):
        assert "AI summary" not in part


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.text(max_size=40).map(clean_name).filter(bool),
    titles=st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=3),
    abstract=st.text(max_size=200),
)
def test_any_text_is_printed_alike(name: str, titles: list[str], abstract: str) -> None:
    papers = [paper(number, title, abstract) for number, title in enumerate(titles, 1)]
    reasons = [f"Keyword: {clean_name(title) or 'x'}" for title in titles]
    assert_same(Variant(Frequency.WEEKLY, named=True, empty=False), name, papers, reasons)


def test_a_text_only_mail_is_the_text_part() -> None:
    papers = [paper(1, "One"), paper(2, "Two")]
    views = {each.id: view(each) for each in papers}
    to, variant = reader("Ada", list(views.values())), Variant(named=True)
    ids = [(each.id, "You follow it") for each in papers]
    press = pressed(views)
    body = press.body(variant, to, ids, with_html=False)
    assert body.html is None
    assert body.text == press.body(variant, to, ids).text


def operators_template(folder: Path, name: str, old: str, new: str) -> Path:
    """The bundled template with one thing changed, in the operator's folder."""
    source = (bundled_templates() / "email/digest" / name).read_text("utf-8")
    assert old in source
    (folder / "email/digest").mkdir(parents=True)
    (folder / "email/digest" / name).write_text(source.replace(old, new, 1), "utf-8")
    return folder


def refusal(operators: Path) -> str:
    one = paper(1, "One")
    views = {one.id: view(one)}
    to, variant = reader("Ada", list(views.values())), Variant(named=True)

    def print_it() -> None:
        pressed(views, operators).body(variant, to, [(one.id, "why")])

    with pytest.raises(ConfigurationError) as refused:
        print_it()
    return str(refused.value)


def test_a_template_that_tests_a_personal_value_is_refused_by_file_and_line(tmp_path: Path) -> None:
    folder = operators_template(
        tmp_path, "body.txt", "{{ reader.inside }}", "{% if reader.inside %}x{% endif %}"
    )
    message = refusal(folder)
    assert "email/digest/body.txt:" in message
    assert "cannot be tested" in message


def test_a_template_that_filters_a_personal_value_is_refused(tmp_path: Path) -> None:
    folder = operators_template(
        tmp_path, "body.txt", "{{ reader.inside }}", "{{ reader.inside|upper }}"
    )
    assert "email/digest/body.txt: a personal value is changed" in refusal(folder)


def test_a_template_without_card_pieces_is_refused(tmp_path: Path) -> None:
    source = (bundled_templates() / "email/digest/body.txt").read_text("utf-8")
    bare = source.replace("{% filter card %}", "").replace("{% endfilter %}", "", 1)
    (tmp_path / "email/digest").mkdir(parents=True)
    (tmp_path / "email/digest/body.txt").write_text(bare, "utf-8")
    assert "inside {% filter card %}" in refusal(tmp_path)


def test_a_card_that_knows_its_place_in_the_loop_is_refused(tmp_path: Path) -> None:
    folder = operators_template(
        tmp_path, "body.txt", "{{ paper.number }}", "{{ paper.number }}{{ loop.index }}"
    )
    assert "must look alike" in refusal(folder)


def test_an_unknown_name_in_a_template_is_refused(tmp_path: Path) -> None:
    folder = operators_template(tmp_path, "body.html", "{{ edition.date }}", "{{ edition.dat }}")
    message = refusal(folder)
    assert "body.html:" in message
    assert "dat" in message


def test_a_broken_template_is_refused_by_file_and_line(tmp_path: Path) -> None:
    folder = operators_template(tmp_path, "body.txt", "{% endfor %}", "{% endfr %}")
    assert "body.txt:" in refusal(folder)


@pytest.mark.parametrize(
    "css",
    ['<style>@import "https://x.test/a.css";</style>', '<link rel="stylesheet" href="a.css">'],
)
def test_a_template_that_would_fetch_something_is_refused(tmp_path: Path, css: str) -> None:
    folder = tmp_path / "email"
    folder.mkdir()
    layout = (bundled_templates() / "email/_layout.html").read_text("utf-8")
    (folder / "_layout.html").write_text(layout.replace("</head>", css + "</head>"), "utf-8")
    assert "would be fetched" in refusal(tmp_path)


def test_a_template_that_counts_papers_is_refused(tmp_path: Path) -> None:
    folder = operators_template(
        tmp_path, "body.txt", "{{ reader.inside }}", "{{ papers|length }} papers"
    )
    assert "how many papers there are is personal" in refusal(folder)


def test_the_cache_of_cards_is_bounded_and_forgets_nothing_that_is_printed() -> None:
    papers = [paper(number, f"Paper {number}") for number in range(1, 8)]
    views = {each.id: view(each) for each in papers}
    to = reader("", list(views.values()))
    ids = [(each.id, "why") for each in papers]
    roomy, tight = pressed(views), pressed(views)
    tight._most_cards = 3
    for some in (ids, ids[:2], ids[::-1], ids[4:]):
        expected = roomy.body(DAILY, to, some)
        assert tight.body(DAILY, to, some) == expected
        assert len(tight._cards[CARD]) <= max(3, len(some))


def test_pieces_printed_ahead_are_those_that_are_printed_when_wanted() -> None:
    papers = [paper(number, f"100% of paper {number}") for number in range(1, 80)]
    views = {each.id: view(each) for each in papers}
    ids = [each.id for each in papers]
    early, late = pressed(views), pressed(views)
    early.ahead(ids, ids[:5])
    to = reader("", list(views.values()))
    for some in (ids[70:], ids[:2], ids[40:60:3]):
        mail = [(each, "why") for each in some]
        assert early.body(DAILY, to, mail) == late.body(DAILY, to, mail)


def test_a_subject_says_personal_words_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "email/digest").mkdir(parents=True)
    line = "100%  {{ reader.count }}\n for {{ reader.name }} %(count)s"
    (tmp_path / "email/digest/subject.txt").write_text(line, "utf-8")
    one = paper(1, "One")
    press = pressed({one.id: view(one)}, tmp_path)
    to = reader("Ada %d  & <Co>", [view(one)])
    assert press.subject(DAILY, to) == "100% 1 paper for Ada %d & <Co> %(count)s"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{% if reader.name %}For you{% endif %}", "a personal value cannot be tested"),
        ("For {{ reader.name|string|upper }}", "a personal value is changed by a filter"),
    ],
)
def test_a_subject_that_depends_on_what_is_personal_is_refused(
    tmp_path: Path, line: str, words: str
) -> None:
    (tmp_path / "email/digest").mkdir(parents=True)
    (tmp_path / "email/digest/subject.txt").write_text(line, "utf-8")
    press = pressed({}, tmp_path)
    with pytest.raises(ConfigurationError, match=rf"subject\.txt.*{words}"):
        press.subject(DAILY, reader("Ada", []))


@pytest.mark.parametrize("name", ["body.html", "body.txt"])
def test_a_template_that_lost_the_way_out_is_refused(tmp_path: Path, name: str) -> None:
    folder = operators_template(tmp_path, name, "{{ reader.unsubscribe_url }}", "https://x.test/")
    assert f"{name}: reader.unsubscribe_url is missing" in refusal(folder)


@pytest.mark.parametrize(
    "addition",
    [
        "{% if paper.code_url %}{% filter card %}{{ paper.code_url }}{% endfilter %}{% endif %}",
        "{% if paper.code_url %}Code: {{ paper.code_url }}{% endif %}",
    ],
    ids=["a second card", "words outside the card"],
)
def test_what_depends_on_a_paper_must_stand_in_its_one_card(tmp_path: Path, addition: str) -> None:
    source = (bundled_templates() / "email/digest/body.txt").read_text("utf-8")
    head, loop, rest = source.partition("{% endfilter %}\n")
    (tmp_path / "email/digest").mkdir(parents=True)
    changed = head + loop + addition + "\n" + rest
    (tmp_path / "email/digest/body.txt").write_text(changed, "utf-8")
    papers = [paper(1, "One"), paper(2, "Two"), replace(paper(3, "Three"), code=None)]
    press = pressed({each.id: view(each) for each in papers}, tmp_path)
    to = reader("", [view(each) for each in papers])
    with pytest.raises(ConfigurationError, match=r"stand inside|6 pieces|look alike"):
        press.body(DAILY, to, [(each.id, "why") for each in papers], with_html=False)
    assert not press._cards[CARD]


def test_angle_brackets_mean_nothing_in_the_text_part(tmp_path: Path) -> None:
    source = (bundled_templates() / "email/digest/body.txt").read_text("utf-8")
    (tmp_path / "email/digest").mkdir(parents=True)
    changed = source.replace("{% endfilter %}", "Why: {{ paper.reason }}\n{% endfilter %}", 1)
    (tmp_path / "email/digest/body.txt").write_text(changed, "utf-8")
    one = paper(1, "One", "We take p <q as given. It holds.")
    press = pressed({one.id: view(one)}, tmp_path)
    body = press.body(DAILY, reader("", [view(one)]), [(one.id, "a wish")], with_html=False)
    assert b"Why: =\r\na wish" in b"".join(body.text)


@pytest.mark.parametrize(
    "words",
    [
        "{% for paper in papers %}{{ paper.title }}{% endfor %}",
        "{{ papers|list|length }}",
        "{{ (papers|first).title }}",
        "{{ papers }}",
    ],
)
@pytest.mark.parametrize("part", ["body.html", "body.txt"])
def test_what_the_samples_say_reaches_no_reader(tmp_path: Path, part: str, words: str) -> None:
    folder = operators_template(tmp_path, part, "{{ reader.inside }}", words)
    message = refusal(folder)
    assert "inside {% filter card %}" in message or "personal" in message, message


@pytest.mark.parametrize(
    "words",
    [
        "{% if paper.code_url %}{{ loop.index }}{% endif %}",
        "{{ paper.number }} of {{ loop.length }}",
        "{% if paper.topics %}{% if variant.named %}x{% endif %}{% endif %}",
    ],
)
def test_a_card_depends_on_its_paper_alone(tmp_path: Path, words: str) -> None:
    folder = operators_template(tmp_path, "body.txt", "{{ paper.number }}", words)
    one = paper(1, "One")
    views = {one.id: view(one)}
    press = pressed(views, folder)

    def print_both() -> None:
        for named in (True, False):
            to = reader("Ada" * named, [views[one.id]])
            press.body(Variant(named=named), to, [(one.id, "why")])

    with pytest.raises(ConfigurationError, match=r"look alike|is personal"):
        print_both()


def test_a_design_without_a_list_of_the_rest_is_printed(tmp_path: Path) -> None:
    for part in ("body.html", "body.txt"):
        source = (bundled_templates() / "email/digest" / part).read_text("utf-8")
        start = source.index("{% for paper in rest %}")
        end = source.index("{% endfor %}", start) + len("{% endfor %}")
        own = tmp_path / "email/digest" / part
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(source[:start] + source[end:], "utf-8")
    one, two = paper(1, "One"), paper(2, "Two")
    press = pressed({one.id: view(one), two.id: view(two)}, tmp_path)
    body = press.body(Variant(rest=True), reader("", [view(one)]), [(one.id, "why")], [two.id])
    assert body.html is not None
    assert b"One" in b"".join(body.html)
    assert b"Two" not in b"".join(body.html)


@pytest.mark.parametrize(
    "source", ["", '<?xml version="1.0" encoding="UTF-8"?><p>x</p>', "{{ 1/0 }}", "{{ edition.x }}"]
)
def test_whatever_a_template_raises_is_its_fault_and_told_so(tmp_path: Path, source: str) -> None:
    own = tmp_path / "email/digest/body.html"
    own.parent.mkdir(parents=True)
    own.write_text(source, "utf-8")
    assert "body.html" in refusal(tmp_path)
    own.write_text('{% extends "email/digest/body.html" %}', "utf-8")
    assert "body.html" in refusal(tmp_path)


def test_a_folder_with_a_translation_alone_is_one_of_templates(tmp_path: Path) -> None:
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale/fr.po").write_text('msgid ""\nmsgstr ""\n', "utf-8")
    one = paper(1, "One")
    press = pressed({one.id: view(one)}, tmp_path)
    assert press.body(DAILY, reader("", [view(one)]), [(one.id, "why")]).html
