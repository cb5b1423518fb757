"""The pure core: any order of the same events, and any repetition, gives the same state."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.payments.machine import Decision, EventKind, Paid, Said, Status, Step, decide

NEW = Paid("created", 129900, "INR")
KINDS: tuple[EventKind, ...] = ("pending", "authorized", "failed", "cancelled", "captured")


def after(events: tuple[Said, ...], payment: Paid = NEW) -> Status:
    """The state after carrying out the decision about each event."""
    for event in events:
        decision = decide(payment, event)
        if decision.step is not Step.SHOW:
            payment = replace(payment, status=decision.status)
    return payment.status


def said(kind: EventKind) -> Said:
    return Said(kind, 129900, "INR")


@pytest.mark.parametrize("size", range(1, len(KINDS) + 1))
def test_b21_every_order_of_the_same_events_ends_in_the_same_state(size: int) -> None:
    for events in itertools.combinations(KINDS, size):
        ends = {
            after(tuple(said(kind) for kind in order)) for order in itertools.permutations(events)
        }
        assert len(ends) == 1, events


@given(st.lists(st.sampled_from(KINDS), max_size=12), st.randoms(use_true_random=False))
def test_b22_repetitions_change_nothing(kinds: list[EventKind], random: object) -> None:
    once = tuple(said(kind) for kind in dict.fromkeys(kinds))
    shuffled = [said(kind) for kind in kinds]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert after(tuple(shuffled)) == after(once)


@pytest.mark.parametrize("earlier", ["created", "pending", "failed", "cancelled"])
def test_b23_a_capture_counts_after_whatever_was_said_before(earlier: Status) -> None:
    assert decide(replace(NEW, status=earlier), said("captured")).step is Step.CAPTURE


def test_b23_failed_does_not_undo_a_capture() -> None:
    paid = replace(NEW, status="captured")
    assert decide(paid, said("failed")) == Decision(Step.NOTHING, "captured")


@pytest.mark.parametrize(
    "event",
    [Said("captured", 100, "INR"), Said("captured", 129900, "USD"), Said("captured")],
    ids=["one rupee", "another currency", "no amount"],
)
def test_b20_a_capture_of_something_else_is_for_people_to_look_at(event: Said) -> None:
    assert decide(NEW, event).step is Step.SHOW


def test_a_second_capture_of_the_same_payment_is_for_people_to_look_at() -> None:
    paid = Paid("captured", 129900, "INR", capture_reference="pay_1")
    again = replace(said("captured"), capture_reference="pay_1")
    other = replace(said("captured"), capture_reference="pay_2")
    assert decide(paid, again).step is Step.NOTHING
    assert decide(paid, other).step is Step.SHOW


def test_what_is_only_promised_is_fetched() -> None:
    assert decide(NEW, said("authorized")) == Decision(Step.FETCH, "pending")
    promised_again = decide(replace(NEW, status="failed"), said("authorized"))
    assert promised_again == Decision(Step.FETCH, "failed")
    assert decide(replace(NEW, status="captured"), said("authorized")).step is Step.NOTHING


@pytest.mark.parametrize("status", ["collected", "remitted", "returned"])
def test_no_provider_moves_cash(status: Status) -> None:
    assert decide(replace(NEW, status=status), said("captured")).step is Step.SHOW
