-- What wholesalers do with their products: write them, count their stock, load pictures.
--
-- The service writes for them (`acting_as(Actor("service", user))`), because what a price, a rate or a
-- reason may be is judged by the program; each function looks first whose product it is. They answer
-- with a word: 'done', or why not.

create function private.wholesaler_of_user_v1(p_user_id uuid) returns uuid
language sql stable set search_path = '' as $$
  select id from public.wholesalers where user_id = p_user_id and is_active
$$;

-- Tells the live sessions that show a product of the stock of its variants.
create function private.tell_stock_v1(p_product_id uuid) returns void
language sql volatile set search_path = '' as $$
  insert into private.outbox (topic, live_session_id, payload)
  select 'stock.changed', l.id,
         jsonb_build_object('product_id', k.product_id, 'variant_id', k.variant_id, 'stock', k.on_hand)
  from public.product_stock k
  join public.live_session_products s on s.product_id = k.product_id
  join public.live_sessions l on l.id = s.live_session_id and l.status in ('live', 'paused')
  where k.product_id = p_product_id
$$;

-- Writes the variants that are given: those with an id are changed, the others added, each at the
-- place it has in the list.
create function private.save_variants_v1(p_product_id uuid, p_variants jsonb, p_reason text)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_unknown boolean;
begin
  select exists (
    select from jsonb_to_recordset(p_variants) v (id uuid)
    where v.id is not null and not exists (
      select from public.product_variants o where o.id = v.id and o.product_id = p_product_id))
  into v_unknown;
  if v_unknown then
    return 'variant_unknown';
  end if;
  -- Numbers that change hands within the product would stand in each other's way.
  update public.product_variants o set sku = null
  from jsonb_to_recordset(p_variants) v (id uuid, sku text)
  where o.id = v.id and o.sku is distinct from v.sku;
  update public.product_variants o
  set sku = v.sku, color = v.color, size = v.size, options = v.options, label = v.label,
      price = v.price, position = v.position
  from jsonb_to_recordset(p_variants) v (
    id uuid, sku text, color text, size text, options jsonb, label text, price numeric,
    position integer)
  where o.id = v.id
    and (o.sku, o.color, o.size, o.options, o.label, o.price, o.position)
        is distinct from (v.sku, v.color, v.size, v.options, v.label, v.price, v.position);
  perform set_config('livecommerce.order_id', 'noted', true);
  with added as (
    insert into public.product_variants (product_id, sku, color, size, options, label, price, position)
    select p_product_id, v.sku, v.color, v.size, v.options, v.label, v.price, v.position
    from jsonb_to_recordset(p_variants) v (
      id uuid, sku text, color text, size text, options jsonb, label text, price numeric,
      position integer)
    where v.id is null
    returning id, position),
  stocked as (
    insert into public.product_stock (variant_id, product_id, on_hand)
    select a.id, p_product_id, coalesce(v.stock, 0)
    from added a
    join jsonb_to_recordset(p_variants) v (id uuid, position integer, stock integer)
      on v.position = a.position and v.id is null
    returning variant_id, on_hand)
  insert into private.stock_moves (variant_id, product_id, delta, reason, actor_user_id)
  select s.variant_id, p_product_id, s.on_hand, p_reason, auth.uid()
  from stocked s where s.on_hand > 0;
  perform set_config('livecommerce.order_id', '', true);
  return 'done';
end $$;

create function private.remove_variants_v1(p_product_id uuid, p_variant_ids uuid[]) returns text
language plpgsql volatile set search_path = '' as $$
begin
  if exists (select from private.deals d where d.variant_id = any (p_variant_ids)
               and d.ended_at is null and d.ends_at > now()) then
    return 'in_deal';
  end if;
  delete from private.stock_holds where variant_id = any (p_variant_ids);
  update private.waitlist set status = 'lapsed'
  where variant_id = any (p_variant_ids) and status = 'waiting';
  delete from public.product_variants where product_id = p_product_id and id = any (p_variant_ids);
  return 'done';
end $$;

