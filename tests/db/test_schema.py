"""The schema against its promises: documented columns, no double index, what may not be deleted.

Who may do what is in security/, what the database counts by itself in security/statistics/.
"""

import re

import asyncpg
import pytest

DOCUMENTED = {
    "customers": "id user_id first_name last_name email phone date_of_birth gender address_line_1"
    " address_line_2 city state postal_code country preferred_language notification_preferences"
    " is_active customer_tier total_orders total_spent created_at updated_at",
    "wholesalers": "id user_id business_name contact_person_name email phone"
    " business_registration_number gst_number pan_number business_type business_address_line_1"
    " business_address_line_2 city state postal_code country bank_account_number bank_name"
    " bank_branch ifsc_code total_products total_sales commission_rate is_verified is_active"
    " verification_status verification_date created_at updated_at",
    "influencers": "id user_id first_name last_name display_name email phone instagram_handle"
    " youtube_channel tiktok_handle followers_count bio category experience_years"
    " total_live_sessions total_viewers average_session_duration commission_rate total_earnings"
    " is_verified is_active verification_status created_at updated_at",
    "products": "id wholesaler_id name description short_description sku barcode category"
    " subcategory brand tags wholesale_price retail_price sale_price discount_percentage"
    " stock_quantity min_stock_level max_stock_level weight dimensions color size images videos"
    " meta_title meta_description keywords is_active is_featured is_live_stream_eligible status"
    " average_rating total_reviews total_sales created_at updated_at",
    "cart": "id customer_id product_id quantity unit_price total_price selected_color"
    " selected_size product_options added_at updated_at",
    "orders": "id customer_id influencer_id order_number subtotal tax_amount shipping_cost"
    " discount_amount total_amount status payment_status shipping_address billing_address"
    " shipping_method tracking_number estimated_delivery_date actual_delivery_date payment_method"
    " payment_reference payment_gateway live_session_id influencer_commission notes"
    " internal_notes created_at updated_at",
    "order_items": "id order_id product_id wholesaler_id product_name product_sku selected_color"
    " selected_size quantity unit_price total_price wholesaler_commission created_at",
    "queries": "id customer_id order_id subject message category priority status assigned_to"
    " customer_email customer_phone response internal_notes resolved_at resolution_time_hours"
    " created_at updated_at",
    "live_sessions": "id influencer_id title description scheduled_start_time actual_start_time"
    " end_time duration_minutes peak_viewers total_unique_viewers total_products_showcased"
    " total_sales_generated status stream_url recording_url created_at updated_at",
    "live_session_products": "id live_session_id product_id display_order special_price"
    " is_featured clicks orders_generated revenue_generated created_at",
}


@pytest.mark.parametrize("table", DOCUMENTED)
async def test_every_documented_column_is_there(sql: asyncpg.Connection, table: str) -> None:
    columns = await sql.fetch(
        "select column_name from information_schema.columns"
        " where table_schema = 'public' and table_name = $1",
        table,
    )
    assert set(DOCUMENTED[table].split()) <= {row["column_name"] for row in columns}


async def test_a_new_table_and_function_start_closed(sql: asyncpg.Connection) -> None:
    async with sql.transaction():
        await sql.execute("create table public.fresh (id int)")
        await sql.execute("create function public.fresh() returns int language sql as 'select 1'")
        row = await one(
            sql,
            "select has_table_privilege('anon', 'public.fresh', 'select') as on_table,"
            " has_function_privilege('anon', 'public.fresh()', 'execute') as on_function",
        )
    assert (row["on_table"], row["on_function"]) == (False, False)


async def test_no_index_repeats_another(sql: asyncpg.Connection) -> None:
    indexes = await sql.fetch(
        "select i.indrelid::regclass::text as on_table, c.relname as name, i.indisunique,"
        " array_to_string(i.indkey::int2[], ' ') as columns, i.indpred is not null as is_partial"
        " from pg_index i join pg_class c on c.oid = i.indexrelid"
        " join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'private')"
        " and i.indexprs is null"
    )
    repeated = [
        (one["name"], other["name"])
        for one in indexes
        for other in indexes
        if one["name"] != other["name"]
        and one["on_table"] == other["on_table"]
        and not one["indisunique"]
        and not one["is_partial"]
        and not other["is_partial"]
        and f"{other['columns']} ".startswith(f"{one['columns']} ")
    ]
    assert repeated == []


