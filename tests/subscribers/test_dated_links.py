import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from subscribers import links
from subscribers.errors import LinkExpired
from subscribers.links import Errand, Purpose, mint_once, read_once

KEY = b"k" * 32
OLD = b"o" * 32
ALPHABET = string.ascii_letters + string.digits + "-_"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=48)
NUMBERS = st.integers(min_value=0, max_value=2**64 - 1)
TOKEN = mint_once([KEY], Errand.CONFIRM, 42, UNTIL)


def opened(token, keys=(KEY,), errand=Errand.CONFIRM, now=NOW):
    return read_once(keys, errand, token, now)


@given(NUMBERS, st.sampled_from(Errand))
def test_a_token_is_forty_url_characters_that_lead_back_to_the_errand(number, errand):
    token = mint_once([KEY], errand, number, UNTIL)
    assert len(token) == 40
    assert set(token) <= set(ALPHABET)
    assert opened(token, errand=errand) == number


def test_it_works_until_the_second_it_expires_and_then_says_since_when_it_does_not():
    assert opened(TOKEN, now=UNTIL - timedelta(seconds=1)) == 42
    with pytest.raises(LinkExpired, match="ask for a new one") as late:
        opened(TOKEN, now=UNTIL)
    assert late.value.until == UNTIL


def test_a_token_whose_expiry_was_put_off_is_nobody_s():
    octets = bytearray(urlsafe_b64decode(TOKEN))
    assert int.from_bytes(octets[10:14]) == UNTIL.timestamp()
    octets[13] ^= 1
    assert opened(urlsafe_b64encode(bytes(octets)).decode()) is None


@given(st.integers(0, 39), st.characters())
@example(39, "=")
@example(0, "\0")
def test_a_token_with_any_one_character_changed_is_nobody_s(place, character):
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    assert opened(changed) == (42 if changed == TOKEN else None)


@given(st.integers(0, 39), st.text(min_size=1))
@example(0, "A")
@example(0, "=")
def test_a_token_cut_or_extended_is_nobody_s(length, more):
    assert opened(TOKEN[:length]) is None
    assert opened(TOKEN + more) is None
    assert opened(more + TOKEN) is None


@pytest.mark.parametrize("recase", [str.lower, str.upper, str.swapcase])
def test_a_token_in_other_case_is_nobody_s(recase):
    assert recase(TOKEN) != TOKEN
    assert opened(recase(TOKEN)) is None


@given(st.one_of(st.text(), st.text(st.sampled_from(ALPHABET), min_size=40, max_size=40)))
@example("\ud800" * 40)
@example("A" * 40)
def test_no_made_up_text_is_a_token(text):
    assert opened(text, keys=[KEY, OLD]) is None


@pytest.mark.parametrize("minted", Errand)
@pytest.mark.parametrize("asked", Errand)
def test_a_token_opens_only_the_errand_it_was_made_for(minted, asked):
    token = mint_once([KEY], minted, 42, UNTIL)
    assert opened(token, errand=asked) == (42 if minted is asked else None)


@pytest.mark.parametrize("purpose", Purpose)
def test_links_that_last_and_links_that_expire_do_not_open_each_other(purpose):
    assert {int(each) for each in Purpose}.isdisjoint(int(each) for each in Errand)
    assert links.read([KEY], purpose, TOKEN) is None
    assert opened(links.mint([KEY], purpose, 42)) is None


def test_the_first_key_signs_and_every_key_verifies():
    old = mint_once([OLD], Errand.CONFIRM, 42, UNTIL)
    assert mint_once([KEY, OLD], Errand.CONFIRM, 42, UNTIL) == TOKEN != old
    assert opened(old, keys=[KEY, OLD]) == 42
    assert opened(old) is None


@pytest.mark.parametrize(
    ("number", "until"), [(-1, UNTIL), (2**64, UNTIL), (1, datetime(2107, 1, 1, tzinfo=UTC))]
)
def test_what_does_not_fit_is_refused(number, until):
    with pytest.raises(OverflowError):
        mint_once([KEY], Errand.CONFIRM, number, until)
