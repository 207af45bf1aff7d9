"""A mail printed from segments is the mail printed whole, byte for byte."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.delivery.message import Letterhead, Personal, compose_message
from newsletter.editorial.editions import Listing
from newsletter.editorial.notes import foreword
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.ranking import standing
from newsletter.editorial.topics import Assignment, Catalogue, Topic
from newsletter.errors import ConfigurationError
from newsletter.rendering.loader import bundled_templates, environment, rendered
from newsletter.rendering.press import Press, ended, inlined
from newsletter.rendering.views import (
    EditionView,
    PaperView,
    ReaderView,
    SenderView,
    Variant,
    Words,
    long_date,
    paper_view,
    reader_view,
)
from subscribers.addresses import Address
from subscribers.model import Frequency, clean_name

NONCE = "0123456789abcdef"
CATALOGUE = Catalogue((Topic("a-b", "A & B <topic>", "It is a topic.", (), ("word",)),))
EDITION = EditionView(12, long_date(date(2026, 3, 13)))
SENDER = SenderView("Tom & Jerry's <Paper> Round", ("1 Example Street", "Tülln & Co."))
URL = "https://papers.example.org/unsubscribe/abcDEF_-0123456789"
VARIANTS = [
    Variant(frequency, named, empty)
    for frequency, named, empty in product(Frequency, (True, False), (True, False))
]

HOSTILE = [
    "O'Brien",
    "Tom & Jerry",
    "<script>alert('x')</script>",
    "</td></table>",
    '"quoted" \\ back',
    "{{ 7*7 }}{% raw %}${7}",
    "zqfedcba9876543210sreadernameqz",
    "zqsreasonqz <!-- comment -->",
    "=?utf-8?q?x=0d=0aBcc:_e?=",
    "Zoë 李小龍 مرحبا 👩‍🔬",
    ". leading dot",
    "From here to there",
    "a" * 300,
    "&amp;lt; &#39; &nbsp;",
    "tail ",
    "soft\u00adhyphen\u2028line",
]


def paper(number: int, title: str, abstract: str = "It is. So it was shown.") -> Paper:
    return Paper(
        id=PaperId.parse(f"2403.{number:05d}") or PaperId.of_title(title),
        title=title,
        abstract=abstract,
        authors=(title[:50], "B. Author"),
        categories=("cs.CV",),
        votes=number,
        code="https://github.com/example/a?b=1&c=2",
        ai_summary=title * (number % 2),
    )


def view(of: Paper, *, ai_summary: bool = True) -> PaperView:
    topics = (Assignment("a-b", 3, ("word",)),)
    listing = Listing(of, date(2026, 3, 13), topics, standing(of))
    return paper_view(listing, CATALOGUE, ai_summary=ai_summary)


def pressed(
    views: Mapping[PaperId, PaperView],
    operators: Path | None = None,
    edition: EditionView = EDITION,
    curator: str | None = "AK & friends",
) -> Press:
    return Press(operators, edition, SENDER, curator, lambda _: views, NONCE)


def whole(
    variant: Variant,
    reader: ReaderView,
    papers: Sequence[tuple[PaperView, str]],
    edition: EditionView = EDITION,
    curator: str | None = "AK & friends",
) -> tuple[str, str]:
    """(HTML, text) printed for one reader from beginning to end."""
    templates = environment(None)
    context = {
        "edition": edition,
        "sender": SENDER,
        "curator": curator,
        "variant": variant,
        "reader": reader,
        "papers": [
            replace(each, number=Words.plain(str(number)), reason=Words.plain(reason))
            for number, (each, reason) in enumerate(papers, 1)
        ],
    }
    html = inlined(rendered(templates, "email/digest/body.html", context))
    return html, ended(rendered(templates, "email/digest/body.txt", context))


def by_the_library(html: str, text: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP.clone(max_line_length=76))
    message["Subject"] = "x"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message


def decoded(octets: bytes) -> list[bytes]:
    message = message_from_bytes(octets, policy=policy.default)
    assert not message.defects
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert not any(part.defects for part in parts)
    return [part.get_payload(decode=True) for part in parts]  # type: ignore[misc]


def printed(press: Press, variant: Variant, reader: ReaderView, papers: list[tuple[PaperId, str]]):
    body = press.body(variant, reader, papers, with_html=True)
    head = Letterhead(
        "Paper Round", Address.parse("p@example.org"), None, "Paper Round", "example.org",
        "1:digest:x:abcdef", None, None,
    )  # fmt: skip
    personal = Personal(
        Address.parse("r@example.org"), "x", datetime(2026, 3, 13, tzinfo=UTC), URL, "t", "b",
        "0" * 32,
    )  # fmt: skip
    return compose_message(head, personal, body.text, body.html).as_bytes()


def assert_same(
    variant: Variant,
    name: str,
    papers: list[Paper],
    reasons: list[str],
    edition: EditionView = EDITION,
    curator: str | None = "AK & friends",
) -> None:
    views = {each.id: view(each) for each in papers}
    titles = tuple(str(views[each.id].title) for each in papers)
    reader = reader_view(name, titles, URL, URL.replace("unsubscribe", "preferences"))
    chosen = [(views[each.id], reason) for each, reason in zip(papers, reasons, strict=True)]
    expected = by_the_library(*whole(variant, reader, chosen, edition, curator)).as_bytes()
    ids = [(each.id, reason) for each, reason in zip(papers, reasons, strict=True)]
    press = pressed(views, None, edition, curator)
    assert decoded(printed(press, variant, reader, ids)) == decoded(expected)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_every_variant_is_the_mail_printed_whole(variant: Variant) -> None:
    count = 0 if variant.empty else 4
    papers = [paper(number, title) for number, title in enumerate(HOSTILE[:count], 1)]
    assert_same(variant, "Zoë" if variant.named else "", papers, HOSTILE[4 : 4 + count])


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_titles_and_reasons_change_nothing_but_themselves(hostile: str) -> None:
    variant = Variant(Frequency.DAILY, named=True, empty=False)
    name = clean_name(hostile)
    papers = [paper(1, hostile, hostile + " " + hostile), paper(2, "Plain")]
    assert_same(variant, name, papers, [f"Keyword: {name}", "You follow A & B"])


@pytest.mark.parametrize("curator", ["AK & friends", None])
@pytest.mark.parametrize("variant", VARIANTS[:4], ids=str)
def test_a_curators_note_is_printed_alike(variant: Variant, curator: str | None) -> None:
    note = foreword("\n\n".join(HOSTILE))
    papers = [] if variant.empty else [paper(1, "One"), paper(2, "Two")]
    reasons = [f"Curator's pick: {hostile}" for hostile in HOSTILE[2 : 2 + len(papers)]]
    name = "Zoë" if variant.named else ""
    assert_same(variant, name, papers, reasons, replace(EDITION, note=note), curator)


def test_a_note_is_escaped_paragraph_by_paragraph_and_signed() -> None:
    reader = reader_view("", (), URL, URL)
    edition = replace(EDITION, note="Is a < b & c?\n\n<b>No.</b>")
    variant = Variant(Frequency.DAILY, named=False, empty=True)
    html, text = whole(variant, reader, [], edition)
    paragraphs = re.findall(r'<p class="(?:note|signature)"[^>]*>(.*?)</p>', html)
    assert paragraphs == ["Is a &lt; b &amp; c?", "&lt;b&gt;No.&lt;/b&gt;", "— AK &amp; friends"]
    assert "\n\nIs a < b & c?\n\n<b>No.</b>\n\n— AK & friends\n\n---" in text
    for part in whole(variant, reader, [], edition, curator=None):
        assert "— " not in part.partition("No.")[2]


def test_an_ai_summary_is_printed_only_if_wanted_and_labelled_as_such() -> None:
    summary = r"A net of $\alpha$-folds & \emph{more} <b>folds</b>. " + "It folds again. " * 40
    kite = replace(paper(1, "Kites"), ai_summary=summary)
    reader = reader_view("", ("Kites",), URL, URL)
    variant = Variant(Frequency.DAILY, named=False, empty=False)
    html, text = whole(variant, reader, [(view(kite), "why")])
    assert "\n\n  AI summary" in text
    assert "AI summary, not by the authors: A net of α-folds &amp; more &lt;b&gt;folds" in html
    said = " ".join(text.split())
    assert "AI summary, not by the authors: A net of α-folds & more <b>folds</b>. It" in said
    assert len(str(view(kite).ai_summary)) <= 420
    for part in whole(variant, reader, [(view(kite, ai_summary=False), "why")]):
        assert "summary" not in part
    for part in whole(variant, reader, [(view(replace(kite, ai_summary=None)), "why")]):
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
    reader = reader_view("Ada", ("One", "Two"), URL, URL)
    variant = Variant(Frequency.DAILY, named=True, empty=False)
    ids = [(each.id, "You follow it") for each in papers]
    press = pressed(views)
    body = press.body(variant, reader, ids, with_html=False)
    assert body.html is None
    assert body.text == press.body(variant, reader, ids, with_html=True).text


def operators_template(folder: Path, name: str, old: str, new: str) -> Path:
    """The bundled template with one thing changed, in the operator's folder."""
    source = (bundled_templates() / "email/digest" / name).read_text("utf-8")
    assert old in source
    (folder / "email/digest").mkdir(parents=True)
    (folder / "email/digest" / name).write_text(source.replace(old, new, 1), "utf-8")
    return folder


