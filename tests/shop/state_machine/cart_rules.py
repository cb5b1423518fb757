"""Carts, holds and checkouts."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
)

from shop import cart, holds
from shop.checkout import OrderRequest, Placed
from shop.pricing import OrderLine
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import HOME
from tests.shop.state_machine.model import Wish
from tests.shop.state_machine.place import (
    CUSTOMERS,
    SILENT_PHONE,
    TERMS,
)
from tests.shop.state_machine.steps import (
    Steps,
    by_model,
    coupons,
    customers,
    kept_quiet,
    methods,
    one_of,
    quantities,
    same,
    sessions,
    variants,
    wishes,
)


class CartRules(Steps):
    # ---- carts and holds

    @rule(who=customers, variant=variants, n=quantities, session=sessions, adds=st.booleans())
    def change_cart(self, who: int, variant: int, n: int, session: int | None, adds: bool) -> None:
        user_id, id_ = self.people.customers[who].user_id, self.people.variants[variant]
        if adds:
            change, in_session = uuid.uuid4(), self.session(session)
            for _ in range(2):  # A client that heard no answer sends it again.
                work = cart.add(self.db, user_id, change, cart.Wish(id_, n, in_session), TERMS)
                self.answers(work)
            self.model.change_cart(who, variant, n, session, adds=True)
        else:
            self.answers(cart.update(self.db, user_id, id_, n - 1, TERMS))
            self.model.change_cart(who, variant, n - 1, None, adds=False)
        self._look_at_cart(who)

    def _look_at_cart(self, who: int) -> None:
        seen = self.answers(cart.cart_of(self.db, self.people.customers[who].user_id, TERMS))
        assert seen is not None
        lines = {
            self.people.variants.index(line.variant_id): (line.can_order, line.unit_price_minor)
            for line in seen.lines
        }
        due = {
            variant: (
                min(n, self.model.available(who, variant)),
                self.model.price(variant, session),
            )
            for (owner, variant), (n, session) in self.model.carts.items()
            if owner == who
        }
        same(lines, due)

    @rule(who=customers, variant=variants, n=quantities, session=sessions)
    def hold(self, who: int, variant: int, n: int, session: int | None) -> None:
        held, code = by_model(lambda: self.model.hold(who, variant, n, session))
        work = holds.place_hold(
            self.db, self.people.customers[who].user_id, self.people.variants[variant], n,
            self.session(session),
        )  # fmt: skip
        promised = self.answers(work, code)
        seen = promised and (promised.hold.quantity, promised.missing)
        same(seen, held and (held, n - held))

    @precondition(lambda self: self.model.holds)
    @rule(who=customers, variant=variants)
    def release(self, who: int, variant: int) -> None:
        user_id, id_ = self.people.customers[who].user_id, self.people.variants[variant]
        for _ in range(2):
            released = self.answers(holds.release_hold(self.db, user_id, id_))
            same(released, self.model.release(who, variant))

    @precondition(lambda self: self.model.holds)
    @rule(is_swept=st.booleans())
    def holds_expire(self, is_swept: bool) -> None:
        self.run(
            self.place.sql.execute(
                "update private.stock_holds set expires_at = now() - interval '1 ms'"
            )
        )
        self.model.holds.clear()
        if is_swept:
            self.run(self.place.sql.execute("select private.sweep_holds_v1(1000)"))

    # ---- checkout

    @rule(wish=wishes, is_wrong=st.sampled_from([False, False, False, True]))
    def order(self, wish: Wish, is_wrong: bool) -> None:
        self.place_order(wish, is_wrong)

    @precondition(lambda self: self.model.carts)
    @rule(data=st.data(), method=methods, coupon=coupons, is_silent=st.booleans())
    def order_cart(
        self, data: st.DataObject, method: str, coupon: str | None, is_silent: bool
    ) -> None:
        who = data.draw(st.sampled_from(sorted({owner for owner, _ in self.model.carts})))
        lines = tuple(
            (variant, n) for (owner, variant), (n, _) in self.model.carts.items() if owner == who
        )
        self.place_order(Wish(who, lines, None, method, coupon, True, is_silent))

    def place_order(self, wish: Wish, is_wrong: bool = False) -> None:
        wish = kept_quiet(wish)
        quote, refusal = by_model(lambda: self.model.quote(wish))
        shown = quote.total_minor + is_wrong if quote is not None else 1
        request, user_id = self._request(wish, shown), self.people.customers[wish.customer].user_id
        seen = self.answers(self.place.checkout.quote(user_id, request), refusal)
        assert seen is None or seen.total_minor == (quote and quote.total_minor)
        taken, code = by_model(lambda: self.model.place(wish, shown))
        placed = self.answers(self.place.checkout.place(user_id, request), code)
        if placed is not None and taken is not None:
            self._note_order(wish, request, placed, *taken)

    @rule(wish=wishes, others=st.permutations(range(CUSTOMERS)))
    def rush(self, wish: Wish, others: list[int]) -> None:
        """All want the same at the same moment, and are served in this order."""
        all_ = [kept_quiet(replace(wish, customer=who, from_cart=False)) for who in others]
        quote, _ = by_model(lambda: self.model.quote(all_[0]))
        shown = quote.total_minor if quote is not None else 1
        requests = [self._request(one, shown) for one in all_]
        answers = self.run(self._rush(all_, requests))
        for one, request, answer in zip(all_, requests, answers, strict=True):
            taken, code = by_model(partial(self.model.place, one, shown))
            same(answer.code if isinstance(answer, ShopRefused) else None, code)
            if taken is not None:
                self._note_order(one, request, answer, *taken)

    async def _rush(self, all_: list[Wish], requests: list[OrderRequest]) -> list[Any]:
        place = self.place.checkout.place
        return await asyncio.gather(
            *(
                place(self.people.customers[wish.customer].user_id, request)
                for wish, request in zip(all_, requests, strict=True)
            ),
            return_exceptions=True,
        )

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data(), is_same=st.booleans())
    def order_again(self, data: st.DataObject, is_same: bool) -> None:
        order = one_of(data, self.model.orders)
        request = self.requests[order.id]
        if not is_same:
            request = replace(request, shown_total_minor=request.shown_total_minor + 1)
        user_id = self.people.customers[order.customer].user_id
        work = self.place.checkout.place(user_id, request)
        again = self.answers(work, None if is_same else "order.key_reused")
        assert again is None or (again.is_duplicate, again.order.id) == (True, order.id)

    def _request(self, wish: Wish, shown_minor: int) -> OrderRequest:
        phone = SILENT_PHONE if wish.is_silent else HOME.phone
        return OrderRequest(
            key=uuid.uuid4(),
            live_session_id=self.session(wish.session),
            items=tuple(OrderLine(self.people.variants[v], n) for v, n in wish.lines),
            address=replace(HOME, phone=phone),
            payment_method=wish.method,  # type: ignore[arg-type]
            shown_total_minor=shown_minor,
            coupon_code=wish.coupon,
            from_cart=wish.from_cart,
        )

    def _note_order(
        self, wish: Wish, request: OrderRequest, placed: Placed, quote: Any, is_first_paid: bool
    ) -> None:
        made = placed.order
        seen = [(item.unit_price_minor, item.discount_minor) for item in made.items]
        same(seen, list(zip(quote.prices, quote.discounts, strict=True)))
        ids = {self.people.variants.index(one.variant_id): one.order_item_id for one in made.items}
        payment_id = self.run(
            self.place.id_of("select id from private.payments where order_id = $1", made.id)
        )
        order = self.model.note_order(made.id, wish, quote, is_first_paid, ids, payment_id)
        self.requests[order.id] = request
