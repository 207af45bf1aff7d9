import hashlib
import string
from base64 import urlsafe_b64decode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from subscribers.links import Purpose, mint, read

KEY = b"k" * 32
OLD = b"o" * 32
OTHER = b"x" * 32
ALPHABET = string.ascii_letters + string.digits + "-_"
NUMBERS = st.integers(min_value=0, max_value=2**64 - 1)


@given(NUMBERS, st.sampled_from(Purpose))
@example(0, Purpose.UNSUBSCRIBE)
@example(2**64 - 1, Purpose.PREFERENCES)
def test_a_token_is_thirty_five_url_characters_that_lead_back_to_the_subscriber(number, purpose):
    token = mint([KEY], purpose, number)
    assert len(token) == 35
    assert set(token) <= set(ALPHABET)
    assert read([KEY], purpose, token) == number
    assert mint([KEY], purpose, number) == token


def test_a_token_has_the_layout_that_is_promised():
    octets = urlsafe_b64decode(mint([KEY], Purpose.PREFERENCES, 7) + "=")
    assert len(octets) == 26
    assert octets[0] == hashlib.sha256(KEY).digest()[0]
    assert octets[1:10] == bytes([2, 0, 0, 0, 0, 0, 0, 0, 7])


def test_tokens_in_old_mails_go_on_working():
    # Written once by this code: a failure here breaks every link that was ever sent.
    assert read([KEY], Purpose.UNSUBSCRIBE, "XgEAAAAAAAAAKuyBsnKJpZRdSdCOgCte-EU") == 42


@pytest.mark.parametrize("position", range(35))
def test_a_token_with_any_one_character_changed_is_nobody_s(position):
    token = mint([KEY], Purpose.UNSUBSCRIBE, 42)
    for character in (ALPHABET + "+/=.~ \0é").replace(token[position], ""):
        changed = token[:position] + character + token[position + 1 :]
        assert read([KEY], Purpose.UNSUBSCRIBE, changed) is None


@pytest.mark.parametrize("length", range(35))
def test_a_token_cut_short_is_nobody_s(length):
    assert read([KEY], Purpose.UNSUBSCRIBE, mint([KEY], Purpose.UNSUBSCRIBE, 42)[:length]) is None


@pytest.mark.parametrize("more", ["=", "A", "\n", " ", "==", "A" * 35, "\0", "é"])
def test_a_token_with_anything_added_is_nobody_s(more):
    token = mint([KEY], Purpose.UNSUBSCRIBE, 42)
    assert read([KEY], Purpose.UNSUBSCRIBE, token + more) is None
    assert read([KEY], Purpose.UNSUBSCRIBE, more + token) is None


@pytest.mark.parametrize("recase", [str.lower, str.upper, str.swapcase])
def test_a_token_in_other_case_is_nobody_s(recase):
    token = mint([KEY], Purpose.UNSUBSCRIBE, 42)
    assert recase(token) != token
    assert read([KEY], Purpose.UNSUBSCRIBE, recase(token)) is None


@given(st.one_of(st.text(), st.text(st.sampled_from(ALPHABET), min_size=35, max_size=35)))
@example("\ud800" * 35)
@example("A" * 35)
@example("=" * 35)
def test_no_made_up_text_is_a_token(text):
    assert read([KEY, OLD], Purpose.UNSUBSCRIBE, text) is None


@pytest.mark.parametrize("minted", Purpose)
@pytest.mark.parametrize("asked", Purpose)
def test_a_token_opens_only_what_it_was_made_for(minted, asked):
    opened = read([KEY], asked, mint([KEY], minted, 42))
    assert opened == (42 if minted is asked else None)


def test_the_first_key_signs_and_every_key_verifies():
    old_token = mint([OLD], Purpose.UNSUBSCRIBE, 42)
    token = mint([KEY, OLD], Purpose.UNSUBSCRIBE, 42)
    assert token == mint([KEY], Purpose.UNSUBSCRIBE, 42) != old_token
    assert read([KEY, OLD], Purpose.UNSUBSCRIBE, old_token) == 42
    assert read([OLD, KEY], Purpose.UNSUBSCRIBE, token) == 42
    assert read([KEY], Purpose.UNSUBSCRIBE, old_token) is None
    assert read([OTHER], Purpose.UNSUBSCRIBE, token) is None
    assert read([], Purpose.UNSUBSCRIBE, token) is None


@given(NUMBERS, NUMBERS)
def test_different_readers_have_different_tokens(one, other):
    same = mint([KEY], Purpose.UNSUBSCRIBE, one) == mint([KEY], Purpose.UNSUBSCRIBE, other)
    assert same == (one == other)


@pytest.mark.parametrize("number", [-1, 2**64])
def test_a_number_that_does_not_fit_is_refused(number):
    with pytest.raises(OverflowError):
        mint([KEY], Purpose.UNSUBSCRIBE, number)