def refusal(operators: Path) -> str:
    one = paper(1, "One")
    press = pressed({one.id: view(one)}, operators)
    reader = reader_view("Ada", ("One",), URL, URL)
    variant = Variant(Frequency.DAILY, named=True, empty=False)
    with pytest.raises(ConfigurationError) as refused:
        press.body(variant, reader, [(one.id, "why")], with_html=True)
    return str(refused.value)


def test_a_template_that_tests_a_personal_value_is_refused_by_file_and_line(tmp_path: Path) -> None:
    folder = operators_template(
        tmp_path, "body.txt", "{{ reader.count }}", "{% if reader.count %}x{% endif %}"
    )
    message = refusal(folder)
    assert "email/digest/body.txt:" in message
    assert "cannot be tested" in message


def test_a_template_that_filters_a_personal_value_is_refused(tmp_path: Path) -> None:
    folder = operators_template(
        tmp_path, "body.txt", "{{ reader.count }}", "{{ reader.count|upper }}"
    )
    assert "email/digest/body.txt: a personal value is changed" in refusal(folder)


def test_a_template_without_card_pieces_is_refused(tmp_path: Path) -> None:
    source = (bundled_templates() / "email/digest/body.txt").read_text("utf-8")
    bare = source.replace("{% filter card %}", "").replace("{% endfilter %}", "")
    (tmp_path / "email/digest").mkdir(parents=True)
    (tmp_path / "email/digest/body.txt").write_text(bare, "utf-8")
    assert "wrapped in {% filter card %}" in refusal(tmp_path)


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
        tmp_path, "body.txt", "{{ reader.count }}", "{{ papers|length }} papers"
    )
    assert "how many papers there are is personal" in refusal(folder)


