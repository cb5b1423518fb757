"""Writes the demo data as its people would: rows under row security, pictures as files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from db import SERVICE, Actor, Database, Query
from livecommerce.seed.goods import (
    ADMIN,
    CUSTOMER,
    GOODS,
    LOG_IN_INFLUENCER,
    LOG_IN_WHOLESALER,
    ON_AIR,
    ON_AIR_INFLUENCER,
    PEOPLE,
    PLANNED,
    TAXES,
    Goods,
    Person,
    Show,
)
from livecommerce.seed.hindi import HINDI
from livecommerce.seed.pictures import picture
from livecommerce.seed.questions import ask_support

_NAMESPACE = UUID("6c697665-636f-4d6d-8572-636564656d6f")
_INDIA = timezone(timedelta(hours=5, minutes=30))
_OVER = ("ended", "cancelled")
_DRAWING_THREADS = 2


@dataclass(frozen=True, slots=True)
class _LiveSessionState:
    id: UUID
    status: str


_USERS = Query("seed.users")
_CATEGORIES = Query("seed.categories")
_PROFILES = {
    "customer": Query("seed.customers"),
    "wholesaler": Query("seed.wholesalers"),
    "influencer": Query("seed.influencers"),
}
_VERIFIED = {
    "wholesaler": Query("seed.verify_wholesalers"),
    "influencer": Query("seed.verify_influencers"),
}
_PRODUCTS = Query("seed.products")
_PRODUCT_TAXES = Query("seed.product_taxes")
_PRODUCT_TRANSLATIONS = Query("seed.product_translations")
_VARIANTS = Query("seed.variants")
_STOCK = Query("seed.stock")
_LIVE_SESSION_STATES = Query("seed.live_session_states", _LiveSessionState)
_LIVE_SESSIONS = Query("seed.live_sessions")
_LIVE_SESSION_PRODUCTS = Query("seed.live_session_products")
_SPECIAL_PRICES = Query("seed.special_prices")


@dataclass(frozen=True, slots=True)
class SeedResult:
    """Who and what the demo is about; the ids are those of auth.users and live_sessions.

    on_air_influencer_user_id: whose live session the test-card broadcaster keeps on air.
    influencer_user_id: another one, whose studio is free for whoever tries the demo.
    """

    live_session_id: UUID
    on_air_influencer_user_id: UUID
    on_air_influencer_name: str
    influencer_user_id: UUID
    customer_user_id: UUID
    wholesaler_user_id: UUID
    admin_user_id: UUID
    first_product_id: UUID
    products: int
    wholesalers: int


async def seed(db: Database, images_dir: Path, now: datetime) -> SeedResult:
    """Write the demo data that is missing.

    images_dir: where /images is served from; the pictures go to its folder `products`.
    now: aware of its zone; planned live sessions lie after it.
    """
    await _draw_missing_pictures(images_dir / "products")
    await _write_people(db)
    for person in PEOPLE:
        if person.role == "wholesaler":
            await _write_products(db, person)
    live_session_id = await _live_session_to_watch(db)
    shows = {live_session_id: ON_AIR} | {_live_session_id(show): show for show in PLANNED}
    for person in PEOPLE:
        if person.role == "influencer":
            await _write_live_sessions(db, person, shows, now)
    await ask_support(db, _NAMESPACE, _user_id(CUSTOMER), _user_id(ADMIN), now)
    return SeedResult(
        live_session_id=live_session_id,
        on_air_influencer_user_id=_user_id(ON_AIR_INFLUENCER),
        on_air_influencer_name=_name(ON_AIR_INFLUENCER),
        influencer_user_id=_user_id(LOG_IN_INFLUENCER),
        customer_user_id=_user_id(CUSTOMER),
        wholesaler_user_id=_user_id(LOG_IN_WHOLESALER),
        admin_user_id=_user_id(ADMIN),
        first_product_id=_product_id(ON_AIR.products[0]),
        products=len(GOODS),
        wholesalers=sum(person.role == "wholesaler" for person in PEOPLE),
    )


async def _draw_missing_pictures(folder: Path) -> None:
    missing = _goods_without_picture(folder)
    loop = asyncio.get_running_loop()
    # Threads, because Pillow lets go of the interpreter while it fills and scales.
    with ThreadPoolExecutor(_DRAWING_THREADS) as threads:
        await asyncio.gather(
            *(loop.run_in_executor(threads, _draw, goods, folder) for goods in missing)
        )


def _goods_without_picture(folder: Path) -> list[Goods]:
    folder.mkdir(parents=True, exist_ok=True)
    return [goods for goods in GOODS if not (folder / _picture_name(goods)).exists()]


def _draw(goods: Goods, folder: Path) -> None:
    """Write one picture, whole or not at all."""
    finished = folder / _picture_name(goods)
    unfinished = finished.with_suffix(".tmp")
    unfinished.write_bytes(picture(goods.drawing, goods.category, goods.shades))
    unfinished.replace(finished)


async def _write_people(db: Database) -> None:
    async with db.acting_as(SERVICE) as tx:
        await tx.run(_CATEGORIES, list(_category_rows()))
        await tx.run(_USERS, [_user_row(person) for person in PEOPLE])
        # With ids of our choice, which a person may not choose.
        for role, query in (*_PROFILES.items(), *_VERIFIED.items()):
            await tx.run(query, [_profile_row(person) for person in PEOPLE if person.role == role])


async def _write_products(db: Database, wholesaler: Person) -> None:
    """In one transaction: a product without variants is given one at its end."""
    own = [goods for goods in GOODS if goods.wholesaler == wholesaler.slug]
    async with db.acting_as(_actor(wholesaler)) as tx:
        await tx.run(_PRODUCTS, [_product_row(goods) for goods in own])
        await tx.run(_PRODUCT_TRANSLATIONS, [_translation_row(goods) for goods in own])
        variants = [row for goods in own for row in _variant_rows(goods)]
        await tx.run(_VARIANTS, variants)
        await tx.run(_STOCK, variants)
    await db.acting_as(SERVICE).run(_PRODUCT_TAXES, [_tax_row(goods) for goods in own])


async def _live_session_to_watch(db: Database) -> UUID:
    """The demo's live session that is not over; a new one after each that was ended by hand."""
    found = await db.acting_as(SERVICE).all(_LIVE_SESSION_STATES, _profile_id(ON_AIR_INFLUENCER))
    states = {state.id: state.status for state in found}
    number = 1
    while states.get(_live_session_id(ON_AIR, number)) in _OVER:
        number += 1
    return _live_session_id(ON_AIR, number)


