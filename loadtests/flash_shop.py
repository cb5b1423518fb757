"""What a flash sale needs in the database: one live session on air, goods with stock, customers.

Ids are computed from numbers, so that whoever measures knows them without asking.
"""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[Any]"

PRICE_MINOR = 118_000
ADDRESS = {
    "name": "Asha Rao",
    "phone": "9876543210",
    "line1": "12, MG Road",
    "line2": None,
    "landmark": "Opposite the park",
    "city": "Bengaluru",
    "state": "Karnataka",
    "postal_code": "560001",
    "country": "IN",
}


def id_of(kind: str, number: int) -> UUID:
    """Of an account (`customer`), a product, its variant, the live session (`session`)."""
    return UUID(hashlib.md5(f"flash {kind} {number}".encode(), usedforsecurity=False).hexdigest())


_ACCOUNTS = """
insert into auth.users (id, email, raw_app_meta_data)
select md5('flash ' || $1 || ' ' || n)::uuid, $1 || n || '@flash.example',
       jsonb_build_object('role', $1)
from generate_series(1, $2) n
"""
_GOODS = """
with product as (
  insert into public.products (id, wholesaler_id, name, wholesale_price, retail_price, sale_price,
                               hsn_code, tax_rate, images)
  select md5('flash product ' || n)::uuid, (select id from public.wholesalers
                                            where user_id = md5('flash wholesaler 1')::uuid),
         'Linen shirt ' || n, 500, 1500, 1180, '6205', 18, '["/images/products/shirt.webp"]'
  from generate_series(1, $1) n returning id),
variant as (
  insert into public.product_variants (id, product_id, label)
  select md5('flash variant ' || n)::uuid, md5('flash product ' || n)::uuid, 'Standard'
  from generate_series(1, $1) n returning id)
select (select count(*) from product) + (select count(*) from variant)
"""
_STOCK = """
insert into public.product_stock (variant_id, product_id, on_hand)
select md5('flash variant ' || n)::uuid, md5('flash product ' || n)::uuid, $2
from generate_series(1, $1) n
on conflict (variant_id) do update set on_hand = excluded.on_hand
"""
_SESSION = """
insert into public.live_sessions (id, influencer_id, title, status)
select md5('flash session 1')::uuid, id, 'Flash sale', 'live'
from public.influencers where user_id = md5('flash influencer 1')::uuid
"""
_SHOWN = """
insert into public.live_session_products (live_session_id, product_id, display_order)
select md5('flash session 1')::uuid, md5('flash product ' || n)::uuid, n
from generate_series(1, $1) n
"""


async def fill(owner: Connection, customers: int, products: int, stock: int) -> None:
    """Written as the owner; `stock` pieces of each product."""
    for role, count in (("wholesaler", 1), ("influencer", 1), ("customer", customers)):
        await owner.execute(_ACCOUNTS, role, count)
    async with owner.transaction():
        await owner.fetchval(_GOODS, products)
        await owner.execute(_STOCK, products, stock)
    await owner.execute(_SESSION)
    await owner.execute(_SHOWN, products)
    await owner.execute("analyze")