def test_the_cache_of_cards_is_bounded_and_forgets_nothing_that_is_printed() -> None:
    papers = [paper(number, f"Paper {number}") for number in range(1, 8)]
    views = {each.id: view(each) for each in papers}
    reader = reader_view("", tuple(str(v.title) for v in views.values()), URL, URL)
    variant = Variant(Frequency.DAILY, named=False, empty=False)
    ids = [(each.id, "why") for each in papers]
    roomy, tight = pressed(views), pressed(views)
    tight._most_cards = 3
    for some in (ids, ids[:2], ids[::-1], ids[4:]):
        expected = roomy.body(variant, reader, some, with_html=True)
        assert tight.body(variant, reader, some, with_html=True) == expected
        assert len(tight._cards) <= max(3, len(some))


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
    variant = Variant(Frequency.DAILY, named=False, empty=False)
    reader = reader_view("", ("One", "Two", "Three"), URL, URL)
    with pytest.raises(ConfigurationError, match="must stand inside one"):
        press.body(variant, reader, [(each.id, "why") for each in papers], with_html=False)
    assert not press._cards


def test_angle_brackets_mean_nothing_in_the_text_part(tmp_path: Path) -> None:
    source = (bundled_templates() / "email/digest/body.txt").read_text("utf-8")
    (tmp_path / "email/digest").mkdir(parents=True)
    changed = source.replace("{% endfilter %}", "Why: {{ paper.reason }}\n{% endfilter %}", 1)
    (tmp_path / "email/digest/body.txt").write_text(changed, "utf-8")
    one = paper(1, "One", "We take p <q as given. It holds.")
    press = pressed({one.id: view(one)}, tmp_path)
    variant = Variant(Frequency.DAILY, named=False, empty=False)
    reader = reader_view("", ("One",), URL, URL)
    body = press.body(variant, reader, [(one.id, "a wish")], with_html=False)
    assert b"Why: =\r\na wish" in b"".join(body.text)