async def one(sql: asyncpg.Connection, statement: str, *args: object) -> asyncpg.Record:
    row = await sql.fetchrow(statement, *args)
    assert row is not None
    return row


async def person(sql: asyncpg.Connection, table: str, extra: str = "") -> str:
    user_id = await sql.fetchval(
        "insert into auth.users (id) values (gen_random_uuid()) returning id"
    )
    names = "user_id, email" + (", business_name" if table == "wholesalers" else "")
    values = "$1, 'x@example.in'" + (", 'Shop'" if table == "wholesalers" else "")
    row = await one(sql, f"insert into {table} ({names}) values ({values}) returning id", user_id)
    return str(row["id"])


async def a_product(sql: asyncpg.Connection, stock: int) -> str:
    wholesaler_id = await person(sql, "wholesalers")
    row = await one(
        sql,
        "insert into products (wholesaler_id, name, wholesale_price, retail_price, stock_quantity,"
        " color, size) values ($1, 'Shirt', 1, 12.34, $2, 'Blue', 'M') returning id",
        wholesaler_id,
        stock,
    )
    return str(row["id"])


async def test_a_wholesaler_with_products_cannot_be_deleted(sql: asyncpg.Connection) -> None:
    await a_product(sql, stock=1)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await sql.execute("delete from auth.users")


async def test_a_product_without_variants_gets_its_own(sql: asyncpg.Connection) -> None:
    product_id = await a_product(sql, stock=7)
    variant = await one(
        sql,
        "select v.label, v.color, v.size, s.on_hand from product_variants v"
        " join product_stock s on s.variant_id = v.id where v.product_id = $1",
        product_id,
    )
    assert tuple(variant) == ("Blue / M", "Blue", "M", 7)
    product = await one(sql, "select stock_quantity, retail_price_minor from products")
    assert tuple(product) == (7, 1234)


async def test_the_stock_of_a_product_is_the_sum_of_its_variants(sql: asyncpg.Connection) -> None:
    async def total() -> int:
        await sql.execute("select private.carry_product_facts_v1(100)")
        row = await one(sql, "select stock_quantity as n from products where id = $1", product_id)
        return int(row["n"])

    product_id = await a_product(sql, stock=0)
    await sql.execute(
        "with v as (insert into product_variants (product_id, label)"
        " select $1, n::text from generate_series(1, 4) n returning id, product_id, label)"
        " insert into product_stock (variant_id, product_id, on_hand)"
        " select id, product_id, label::integer from v",
        product_id,
    )
    assert await total() == 10
    await sql.execute("update product_stock set on_hand = on_hand + 1")
    assert await total() == 15
    await sql.execute("delete from product_variants where label = '4'")
    assert await total() == 10
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute("update product_stock set on_hand = -1")


async def test_updated_at_follows_every_change(sql: asyncpg.Connection) -> None:
    product_id = await a_product(sql, stock=1)
    await sql.execute("update products set updated_at = '2000-01-01' where id = $1", product_id)
    row = await one(sql, "select updated_at > created_at - interval '1 s' as moved from products")
    assert row["moved"]


async def test_ids_made_in_the_database_are_ordered_in_time(sql: asyncpg.Connection) -> None:
    ids = [str(await sql.fetchval("select private.uuid7()")) for _ in range(3)]
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab].*", id_) for id_ in ids)
    assert [id_[:13] for id_ in ids] == sorted(id_[:13] for id_ in ids)
    epoch_ms = await sql.fetchval("select (extract(epoch from clock_timestamp()) * 1000)::bigint")
    assert abs(int(ids[0].replace("-", "")[:12], 16) - epoch_ms) < 60_000