async def _write_live_sessions(
    db: Database, influencer: Person, shows: Mapping[UUID, Show], now: datetime
) -> None:
    own = {id_: show for id_, show in shows.items() if show.influencer == influencer.slug}
    products = [row for id_, show in own.items() for row in _shown_rows(id_, show)]
    async with db.acting_as(_actor(influencer)) as tx:
        await tx.run(
            _LIVE_SESSIONS, [_live_session_row(id_, show, now) for id_, show in own.items()], now
        )
        await tx.run(_LIVE_SESSION_PRODUCTS, products)
    await db.acting_as(SERVICE).run(_SPECIAL_PRICES, products)


def _actor(person: Person) -> Actor:
    return Actor(person.role, _user_id(person.slug))


def _category_rows() -> Iterable[dict[str, Any]]:
    for order, name in enumerate(dict.fromkeys(goods.category for goods in GOODS)):
        slug = "-".join(name.lower().replace("&", " ").split())
        yield {
            "id": str(uuid5(_NAMESPACE, f"category/{slug}")),
            "slug": slug,
            "name": name,
            "display_order": order,
        }


def _translation_row(goods: Goods) -> dict[str, Any]:
    hindi = HINDI[goods.slug]
    return {
        "product_id": str(_product_id(goods.slug)),
        "locale": "hi",
        "name": hindi.name,
        "short": hindi.short,
    }


def _user_row(person: Person) -> dict[str, Any]:
    return {
        "id": str(_user_id(person.slug)),
        "email": _email(person),
        "role": person.role,
        "name": person.name,
    }


def _profile_row(person: Person) -> dict[str, Any]:
    ids = {"id": str(_profile_id(person.slug)), "user_id": str(_user_id(person.slug))}
    return asdict(person) | ids | {"email": _email(person)}


def _product_row(goods: Goods) -> dict[str, Any]:
    return {
        "id": str(_product_id(goods.slug)),
        "wholesaler_id": str(_profile_id(goods.wholesaler)),
        "name": goods.name,
        "short": goods.short,
        "sku": goods.slug.upper(),
        "category": goods.category,
        "subcategory": goods.subcategory,
        "brand": goods.brand,
        "tags": goods.tags,
        "mrp": goods.mrp,
        "price": goods.price,
        "image_url": f"/images/products/{_picture_name(goods)}",
    }


def _tax_row(goods: Goods) -> dict[str, Any]:
    hsn_code, gst = TAXES[goods.slug]
    return {"id": str(_product_id(goods.slug)), "hsn_code": hsn_code, "gst": gst}


def _variant_rows(goods: Goods) -> Iterable[dict[str, Any]]:
    for position, choice in enumerate(goods.choices):
        yield asdict(choice) | {
            "id": str(uuid5(_NAMESPACE, f"variant/{goods.slug}/{choice.label}")),
            "product_id": str(_product_id(goods.slug)),
            "sku": f"{goods.slug}-{choice.label}".upper().replace(" ", "-"),
            "position": position,
        }


def _live_session_row(id_: UUID, show: Show, now: datetime) -> dict[str, Any]:
    return {
        "id": str(id_),
        "influencer_id": str(_profile_id(show.influencer)),
        "title": show.title,
        "description": show.description,
        "scheduled_start_time": _planned_start(show, now).isoformat() if show.in_days else None,
    }


def _planned_start(show: Show, now: datetime) -> datetime:
    today = now.astimezone(_INDIA).replace(hour=show.at_hour, minute=0, second=0, microsecond=0)
    return today + timedelta(days=show.in_days)


def _shown_rows(live_session_id: UUID, show: Show) -> Iterable[dict[str, Any]]:
    for order, slug in enumerate(show.products):
        yield {
            "id": str(uuid5(live_session_id, slug)),
            "live_session_id": str(live_session_id),
            "product_id": str(_product_id(slug)),
            "display_order": order,
            "special_price": show.special_prices.get(slug),
        }


def _email(person: Person) -> str:
    return f"{person.slug}@livecommerce.example"


def _picture_name(goods: Goods) -> str:
    return f"{goods.slug}.webp"


def _user_id(slug: str) -> UUID:
    return uuid5(_NAMESPACE, f"user/{slug}")


def _name(slug: str) -> str:
    return next(person.name for person in PEOPLE if person.slug == slug)


def _profile_id(slug: str) -> UUID:
    return uuid5(_NAMESPACE, f"profile/{slug}")


def _product_id(slug: str) -> UUID:
    return uuid5(_NAMESPACE, f"product/{slug}")


def _live_session_id(show: Show, number: int = 1) -> UUID:
    return uuid5(_NAMESPACE, f"live-session/{show.slug}/{number}")
