-- Entry functions: whole use cases of a person in one statement and one round trip (see 0000_logins).
-- Each switches to the person first; what follows is planned, and its rights and rows are judged, as
-- that person. The filters repeat what the policies say, so that the plans find their indexes.

-- What a product is called in the languages of the pages: {language: {name, short_description}}, '{}'
-- when it has no translation. Other languages are left out, because every viewer's snapshot carries
-- this and a wholesaler may add as many as there are. Of hi and hi-IN, hi counts.
create function private.product_texts_v1(p_product_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(
    jsonb_object_agg(
      split_part(t.locale, '-', 1),
      jsonb_build_object('name', t.name, 'short_description', t.short_description)
      order by length(t.locale) desc, t.locale),
    '{}')
  from public.product_translations t
  where t.product_id = p_product_id and split_part(t.locale, '-', 1) in ('en', 'hi')
$$;

-- An order as its customer sees it, made of its row and its lines; the one place that knows the shape.
-- plpgsql, here and below, because it keeps its plan.
create function private.order_json_of(o public.orders, items jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object(
    'id', o.id,
    'order_number', o.order_number,
    'status', o.status,
    'payment_status', o.payment_status,
    'payment_method', o.payment_method,
    'subtotal_minor', o.subtotal_minor,
    'shipping_minor', o.shipping_minor,
    'total_minor', o.total_minor,
    'currency', 'INR',
    'placed_at_ms', (extract(epoch from o.created_at) * 1000)::bigint,
    'address', o.shipping_address,
    'items', items);
end $$;

create function private.order_item_json_of(i public.order_items) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_object(
    'product_id', i.product_id,
    'variant_id', i.variant_id,
    'name', i.product_name,
    'label', i.variant_label,
    'quantity', i.quantity,
    'unit_price_minor', i.unit_price_minor,
    'total_minor', i.total_price_minor);
end $$;

create or replace function private.order_json_v1(p_order_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select private.order_json_of(o, (
      select jsonb_agg(private.order_item_json_of(i) order by i.position)
      from public.order_items i where i.order_id = o.id))
    from public.orders o where o.id = p_order_id);
end $$;

-- One statement for all of them: what the policies ask of the person is asked once, not per order.
create function app.orders_of_v1(claims text, p_limit integer) returns setof jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query
    select private.order_json_of(o, (
      select jsonb_agg(private.order_item_json_of(i) order by i.position)
      from public.order_items i where i.order_id = o.id))
    from public.orders o
    where o.customer_id = (select private.my_customer_id())
    order by o.created_at desc, o.id desc limit p_limit;
end $$;

create function app.order_v1(claims text, p_order_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return (select private.order_json_v1(o.id) from public.orders o
          where o.id = p_order_id and o.customer_id = (select private.my_customer_id()));
end $$;

-- Where the newest order went; NULL before the first.
create function app.last_address_v1(claims text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return (select o.shipping_address from public.orders o
          where o.customer_id = (select private.my_customer_id())
          order by o.created_at desc, o.id desc limit 1);
end $$;

-- What the home page shows, by shelf: `live` (on air or paused), `upcoming` (not begun; those that were
-- meant to begin half a day ago are left out) and `ended`. poster is the pinned product, else the first
-- that is for sale; NULL without one.
create function app.listed_live_sessions_v1(claims text, p_now timestamptz, p_limit integer)
returns table (shelf text, id uuid, title text, description text, status text,
               scheduled_start_time timestamptz, actual_start_time timestamptz, end_time timestamptz,
               influencer_id uuid, influencer_name text, poster jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query
  with shown as not materialized (
    select l.*, i.name from public.live_sessions l
    join public.public_profiles i on i.id = l.influencer_id
    where l.visibility = 'public' and l.archived_at is null
  ), listed as (
    (select 'live' as shelf, l.* from shown l
     where l.status in ('live', 'paused')
     order by l.actual_start_time desc nulls last, l.id limit p_limit)
    union all
    (select 'upcoming', l.* from shown l
     where l.status = 'scheduled'
       and coalesce(l.scheduled_start_time, l.created_at) > p_now - interval '12 hours'
     order by l.scheduled_start_time nulls last, l.id limit p_limit)
    union all
    (select 'ended', l.* from shown l
     where l.status = 'ended'
     order by l.end_time desc, l.id limit p_limit)
  )
  select l.shelf, l.id, l.title::text, coalesce(l.description, ''), l.status::text,
         l.scheduled_start_time, l.actual_start_time, l.end_time, l.influencer_id, l.name::text,
         poster.value
  from listed l
  left join lateral (
    select jsonb_build_object(
             'product_id', f.id, 'name', f.name, 'image_url', f.image_url, 'price_minor', price.minor,
             'compare_at_minor',
             case when f.retail_price_minor > price.minor then f.retail_price_minor end,
             'translations', private.product_texts_v1(f.id)) as value
    from (
      -- Chosen before it is priced: of each live session one product is looked at, not all.
      select p.id, p.name, coalesce(p.images ->> 0, '') as image_url, p.retail_price_minor,
             coalesce(p.sale_price_minor, p.retail_price_minor) as plain_price_minor,
             s.special_price_minor
      from public.live_session_products s
      join public.products p
        on p.id = s.product_id and p.is_active and p.status in ('active', 'out_of_stock')
      join public.public_profiles w on w.id = p.wholesaler_id
      where s.live_session_id = l.id
      order by s.is_featured desc, s.display_order, s.created_at, s.product_id
      limit 1) f
    cross join lateral (
      select min(private.unit_price_minor_v1(
               f.plain_price_minor, v.price_minor, f.special_price_minor,
               l.status in ('live', 'paused'))) as minor
      from public.product_variants v where v.product_id = f.id) price
    where price.minor is not null) poster on true
  order by l.shelf,
           case when l.shelf = 'upcoming' then l.scheduled_start_time end nulls last,
           coalesce(l.end_time, l.actual_start_time, l.created_at) desc, l.id;
end $$;

-- An influencer's own live sessions with the ids of their products in display order, newest first; all,
-- or the one with this id.
create function app.live_sessions_of_v1(claims text, p_live_session_id uuid, p_limit integer)
returns table (id uuid, title text, description text, status text, visibility text,
               scheduled_start_time timestamptz, actual_start_time timestamptz, end_time timestamptz,
               influencer_id uuid, influencer_name text, product_ids uuid[])
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query
  select l.id, l.title::text, coalesce(l.description, ''), l.status::text, l.visibility::text,
         l.scheduled_start_time, l.actual_start_time, l.end_time, l.influencer_id, i.name::text,
         array(select s.product_id from public.live_session_products s
               where s.live_session_id = l.id
               order by s.display_order, s.created_at, s.product_id)
  from public.live_sessions l
  join public.public_profiles i on i.id = l.influencer_id
  where l.influencer_id = (select private.my_influencer_id())
    and (p_live_session_id is null or l.id = p_live_session_id)
  order by l.created_at desc, l.id desc
  limit p_limit;
end $$;

revoke execute on function
  private.product_texts_v1(uuid), private.order_json_of(public.orders, jsonb),
  private.order_item_json_of(public.order_items)
  from public, anon, authenticated;
grant execute on function
  private.order_json_of(public.orders, jsonb), private.order_item_json_of(public.order_items)
  to authenticated, service_role;
grant execute on function private.product_texts_v1(uuid) to anon, authenticated, service_role;
revoke execute on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function
  app.orders_of_v1(text, integer), app.order_v1(text, uuid), app.last_address_v1(text),
  app.listed_live_sessions_v1(text, timestamptz, integer),
  app.live_sessions_of_v1(text, uuid, integer)
  to livecommerce_api;
