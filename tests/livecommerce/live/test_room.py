from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from livecommerce.facts import Fact, Position
from livecommerce.live import chat_state, room
from livecommerce.live.chat_state import ChatRoom
from signaling import payloads as wire
from signaling.contract import OUTWARD_BY_NAME
from tests.livecommerce.live.engagement_history import engagement_history

LIVE, HOST, MEERA, ASHA = (UUID(int=n) for n in range(1, 5))
PRODUCTS = [UUID(int=100), UUID(int=200)]
VARIANTS = {PRODUCTS[0]: [UUID(int=101), UUID(int=102)], PRODUCTS[1]: [UUID(int=201)]}
MESSAGES = [UUID(int=1000 + n) for n in range(5)]
DEALS = [UUID(int=2000 + n) for n in range(3)]


def live_session(status: Any = "live") -> wire.LiveSession:
    return wire.LiveSession(
        id=LIVE,
        title="Sale",
        description="",
        status=status,
        influencer=wire.Influencer(id=MEERA, display_name="Meera"),
        scheduled_start_at_ms=None,
        started_at_ms=1,
        ended_at_ms=None,
    )


def product(product_id: UUID) -> wire.Product:
    variants = tuple(
        wire.Variant(id=id, label="M", color=None, size=None, price_minor=500, stock=4)
        for id in VARIANTS[product_id]
    )
    return wire.Product(
        id=product_id,
        name="Shirt",
        short_description="",
        image_url="",
        price_minor=500,
        compare_at_minor=900,
        currency="INR",
        display_order=0,
        stock=4 * len(variants),
        variants=variants,
        translations={},
        claim_code="A1",
    )


def empty_room() -> room.RoomState:
    return room.RoomState(
        live_session=live_session(),
        host_user_id=HOST,
        position=Position("e", 0),
        media=wire.Media(source=None, available=False),
        pinned=None,
        products=tuple(product(id) for id in PRODUCTS),
    )


def said(message_id: UUID) -> dict[str, Any]:
    return wire.ChatMessage(
        id=message_id,
        text="hi",
        name="Asha",
        role="customer",
        is_host=False,
        sent_at_ms=5,
        author_id=ASHA,
    ).model_dump(mode="json")


def a_deal(deal_id: UUID, sold: int = 0) -> wire.Deal:
    return wire.Deal(
        id=deal_id,
        product_id=PRODUCTS[0],
        variant_id=None,
        price_minor=400,
        starts_at_ms=0,
        ends_at_ms=600_000,
        total_limit=9,
        customer_limit=None,
        sold=sold,
    )


def ended(deal_id: UUID) -> dict[str, Any]:
    return {
        "deal_id": str(deal_id),
        "product_id": str(PRODUCTS[0]),
        "variant_id": None,
        "reason": "time",
        "ended_at_ms": 600_000,
    }


variants = st.sampled_from([(p, v) for p, vs in VARIANTS.items() for v in vs])
happenings: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.sampled_from(MESSAGES).map(lambda id: ("chat.posted", said(id))),
    st.sampled_from(MESSAGES).map(lambda id: ("chat.deleted", {"message_id": str(id)})),
    st.sampled_from(PRODUCTS).map(lambda id: ("product.pinned", {"product_id": str(id)})),
    st.sampled_from(PRODUCTS).map(lambda id: ("product.unpinned", {"product_id": str(id)})),
    st.tuples(variants, st.integers(0, 9)).map(
        lambda x: (
            "stock.changed",
            {"product_id": str(x[0][0]), "variant_id": str(x[0][1]), "stock": x[1]},
        )
    ),
    st.tuples(variants, st.booleans(), st.sampled_from([400, 950])).map(
        lambda x: (
            "price.changed",
            {
                "product_id": str(x[0][0]),
                "variant_id": str(x[0][1]) if x[1] else None,
                "price_minor": x[2],
            },
        )
    ),
    st.sampled_from(DEALS).map(
        lambda id: ("deal.started", {"deal": a_deal(id).model_dump(mode="json")})
    ),
    st.tuples(st.sampled_from(DEALS), st.integers(0, 9)).map(
        lambda x: ("deal.counted", {"deal_id": str(x[0]), "sold": x[1]})
    ),
    st.sampled_from(DEALS).map(lambda id: ("deal.ended", ended(id))),
    st.tuples(st.sampled_from([None, "m1", "m2"]), st.booleans()).map(
        lambda x: ("media.changed", {"source": x[0], "available": x[1]})
    ),
    st.sampled_from(["started", "paused", "resumed", "ended"]).map(
        lambda verb: (
            f"session.{verb}",
            {"live_session": live_session("paused").model_dump(mode="json")},
        )
    ),
    st.sampled_from(engagement_history()),
    st.just(("orders.placed", {"order_ids": [str(UUID(int=7))]})),
)
histories = st.lists(happenings, max_size=40).map(
    lambda made: [
        Fact(name, data, Position("e", offset)) for offset, (name, data) in enumerate(made, 1)
    ]
)


