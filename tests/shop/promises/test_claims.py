import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.claims import Claim, ClaimVariant, Unclear, Wish, parse, resolve


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("SOLD A1", Claim("A1", None, ())),
        ("sold a1", Claim("A1", None, ())),
        ("Sold #A12 3", Claim("A12", 3, ())),
        ("SOLD A1 x2", Claim("A1", 2, ())),
        ("SOLD A1 2x", Claim("A1", 2, ())),
        ("SOLD A1, 2, blue", Claim("A1", 2, ("blue",))),
        ("sold A1 2 Blue / M", Claim("A1", 2, ("blue", "m"))),
        ("sold A1 blue", Claim("A1", None, ("blue",))),
        ("SOLD A1 38", Claim("A1", 38, ())),
        ("SOLD A1 1 38", Claim("A1", 1, ("38",))),
        ("SOLD A1 लाल", Claim("A1", None, ("लाल",))),
        ("\uff33\uff2f\uff2c\uff24 \uff21\uff11", Claim("A1", None, ())),
    ],
)
def test_a_claim_is_read_however_it_is_written(text: str, claim: Claim) -> None:
    assert parse(text, "SOLD") == claim


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SOLD",
        "sold out already?",
        "Sold 5 of them yesterday",
        "is A1 sold",
        "SOLDA1",
        "SOLD A12345",
        "SOLD ABCD1",
        "unsold A1",
    ],
)
def test_what_only_sounds_like_a_claim_is_talk(text: str) -> None:
    assert parse(text, "SOLD") is None


def test_an_influencer_chooses_the_keyword() -> None:
    assert parse("mine a1 2", "Mine") == Claim("A1", 2, ())
    assert parse("SOLD A1", "Mine") is None


def test_without_a_keyword_nothing_is_claimed() -> None:
    assert parse("SOLD A1", "") is None
    assert parse("A1", "") is None


def a_variant(label: str, color: str = "", size: str = "") -> ClaimVariant:
    return ClaimVariant(uuid.uuid4(), uuid.uuid4(), "Shirt", label, color, size)


BLUE_M = a_variant("Blue / M", "Blue", "M")
BLUE_L = a_variant("Blue / L", "Blue", "L")
RED_M = a_variant("Red / M", "Red", "M")
SHIRTS = (BLUE_M, BLUE_L, RED_M)


def test_words_name_a_variant_in_any_order() -> None:
    assert resolve(Claim("A1", 2, ("m", "blue")), SHIRTS, 10) == Wish(BLUE_M, 2)


def test_one_word_is_enough_when_it_fits_only_one() -> None:
    assert resolve(Claim("A1", None, ("red",)), SHIRTS, 10) == Wish(RED_M, 1)


def test_a_word_that_fits_several_leaves_the_choice_among_these() -> None:
    assert resolve(Claim("A1", 2, ("blue",)), SHIRTS, 10) == Unclear((BLUE_M, BLUE_L))


def test_without_a_variant_all_are_there_to_choose_from() -> None:
    assert resolve(Claim("A1", 2, ()), SHIRTS, 10) == Unclear(SHIRTS)


def test_a_word_that_fits_none_leaves_all_to_choose_from() -> None:
    assert resolve(Claim("A1", None, ("green",)), SHIRTS, 10) == Unclear(SHIRTS)


def test_a_letter_is_no_beginning_of_a_word() -> None:
    medium, small = a_variant("Medium"), a_variant("Small")
    assert resolve(Claim("A1", None, ("m",)), (medium, small), 10) == Unclear((medium, small))


def test_a_number_that_is_a_size_is_no_quantity() -> None:
    sizes = tuple(a_variant(size, size=size) for size in ("36", "38", "40"))
    assert resolve(Claim("A1", 38, ()), sizes, 10) == Wish(sizes[1], 1)


def test_the_exact_name_wins_over_one_that_says_more() -> None:
    plain, deluxe = a_variant("Blue"), a_variant("Blue deluxe")
    assert resolve(Claim("A1", 1, ("blue",)), (plain, deluxe), 10) == Wish(plain, 1)


def test_a_product_without_choice_takes_any_words() -> None:
    only = a_variant("Standard")
    assert resolve(Claim("A1", 2, ("please",)), (only,), 10) == Wish(only, 2)


@pytest.mark.parametrize("quantity", [0, 11, 9999])
def test_an_impossible_quantity_is_no_wish(quantity: int) -> None:
    assert resolve(Claim("A1", quantity, ()), (a_variant("Standard"),), 10) is None
    assert resolve(Claim("A1", quantity, ("red",)), SHIRTS, 10) is None


@given(st.text(max_size=300), st.text(max_size=20))
def test_no_message_breaks_the_grammar(text: str, keyword: str) -> None:
    claim = parse(text, keyword)
    if claim is not None:
        assert claim.quantity is None or 0 <= claim.quantity <= 9999
        assert resolve(claim, SHIRTS, 10) is None or isinstance(
            resolve(claim, SHIRTS, 10), Wish | Unclear
        )


@given(
    st.from_regex(r"[A-Za-z]{1,3}[0-9]{1,4}", fullmatch=True),
    st.integers(1, 999),
    st.sampled_from(SHIRTS),
    st.sampled_from([" ", "  ", ", ", " x"]),
)
def test_whoever_says_it_in_full_means_exactly_that(
    code: str, quantity: int, variant: ClaimVariant, between: str
) -> None:
    claim = parse(f"SOLD {code}{between}{quantity} {variant.label}", "sold")

    assert claim is not None
    assert claim.code == code.upper()
    assert resolve(claim, SHIRTS, 1000) == Wish(variant, quantity)


@given(st.text(max_size=100))
def test_a_claim_always_begins_with_the_keyword_and_a_code(tail: str) -> None:
    claim = parse(f"hello SOLD A1 {tail}", "SOLD")

    assert claim is None
