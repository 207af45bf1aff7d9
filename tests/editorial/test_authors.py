import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial import authors
from newsletter.editorial.authors import AuthorName


def same(one: str, other: str) -> bool:
    return AuthorName.of(one).may_be(AuthorName.of(other))


@pytest.mark.parametrize(
    ("followed", "printed"),
    [
        ("Yann LeCun", "Yann LeCun"),
        ("Yann LeCun", "yann lecun"),
        ("Yann LeCun", "Y. LeCun"),
        ("Yann LeCun", "Y LeCun"),
        ("Y. LeCun", "Yann LeCun"),
        ("LeCun, Yann", "Yann LeCun"),
        ("LeCun, Y.", "Yann LeCun"),
        ("LeCun", "Yann LeCun"),
        ("Geoffrey Hinton", "Geoffrey E. Hinton"),
        ("G. E. Hinton", "Geoffrey Hinton"),
        ("G.E. Hinton", "Geoffrey Everest Hinton"),
        ("Jürgen Schmidhuber", "Jurgen Schmidhuber"),
        ("Ju\u0308rgen Schmidhuber", "Jürgen Schmidhuber"),
        ("J. Schmidhuber", "Jürgen  Schmidhuber "),
        ("Élise Strauß", "E. Strauss"),
        ("É. Strauss", "Elise Strauss"),
        ("Laurens van der Maaten", "van der Maaten, Laurens"),
        ("Дмитрий Петров", "Д. Петров"),
        ("李明", "李明"),
    ],
)
def test_initials_accents_and_order_make_no_other_person(followed: str, printed: str) -> None:
    assert same(followed, printed)
    assert same(printed, followed)


# Each line holds printed forms of one name, any two of which may be the same person.
PRINTED = """
John R. Smith | J. R. Smith | J.R. Smith | JR Smith | John R Smith | Smith, John R. |
  Smith, J. R. | Smith, JR
John Smith, Jr. | John Smith Jr | Smith, John, Jr. | Smith, Jr., John | Smith Jr., John |
  John Smith | JOHN SMITH JR.
John Smith III | John Smith, III | Smith III, John | J. Smith | Smith, J.
Jean-Luc Picard | Jean Luc Picard | J.-L. Picard | J-L Picard | J. L. Picard | JL Picard |
  J. Picard | PICARD, JEAN-LUC
Min-Joon Kim | Min Joon Kim | MinJoon Kim | Minjoon Kim | M.-J. Kim | M. Kim | Min‐Joon Kim
Laurens van der Maaten | L. van der Maaten | Maaten, Laurens van der | Laurens Maaten |
  LAURENS VAN DER MAATEN | L. J. P. van der Maaten
Luc Van Gool | Van Gool, Luc | L. Van Gool | Luc van Gool | Luc Gool | LUC VAN GOOL | luc van gool
Rami Al-Rfou | Rami Al-Rfou' | Rami al-Rfou | R. Al Rfou | Rami Rfou | Al-Rfou, Rami |
  RAMI AL-RFOU
Carl von Linné | Carl Linne | von Linné, Carl | C. v. Linné
Juan de la Cruz | de la Cruz, Juan | J. Cruz | De La Cruz, J.
Gerard 't Hooft | 't Hooft, Gerard | G. ’t Hooft | Gerard Hooft | G. 't Hooft
Gabriel García Márquez | García Márquez, Gabriel | Gabriel García-Márquez | G. Garcia Marquez |
  Garcia-Marquez, G.
José Ortega y Gasset | José Ortega-Gasset | Ortega y Gasset, J. | Ortega Gasset, José
Shai Ben-David | Shai Ben David | Ben-David, Shai | S. Ben-David | Ben David, S.
Anna B. Garcia Lopez | Anna Garcia Lopez | Garcia-Lopez, A.
Łukasz Kaiser | Lukasz Kaiser | Ł. Kaiser | KAISER, ŁUKASZ
Søren Ødegård | Soren Odegard | Ødegård, Søren
Đorđe Ħal | Dorde Hal | Đ. Ħal
Þóra Guðmundsdóttir | Thora Gudmundsdottir | Þ. Gudmundsdottir | ÞÓRA GUÐMUNDSDÓTTIR
Æsa Œuvrard | Aesa Oeuvrard | Æ. Œuvrard
İbrahim Işık | Ibrahim Isik | ibrahim ışık | İ. IŞIK
Karl-Günter Groß | Karl Gunter Gross | K. G. GROSS
Conan O'Brien | Conan O’Brien | Conan OBrien | O'Brien, C. | CONAN O'BRIEN
William (Bill) Gates | William Gates | William "Bill" Gates | W. Gates
Yu. Ivanov | Yuri Ivanov | Y. Ivanov
Md. Milon Islam | MD Milon Islam | Md Milon Islam
Weinan E | E, Weinan | W. E
李明 | 李 明 | 明 李 | 李明 (Ming)
李明 | 李·明 | 李　明
김철수 | 김 철수 | 철수 김
さくら 田中 | 田中 さくら | 田中さくら
Ming Li | Ming Li (李明) | Ming Li 李明
ジョン・スミス | スミス・ジョン | ジョンスミス
Plato | PLATO | plato
அருண் குமார் | அருண்  குமார்
"""