def replayed(state: room.RoomState, facts: list[Fact]) -> room.RoomState:
    for fact in facts:
        state, _ = room.apply(state, fact)
    return state


def shown(state: room.RoomState) -> wire.Snapshot:
    you = wire.You(role="anonymous", display_name=None, user_id=None, is_host=False)
    return room.snapshot(
        state,
        viewers=0,
        you=you,
        now_ms=0,
        terms=wire.Terms(
            chat_max_chars=200,
            shipping_minor=0,
            cod_fee_minor=0,
            hold_policy="hold",
            hold_ttl_s=600,
            claim_keyword="SOLD",
        ),
        sales=None,
    )


@given(histories, st.integers(0, 40))
def test_snapshot_and_the_events_after_it_are_the_full_replay(facts: list[Fact], at: int) -> None:
    half_way = replayed(empty_room(), facts[:at])
    assert replayed(half_way, facts[at:]) == replayed(empty_room(), facts)


@given(histories, st.data())
def test_fact_that_comes_again_changes_and_announces_nothing(
    facts: list[Fact], data: st.DataObject
) -> None:
    state = replayed(empty_room(), facts)
    if facts:
        again = data.draw(st.sampled_from(facts))
        assert room.apply(state, again) == (state, None)


@given(histories)
def test_announcements_fit_the_contract_and_carry_their_place(facts: list[Fact]) -> None:
    state = empty_room()
    for fact in facts:
        state, announcement = room.apply(state, fact)
        assert state.position == fact.position
        if announcement is not None:
            payload = announcement.payload
            assert type(payload) is OUTWARD_BY_NAME[announcement.name].payload
            assert isinstance(payload, wire.Recoverable)
            assert (payload.epoch, payload.offset) == ("e", state.position.offset)


@given(histories)
def test_stock_and_price_of_a_product_follow_its_variants(facts: list[Fact]) -> None:
    for each in replayed(empty_room(), facts).products:
        assert each.stock == sum(variant.stock for variant in each.variants)
        assert each.price_minor in {variant.price_minor for variant in each.variants} | {500}
        assert each.compare_at_minor is None or each.compare_at_minor > each.price_minor


@given(histories)
def test_chat_read_from_the_history_is_the_chat_of_the_replay(facts: list[Fact]) -> None:
    state = replayed(empty_room(), facts)
    assert chat_state.after(ChatRoom(), facts) == state.chat


def at(offset: int, name: str, data: dict[str, Any], version: int | None = None) -> Fact:
    return Fact(name, data, Position("e", offset), version)


def test_older_version_that_arrives_later_is_passed_over() -> None:
    product_id, variant_id = PRODUCTS[0], VARIANTS[PRODUCTS[0]][0]

    def stock(left: int) -> dict[str, Any]:
        return {"product_id": str(product_id), "variant_id": str(variant_id), "stock": left}

    state, told = room.apply(empty_room(), at(1, "stock.changed", stock(2), version=12))
    assert told is not None
    state, told = room.apply(state, at(2, "stock.changed", stock(3), version=11))
    assert told is None
    assert state.products[0].variants[0].stock == 2
    assert state.position.offset == 2
    other = stock(1) | {"variant_id": str(VARIANTS[product_id][1])}
    state, told = room.apply(state, at(3, "stock.changed", other, version=10))
    assert told is not None