create function private.save_translations_v1(p_product_id uuid, p_texts jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  delete from public.product_translations t
  where t.product_id = p_product_id and p_texts -> t.locale = 'null';
  insert into public.product_translations as t (product_id, locale, name, short_description, description)
  select p_product_id, e.key, e.value ->> 'name', e.value ->> 'short_description',
         e.value ->> 'description'
  from jsonb_each(p_texts) e where e.value <> 'null'
  on conflict (product_id, locale) do update
  set name = excluded.name, short_description = excluded.short_description,
      description = excluded.description
  where (t.name, t.short_description, t.description)
        is distinct from (excluded.name, excluded.short_description, excluded.description);
end $$;

-- p_columns: columns of products to set, nothing else; p_variants and p_texts may be null.
-- p_is_new: the product is made with this id, or is there already because the same wish came twice.
create function private.save_product_v1(
  p_user_id uuid, p_product_id uuid, p_is_new boolean, p_columns jsonb, p_variants jsonb,
  p_removed uuid[], p_texts jsonb, p_reason text)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_wholesaler_id uuid := private.wholesaler_of_user_v1(p_user_id);
  v_old public.products;
  v_new public.products;
  v_word text := 'done';
begin
  if v_wholesaler_id is null then
    return 'not_wholesaler';
  end if;
  select * into v_old from public.products where id = p_product_id for no key update;
  if p_is_new and found then
    return case when v_old.wholesaler_id = v_wholesaler_id then 'done' else 'not_found' end;
  elsif not p_is_new and v_old.wholesaler_id is distinct from v_wholesaler_id then
    return 'not_found';
  end if;
  if (p_columns ? 'sku' and exists (select from public.products p
                                    where p.sku = p_columns ->> 'sku' and p.id <> p_product_id))
     or exists (select from jsonb_to_recordset(p_variants) n (sku text)
                join public.product_variants v on v.sku = n.sku
                where v.product_id <> p_product_id) then
    return 'sku_taken';
  end if;
  begin
    if p_is_new then
      v_new := jsonb_populate_record(v_old, p_columns);
      insert into public.products (id, wholesaler_id, name, wholesale_price, retail_price)
      values (p_product_id, v_wholesaler_id, v_new.name, v_new.wholesale_price, v_new.retail_price)
      returning * into v_old;
    end if;
    v_new := jsonb_populate_record(v_old, p_columns);
    if v_new is distinct from v_old then
      perform private.write_product_v1(v_new);
    end if;
    if p_removed <> '{}' then
      v_word := private.remove_variants_v1(p_product_id, p_removed);
    end if;
    if v_word = 'done' and p_variants is not null then
      v_word := private.save_variants_v1(p_product_id, p_variants, p_reason);
    end if;
    if p_texts is not null then
      perform private.save_translations_v1(p_product_id, p_texts);
    end if;
    if v_word = 'done' then
      v_word := private.fault_of_product_v1(p_product_id);
    end if;
    if v_word <> 'done' then
      raise exception using errcode = 'LC004', message = v_word;
    end if;
  exception
    when sqlstate 'LC004' then
      return v_word;
    when unique_violation then
      return 'sku_taken';
  end;
  perform private.tell_stock_v1(p_product_id);
  insert into private.product_changes (product_id) values (p_product_id);
  return 'done';
end $$;

-- Which columns a wholesaler may set; of the rest none changes, whatever the row says.
create function private.write_product_v1(p public.products) returns void
language sql volatile set search_path = '' as $$
  update public.products
  set name = p.name, short_description = p.short_description, description = p.description,
      sku = p.sku, barcode = p.barcode, category = p.category, subcategory = p.subcategory,
      category_id = (select c.id from public.categories c where c.name = p.category),
      brand = p.brand, tags = p.tags, keywords = p.keywords, wholesale_price = p.wholesale_price,
      retail_price = p.retail_price, sale_price = p.sale_price,
      discount_percentage = case when p.sale_price < p.retail_price
        then round(100 - 100 * p.sale_price / p.retail_price, 2) else 0 end,
      hsn_code = p.hsn_code, tax_rate = p.tax_rate,
      country_of_origin = p.country_of_origin, importer = p.importer, net_quantity = p.net_quantity,
      weight = p.weight, dimensions = p.dimensions, images = p.images, videos = p.videos,
      meta_title = p.meta_title, meta_description = p.meta_description,
      min_stock_level = p.min_stock_level, is_active = p.is_active, status = p.status,
      is_live_stream_eligible = p.is_live_stream_eligible
  where id = p.id
$$;

-- What the program has judged already, judged again on the rows as they are: two changes at the same
-- time may each be right and their sum wrong.
create function private.fault_of_product_v1(p_product_id uuid) returns text
language sql stable set search_path = '' as $$
  select case
    when not exists (select from public.product_variants v where v.product_id = p.id)
      then 'no_variant'
    when coalesce(p.sale_price, p.retail_price) > p.retail_price
      or exists (select from public.product_variants v
                 where v.product_id = p.id and v.price > p.retail_price) then 'above_mrp'
    when exists (select from public.product_variants v where v.product_id = p.id
                 group by v.color, v.size, coalesce(v.options, '{}') having count(*) > 1)
      then 'variant_twice'
    else 'done' end
  from public.products p where p.id = p_product_id
$$;

-- ---------------------------------------------------------------------------------------------
-- Stock

-- p_deltas: how many more or fewer; p_counted: how many there are, where the delta is null. All of an
-- adjustment or nothing. Answers {outcome}, of too_little with the variants.
create function private.adjust_stock_v1(
  p_user_id uuid, p_product_id uuid, p_id uuid, p_reason text, p_note text, p_variant_ids uuid[],
  p_deltas integer[], p_counted integer[])
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_wish constant jsonb := jsonb_build_object('reason', p_reason, 'note', p_note,
    'variants', p_variant_ids, 'deltas', p_deltas, 'counted', p_counted);
  v_short jsonb;
begin
  if not exists (select from public.products p where p.id = p_product_id
                   and p.wholesaler_id = private.wholesaler_of_user_v1(p_user_id)) then
    return '{"outcome": "not_found"}'::jsonb;
  elsif (select count(*) from public.product_variants v
         where v.product_id = p_product_id and v.id = any (p_variant_ids))
        <> cardinality(p_variant_ids) then
    return '{"outcome": "variant_unknown"}'::jsonb;
  end if;
  begin
    insert into private.stock_adjustments (id, product_id, actor_user_id, wish)
    values (p_id, p_product_id, p_user_id, v_wish) on conflict do nothing;
    if not found then
      return jsonb_build_object('outcome', case when exists (
        select from private.stock_adjustments a
        where a.id = p_id and a.product_id = p_product_id and a.actor_user_id = p_user_id
          and a.wish = v_wish) then 'done' else 'key_reused' end);
    end if;
    insert into public.product_stock (variant_id, product_id)
    select id, p_product_id from unnest(p_variant_ids) u (id) on conflict do nothing;
    perform 1 from public.product_stock where variant_id = any (p_variant_ids)
    order by variant_id for no key update;
    select jsonb_agg(jsonb_build_object('variant_id', k.variant_id, 'stock', k.on_hand))
    into v_short
    from unnest(p_variant_ids, p_deltas, p_counted) u (variant_id, delta, counted)
    join public.product_stock k on k.variant_id = u.variant_id
    where k.on_hand::bigint + coalesce(u.delta, u.counted - k.on_hand) not between 0 and 1000000;
    if v_short is not null then
      raise exception using errcode = 'LC005', message = 'more than there is';
    end if;
    perform private.move_stock_v1(p_id, p_reason, p_note, p_variant_ids, p_deltas, p_counted);
  exception
    when sqlstate 'LC005' then
      return jsonb_build_object('outcome', 'too_little', 'variants', v_short);
  end;
  perform private.tell_stock_v1(p_product_id);
  return '{"outcome": "done"}'::jsonb;
end $$;

-- The rows of stock are locked by the caller.
create function private.move_stock_v1(
  p_id uuid, p_reason text, p_note text, p_variant_ids uuid[], p_deltas integer[],
  p_counted integer[])
returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform set_config('livecommerce.order_id', 'noted', true);
  with wished as (
    select k.variant_id, k.product_id, coalesce(u.delta, u.counted - k.on_hand) as delta
    from unnest(p_variant_ids, p_deltas, p_counted) u (variant_id, delta, counted)
    join public.product_stock k on k.variant_id = u.variant_id),
  moved as (
    update public.product_stock k set on_hand = k.on_hand + w.delta
    from wished w where w.variant_id = k.variant_id and w.delta <> 0
    returning k.variant_id)
  insert into private.stock_moves (
    variant_id, product_id, delta, reason, note, actor_user_id, adjustment_id)
  select w.variant_id, w.product_id, w.delta, p_reason, p_note, auth.uid(), p_id
  from wished w join moved m on m.variant_id = w.variant_id;
  perform set_config('livecommerce.order_id', '', true);
end $$;

-- Moves of a product, newest first: of each variant so many as a page holds, and of these the newest.
create function private.stock_moves_of_v1(
  p_user_id uuid, p_product_id uuid, p_before_id bigint, p_limit integer)
returns table (id bigint, variant_id uuid, label text, delta integer, reason text, note text,
               moved_by text, order_number text, moved_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  select m.id, m.variant_id, v.label::text, m.delta, m.reason, m.note,
         (select coalesce(w.contact_person_name, w.business_name)::text from public.wholesalers w
          where w.user_id = m.actor_user_id),
         (select o.order_number::text from public.orders o where o.id = m.order_id), m.moved_at
  from public.products p
  join public.product_variants v on v.product_id = p.id
  cross join lateral (
    select * from private.stock_moves s
    where s.variant_id = v.id and s.id < coalesce(p_before_id, 9223372036854775807)
    order by s.id desc limit p_limit) m
  where p.id = p_product_id and p.wholesaler_id = private.wholesaler_of_user_v1(p_user_id)
  order by m.id desc
  limit p_limit;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Pictures

-- Room for one picture more, or why not. Known ones cost nothing.
create function private.note_image_v1(
  p_user_id uuid, p_name text, p_width integer, p_height integer, p_bytes integer,
  p_hourly integer, p_most integer)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_wholesaler_id uuid := private.wholesaler_of_user_v1(p_user_id);
begin
  if v_wholesaler_id is null then
    return 'not_wholesaler';
  elsif exists (select from private.product_images i
                where i.wholesaler_id = v_wholesaler_id and i.name = p_name) then
    return 'done';
  end if;
  -- Locked, so that two at the same time are counted one after the other.
  perform 1 from public.wholesalers where id = v_wholesaler_id for no key update;
  if (select count(*) from private.product_images i
      where i.wholesaler_id = v_wholesaler_id and i.created_at > now() - interval '1 hour') >= p_hourly
     or (select count(*) from private.product_images i
         where i.wholesaler_id = v_wholesaler_id) >= p_most then
    return 'too_many';
  end if;
  insert into private.product_images (wholesaler_id, name, width, height, bytes)
  values (v_wholesaler_id, p_name, p_width, p_height, p_bytes) on conflict do nothing;
  return 'done';
end $$;

revoke execute on function
  private.wholesaler_of_user_v1(uuid), private.tell_stock_v1(uuid),
  private.save_variants_v1(uuid, jsonb, text), private.remove_variants_v1(uuid, uuid[]),
  private.save_translations_v1(uuid, jsonb),
  private.save_product_v1(uuid, uuid, boolean, jsonb, jsonb, uuid[], jsonb, text),
  private.write_product_v1(public.products), private.fault_of_product_v1(uuid),
  private.adjust_stock_v1(uuid, uuid, uuid, text, text, uuid[], integer[], integer[]),
  private.move_stock_v1(uuid, text, text, uuid[], integer[], integer[]),
  private.stock_moves_of_v1(uuid, uuid, bigint, integer),
  private.note_image_v1(uuid, text, integer, integer, integer, integer, integer)
  from public, anon, authenticated;
grant execute on function
  private.wholesaler_of_user_v1(uuid), private.tell_stock_v1(uuid),
  private.save_variants_v1(uuid, jsonb, text), private.remove_variants_v1(uuid, uuid[]),
  private.save_translations_v1(uuid, jsonb),
  private.save_product_v1(uuid, uuid, boolean, jsonb, jsonb, uuid[], jsonb, text),
  private.write_product_v1(public.products), private.fault_of_product_v1(uuid),
  private.adjust_stock_v1(uuid, uuid, uuid, text, text, uuid[], integer[], integer[]),
  private.move_stock_v1(uuid, text, text, uuid[], integer[], integer[]),
  private.stock_moves_of_v1(uuid, uuid, bigint, integer),
  private.note_image_v1(uuid, text, integer, integer, integer, integer, integer)
  to service_role;