def forms() -> list[tuple[str, str]]:
    whole = PRINTED.replace(" |\n ", " |")
    lines = [line.split(" | ") for line in whole.strip().splitlines()]
    return [pair for line in lines for pair in itertools.combinations(line, 2)]


@pytest.mark.parametrize(("followed", "printed"), forms())
def test_one_name_is_known_in_every_printed_form(followed: str, printed: str) -> None:
    assert same(followed, printed)
    assert same(printed, followed)


@pytest.mark.parametrize(
    ("followed", "printed"),
    [
        ("Yann LeCun", "Yoann LeCun"),
        ("Yann LeCun", "J. LeCun"),
        ("Yann LeCun", "Yann Le"),
        ("Yann LeCun", "LeCun Yann"),
        ("Geoffrey E. Hinton", "Geoffrey F. Hinton"),
        ("Geoffrey Hinton", "E. Hinton"),
        ("Ya LeCun", "Yann LeCun"),
        ("Li", "Lin"),
        ("", ""),
        (".", "Yann LeCun"),
        (",", ","),
        ("John Smith Jr.", "John Smith Sr."),
        ("John Smith III", "John Smith Jr."),
        ("J. R. Smith", "John Q. Smith"),
        ("JR Smith", "Robert Smith"),
        ("Smith, JR", "Peter Smith"),
        ("Jean-Luc Picard", "Jean Picard"),
        ("Jean-Luc Picard", "Jean-Marc Picard"),
        ("Jean Luc-Picard", "Jean-Luc Picard"),
        ("Xiao-Ming Li", "Xiao Li"),
        ("Anna Smith-Jones", "Anna Jones"),
        ("Smith Jones, Anna", "Anna Jones"),
        ("García Márquez, Gabriel", "Gabriel García"),
        ("Xue Li", "Xu Li"),
        ("Wei Xue", "Wei Xu"),
        ("Xiao Di Wang", "Xiao Ming Wang"),
        ("Di Wang", "Mei Wang"),
        ("Van Nguyen", "Duc Nguyen"),
        ("BO LI", "Bob Li"),
        ("MIN LEE", "Mark Lee"),
        ("Shai Ben-David", "Shai David"),
        ("John Y Smith", "John E Smith"),
        ("john y smith", "john e smith"),
        ("Naomasa Ii", "Naomasa Li"),
        ("Wei Li", "Wei LiYang"),
        ("明李", "李明"),
        ("李明", "李明明"),
        ("김철수", "김철"),
        ("が", "か"),
        ("Yu. Ivanov", "Igor Ivanov"),
    ],
)
def test_another_family_or_given_name_is_another_person(followed: str, printed: str) -> None:
    assert not same(followed, printed)
    assert not same(printed, followed)


@given(st.text(), st.text())
def test_any_two_names_compare_the_same_both_ways(one: str, other: str) -> None:
    assert same(one, other) == same(other, one)
    assert same(one, one) == bool(AuthorName.of(one).family)