def test_deleted_message_does_not_come_back() -> None:
    state, _ = room.apply(empty_room(), at(1, "chat.deleted", {"message_id": str(MESSAGES[0])}))
    state, told = room.apply(state, at(2, "chat.posted", said(MESSAGES[0])))
    assert told is None
    assert state.chat.messages == ()


def test_chat_is_bounded_and_a_snapshot_shows_the_last_fifty() -> None:
    state = empty_room()
    for n in range(1, room.CHAT_KEPT + 20):
        state, _ = room.apply(state, at(n, "chat.posted", said(UUID(int=5000 + n))))
    assert len(state.chat.messages) == room.CHAT_KEPT
    chat = shown(state).chat
    assert [message.id.int for message in chat] == list(range(5470, 5520))


def test_fact_of_another_epoch_is_not_applied() -> None:
    fact = Fact("product.pinned", {"product_id": str(PRODUCTS[0])}, Position("other", 1))
    assert room.apply(empty_room(), fact) == (empty_room(), None)


def test_reactions_are_announced_and_change_no_state() -> None:
    reactions = {"count": 3, "kinds": {"heart": 3}}
    state, told = room.apply(empty_room(), Fact("reactions.counted", reactions, None))
    assert state == empty_room()
    assert told is not None
    assert told.payload == wire.ReactionsCounted(live_session_id=LIVE, count=3, kinds={"heart": 3})


def test_a_deal_that_ended_does_not_come_back_when_its_beginning_is_late() -> None:
    begun = {"deal": a_deal(DEALS[0]).model_dump(mode="json")}
    state = replayed(
        empty_room(),
        [
            at(1, "deal.ended", ended(DEALS[0]), version=30),
            at(2, "deal.started", begun, version=10),
        ],
    )
    assert state.deals == ()


def test_a_late_count_does_not_outdo_the_end_of_a_deal() -> None:
    begun = {"deal": a_deal(DEALS[0]).model_dump(mode="json")}
    state, announced = empty_room(), []
    for fact in (
        at(1, "deal.started", begun, version=10),
        at(2, "deal.counted", {"deal_id": str(DEALS[0]), "sold": 9}, version=40),
        at(3, "deal.ended", ended(DEALS[0]), version=30),
        at(4, "deal.counted", {"deal_id": str(DEALS[0]), "sold": 9}, version=41),
    ):
        state, announcement = room.apply(state, fact)
        announced.append(announcement and announcement.name)
    assert state.deals == ()
    assert announced == ["deal.started", "deal.counted", "deal.ended", None]


def test_a_snapshot_shows_how_many_of_a_deal_are_sold() -> None:
    begun = {"deal": a_deal(DEALS[0]).model_dump(mode="json")}
    state = replayed(
        empty_room(),
        [
            at(1, "deal.started", begun),
            at(2, "deal.counted", {"deal_id": str(DEALS[0]), "sold": 4}),
        ],
    )
    assert shown(state).deals == (a_deal(DEALS[0], sold=4),)


def test_a_new_mrp_comes_with_the_price_and_is_struck_only_above_it() -> None:
    fact = {"product_id": str(PRODUCTS[1]), "variant_id": str(VARIANTS[PRODUCTS[1]][0])}
    state, higher = room.apply(
        empty_room(), at(1, "price.changed", fact | {"price_minor": 700, "mrp_minor": 800})
    )
    state, equal = room.apply(
        state, at(2, "price.changed", fact | {"price_minor": 800, "mrp_minor": 800})
    )
    assert isinstance(higher and higher.payload, wire.PriceChanged)
    assert (higher.payload.compare_at_minor, equal.payload.compare_at_minor) == (800, None)  # type: ignore[union-attr]
    assert state.products[1].compare_at_minor is None
