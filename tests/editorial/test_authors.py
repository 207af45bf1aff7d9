import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ],
)
def test_another_family_or_given_name_is_another_person(followed: str, printed: str) -> None:
    assert not same(followed, printed)
    assert not same(printed, followed)


@given(st.text(), st.text())
def test_any_two_names_compare_the_same_both_ways(one: str, other: str) -> None:
    assert same(one, other) == same(other, one)
    assert same(one, one) == bool(AuthorName.of(one).family)