_MARKS = st.text("aAbBJR .,-'()ŁøßÞé李明김ー", max_size=14)


@given(_MARKS, _MARKS)
def test_whoever_may_be_the_same_is_found_under_one_family(one: str, other: str) -> None:
    first, second = AuthorName.of(one), AuthorName.of(other)
    assert first.may_be(second) == second.may_be(first)
    assert first.may_be(first) == bool(first.family)
    if first.may_be(second):
        assert first.family == second.family


_GIVEN = st.sampled_from("Ada Björn Łukasz İpek Jean Øystein Thomas Wei Đorđe Zoë Ærik".split())
_FAMILIES = ["Gödel", "Kowalski", "Łoś", "Nuñez", "Ødegård", "O'Neill", "Strauß", "Svensson", "Wu"]
_FAMILY = st.sampled_from(_FAMILIES)
_PARTICLE = st.sampled_from(["", "", "van", "de la", "von", "bin"])


@st.composite
def people(draw: st.DrawFn, family: str | None = None) -> tuple[tuple[str, ...], str, str]:
    """Given names, of which one may be two words, a particle or "", and a family name."""
    called = tuple(draw(st.lists(_GIVEN, min_size=1, max_size=3)))
    names = (family,) if family else tuple(draw(st.lists(_FAMILY, min_size=1, max_size=2)))
    return called, draw(_PARTICLE), draw(st.sampled_from(["-", " "])).join(names)


def printed_forms(called: tuple[str, ...], particle: str, family: str) -> list[str]:
    """A name as different papers print it."""
    dotted = [f"{name[0]}." for name in called]
    calls = [" ".join(called), "-".join(called), " ".join(dotted), "".join(dotted), dotted[0]]
    calls += ["-".join(dotted), " ".join([called[0], *dotted[1:]])]
    if not set("Æ") & {name[0] for name in called}:  # two letters to everybody but herself
        calls += ["".join(name[0] for name in called), " ".join(name[0] for name in called)]
    full = f"{particle} {family}".strip()
    orders = [f"{call} {full}" for call in calls] + [f"{full}, {call}" for call in calls]
    orders += [
        f"{family}, {calls[0]} {particle}",
        f"{full}, {calls[0]}, Jr.",
        f"{calls[0]} {full} III",
    ]
    orders += [f"{calls[0]} {family}".upper(), f"{calls[0]} {family}".lower()]
    return [*orders, f"{called[0]} {full}".replace("ø", "o").replace("Ł", "L")]


@given(people(), st.data())
def test_a_name_is_itself_in_every_printed_form(
    person: tuple[tuple[str, ...], str, str], data: st.DataObject
) -> None:
    whole = " ".join([" ".join(person[0]), *filter(None, person[1:])])
    printed = data.draw(st.sampled_from(printed_forms(*person)))
    assert same(whole, printed)
    assert same(printed, whole)


@given(st.lists(_FAMILY, min_size=2, max_size=2, unique=True), st.data())
def test_no_form_of_a_name_is_one_of_another_family(
    families: list[str], data: st.DataObject
) -> None:
    one, other = (
        data.draw(st.sampled_from(printed_forms(*data.draw(people(family))))) for family in families
    )
    assert not same(one, other)


@given(people("Wu"), people("Wu"), st.data())
def test_no_form_of_a_name_has_another_first_initial(
    one: tuple[tuple[str, ...], str, str],
    other: tuple[tuple[str, ...], str, str],
    data: st.DataObject,
) -> None:
    if AuthorName.of(f"X {one[0][0]}").family[0] == AuthorName.of(f"X {other[0][0]}").family[0]:
        return
    forms = (data.draw(st.sampled_from(printed_forms(*person))) for person in (one, other))
    assert not same(*forms)


@given(st.from_regex(authors._PLAIN, fullmatch=True))
def test_a_plain_name_is_read_at_once_as_it_would_be_slowly(name: str) -> None:
    assert AuthorName.of(name) == AuthorName._of_letters(authors._cleaned(name))
