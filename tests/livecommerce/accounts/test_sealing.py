"""What is sealed opens only where it belongs, under its key, unchanged."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.accounts.sealing import (
    KEY_BYTES,
    NONCE_BYTES,
    KeyMissing,
    Place,
    ValueTampered,
    key_id,
    key_id_of,
    key_of,
    key_text,
    keyring_of,
    seal,
    unseal,
)

OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES
RING = keyring_of((NEW, OLD))
PAN = Place("wholesalers.pan_number", UUID(int=7))
NONCE = bytes(range(NONCE_BYTES))
SEALED = seal(RING, PAN, "AAPFU0939F", NONCE)

keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
nonces = st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES)
places = st.builds(Place, st.from_regex(r"[a-z_]+\.[a-z_]+", fullmatch=True), st.uuids())


@given(keys, places, st.text(max_size=200), nonces)
def test_whatever_is_sealed_opens_again(key: bytes, place: Place, text: str, nonce: bytes) -> None:
    ring = keyring_of((key,))
    sealed = seal(ring, place, text, nonce)
    assert sealed.startswith("sealed:v1:")
    assert key_id_of(sealed) == key_id(key)
    assert unseal(ring, place, sealed) == text


@given(st.data())
def test_a_value_with_any_character_changed_does_not_open(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(SEALED) - 1))
    other = data.draw(st.characters(max_codepoint=127).filter(lambda c: c != SEALED[at]))
    with pytest.raises((ValueTampered, KeyMissing)):
        unseal(RING, PAN, SEALED[:at] + other + SEALED[at + 1 :])


def test_a_sealed_value_has_one_spelling() -> None:
    # 38 bytes: the last character carries four bits, and two that say nothing.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = alphabet[alphabet.index(SEALED[-1]) ^ 1]
    with pytest.raises(ValueTampered):
        unseal(RING, PAN, SEALED[:-1] + other)


@pytest.mark.parametrize("text", ["", "AAPFU0939F", "sealed:v1:", SEALED[:-3], SEALED + "\n"])
def test_what_is_not_a_sealed_value_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueTampered):
        unseal(RING, PAN, text)


@pytest.mark.parametrize(
    "place",
    [Place("wholesalers.pan_number", UUID(int=8)), Place("wholesalers.gst_number", UUID(int=7))],
    ids=["another row", "another column"],
)
def test_a_value_does_not_open_where_it_was_moved_to(place: Place) -> None:
    with pytest.raises(ValueTampered, match="moved"):
        unseal(RING, place, SEALED)


def test_a_value_under_an_unknown_key_names_that_key() -> None:
    with pytest.raises(KeyMissing, match=key_id(NEW)) as refused:
        unseal(keyring_of((OLD,)), PAN, SEALED)
    assert refused.value.key_id == key_id(NEW)


def test_a_value_does_not_open_under_another_key_with_its_name() -> None:
    renamed = SEALED.replace(key_id(NEW), key_id(OLD))
    with pytest.raises(ValueTampered):
        unseal(RING, PAN, renamed)


def test_the_first_key_seals_and_the_others_still_open() -> None:
    before = seal(keyring_of((OLD,)), PAN, "AAPFU0939F", NONCE)
    assert key_id_of(SEALED) == key_id(NEW)
    assert unseal(RING, PAN, before) == "AAPFU0939F"


def test_two_seals_of_one_text_have_nothing_in_common() -> None:
    other = seal(RING, PAN, "AAPFU0939F", NONCE[::-1])
    assert other.rpartition(":")[2] != SEALED.rpartition(":")[2]


@given(keys)
def test_a_key_reads_back_from_its_text(key: bytes) -> None:
    assert key_of(key_text(key)) == key


@pytest.mark.parametrize(
    "text", ["", "short", key_text(OLD)[:-2], key_text(OLD) + "AAAA", "!" * 43]
)
def test_what_is_not_a_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="sealing key") as refused:
        key_of(text)
    assert text == "" or text not in str(refused.value)


def test_a_keyring_shows_no_key() -> None:
    assert repr(NEW)[2:-1] not in repr(RING)
    assert key_id(NEW) in repr(RING)


@pytest.mark.parametrize("keys", [(), (b"short",)])
def test_a_keyring_without_a_good_key_is_refused(keys: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="sealing key"):
        keyring_of(keys)
