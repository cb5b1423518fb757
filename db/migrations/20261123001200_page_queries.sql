-- Pages of long lists, as the person who asks (see 0000_logins for entry functions).
--
-- A page begins after the last row of the page before it (p_after_at and p_after_id, NULL for the first
-- page), so that the thousandth costs what the first does. The newest come first. The filters repeat what
-- the policies say, in forms that row security lets through to the indexes; a list that can be narrowed
-- has a statement for each way, because one plan cannot be right for both.

-- ---------------------------------------------------------------------------------------------
-- The catalogue

-- What is for sale, of one category or (NULL) of all.
create function app.catalogue_v1(
  claims text, p_category text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, name text, short_description text, category text, wholesaler_id uuid,
               wholesaler_name text, image_url text, price_minor bigint, compare_at_minor bigint,
               stock integer, average_rating numeric, total_reviews integer, created_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  if p_category is null then
    return query
    select p.id, p.name::text, coalesce(p.short_description, ''), coalesce(p.category, '')::text,
           p.wholesaler_id, w.name::text, p.images ->> 0,
           coalesce(p.sale_price_minor, p.retail_price_minor),
           case when p.retail_price_minor > p.sale_price_minor then p.retail_price_minor end,
           coalesce(p.stock_quantity, 0), coalesce(p.average_rating, 0), coalesce(p.total_reviews, 0),
           p.created_at
    from public.products p join public.public_profiles w on w.id = p.wholesaler_id
    where p.is_active and p.status in ('active', 'out_of_stock')
      and (p.created_at, p.id) < (v_at, v_id)
    order by p.created_at desc, p.id desc
    limit p_limit;
  else
    return query
    select p.id, p.name::text, coalesce(p.short_description, ''), p.category::text,
           p.wholesaler_id, w.name::text, p.images ->> 0,
           coalesce(p.sale_price_minor, p.retail_price_minor),
           case when p.retail_price_minor > p.sale_price_minor then p.retail_price_minor end,
           coalesce(p.stock_quantity, 0), coalesce(p.average_rating, 0), coalesce(p.total_reviews, 0),
           p.created_at
    from public.products p join public.public_profiles w on w.id = p.wholesaler_id
    where p.is_active and p.status in ('active', 'out_of_stock') and p.category = p_category
      and (p.created_at, p.id) < (v_at, v_id)
    order by p.created_at desc, p.id desc
    limit p_limit;
  end if;
end $$;

-- Ids of products for sale whose name, category, subcategory and brand contain every word of p_search
-- (the first four count), and of those whose name in another language does; at most p_limit of each, in
-- no order.
--
-- LIKE is not leakproof: under row security it would be judged row by row, after the policies, and no
-- index could answer it. So this sees past row security and answers with the ids of what everybody may
-- see; whoever asks reads the products themselves under their own rights.
--
-- Scans of the table or along an index of pages are forbidden here because a limit makes them look cheap:
-- for a word that half of the products have they are, for one that only the last has they read them all.
create function private.find_products_v1(p_search text, p_limit integer) returns setof uuid
language plpgsql stable security definer
rows 50 set search_path = '' set enable_seqscan = off set enable_indexscan = off as $$
declare
  v_words text[] := (
    select array_agg('%' || replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_') || '%'
                     order by length(word) desc)
    from regexp_split_to_table(lower(left(btrim(p_search), 100)), '\s+') word);
begin
  -- Between two per cent signs: three characters are the first that make a trigram.
  if length(v_words[1]) >= 5 and v_words[2] is null then
    return query
    select p.id from public.products p
    where p.is_active and p.status in ('active', 'out_of_stock')
      and private.product_words(p.name, p.category, p.subcategory, p.brand) like v_words[1]
      and exists (select from public.public_profiles w where w.id = p.wholesaler_id)
    limit p_limit;
  elsif length(v_words[1]) >= 5 then
    return query
    select p.id from public.products p
    where p.is_active and p.status in ('active', 'out_of_stock')
      and private.product_words(p.name, p.category, p.subcategory, p.brand) like v_words[1]
      and private.product_words(p.name, p.category, p.subcategory, p.brand) like v_words[2]
      and private.product_words(p.name, p.category, p.subcategory, p.brand)
          like coalesce(v_words[3], '%')
      and private.product_words(p.name, p.category, p.subcategory, p.brand)
          like coalesce(v_words[4], '%')
      and exists (select from public.public_profiles w where w.id = p.wholesaler_id)
    limit p_limit;
  else
    return query
    select p.id from public.products p
    where p.is_active and p.status in ('active', 'out_of_stock')
      and lower(p.name::text) like substr(v_words[1], 2)
      and exists (select from public.public_profiles w where w.id = p.wholesaler_id)
    limit p_limit;
  end if;

  -- The names in other languages, in the same way. One letter may be written with one sign or with two
  -- (ज़): normalised, both are the same.
  return query
  select t.product_id
  from public.product_translations t
  join public.products p
    on p.id = t.product_id and p.is_active and p.status in ('active', 'out_of_stock')
  where lower(normalize(t.name::text)) like normalize(
          case when length(v_words[1]) >= 5 then v_words[1] else substr(v_words[1], 2) end)
    and lower(normalize(t.name::text)) like normalize(coalesce(v_words[2], '%'))
    and lower(normalize(t.name::text)) like normalize(coalesce(v_words[3], '%'))
    and lower(normalize(t.name::text)) like normalize(coalesce(v_words[4], '%'))
    and exists (select from public.public_profiles w where w.id = p.wholesaler_id)
  limit p_limit;
end $$;

-- Products for sale that a search finds, those that sold best first. There are no further pages: whoever
-- finds too much adds a word, and of what more than 300 products have, 300 are looked at.
create function app.search_products_v1(claims text, p_search text, p_limit integer)
returns table (id uuid, name text, short_description text, category text, wholesaler_id uuid,
               wholesaler_name text, image_url text, price_minor bigint, compare_at_minor bigint,
               stock integer, average_rating numeric, total_reviews integer, created_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_found uuid[];
begin
  perform app.act_as_v1(claims);
  v_found := array(select private.find_products_v1(p_search, 300));
  return query
  select p.id, p.name::text, coalesce(p.short_description, ''), coalesce(p.category, '')::text,
         p.wholesaler_id, w.name::text, p.images ->> 0,
         coalesce(p.sale_price_minor, p.retail_price_minor),
         case when p.retail_price_minor > p.sale_price_minor then p.retail_price_minor end,
         coalesce(p.stock_quantity, 0), coalesce(p.average_rating, 0), coalesce(p.total_reviews, 0),
         p.created_at
  from public.products p join public.public_profiles w on w.id = p.wholesaler_id
  where p.id = any (v_found)
  order by p.total_sales desc nulls last, p.name, p.id
  limit p_limit;
end $$;

-- Products that a live session may show, for the picker of the studio; p_search has words of the name,
-- category or brand, '' for all.
create function app.eligible_products_v1(claims text, p_search text, p_limit integer)
returns table (id uuid, name text, short_description text, category text, wholesaler_name text,
               image_url text, price_minor bigint, compare_at_minor bigint, stock integer,
               translations jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_found uuid[];
begin
  perform app.act_as_v1(claims);
  if btrim(p_search) = '' then
    v_found := array(
      select p.id from public.products p join public.public_profiles w on w.id = p.wholesaler_id
      where p.is_active and p.status in ('active', 'out_of_stock') and p.is_live_stream_eligible
      order by p.category, p.name, p.id limit p_limit);
  else
    v_found := array(select private.find_products_v1(p_search, 200));
  end if;
  return query
  -- Put together before it is ordered, or the order would look like a reason to read all in order.
  with found as materialized (
    select * from public.products p where p.id = any (v_found) and p.is_live_stream_eligible)
  select p.id, p.name::text, coalesce(p.short_description, ''), coalesce(p.category, '')::text,
         w.name::text, p.images ->> 0, coalesce(p.sale_price_minor, p.retail_price_minor),
         case when p.retail_price_minor > p.sale_price_minor then p.retail_price_minor end,
         coalesce((select sum(k.on_hand) from public.product_stock k where k.product_id = p.id), 0)::integer,
         private.product_texts_v1(p.id)
  from found p join public.public_profiles w on w.id = p.wholesaler_id
  order by p.category, p.name, p.id
  limit p_limit;
end $$;

create function app.reviews_of_product_v1(
  claims text, p_product_id uuid, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, rating integer, title text, body text, author_name text,
               is_verified_purchase boolean, reply text, created_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  return query
  select r.id, r.rating::integer, coalesce(r.title, '')::text, coalesce(r.body, ''),
         r.author_name::text, r.is_verified_purchase, r.reply, r.created_at
  from public.reviews r
  where r.product_id = p_product_id and r.status = 'published'
    and (r.created_at, r.id) < (v_at, v_id)
  order by r.created_at desc, r.id desc
  limit p_limit;
end $$;

-- ---------------------------------------------------------------------------------------------
-- A person's own

create function app.wishlist_v1(claims text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, product_id uuid, name text, image_url text, price_minor bigint,
               stock integer, added_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  return query
  select w.id, p.id, p.name::text, p.images ->> 0, coalesce(p.sale_price_minor, p.retail_price_minor),
         coalesce(p.stock_quantity, 0), w.added_at
  from public.wishlist w join public.products p on p.id = w.product_id
  where w.customer_id = (select private.my_customer_id()) and (w.added_at, w.id) < (v_at, v_id)
  order by w.added_at desc, w.id desc
  limit p_limit;
end $$;

create function app.notifications_v1(
  claims text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, type text, title text, message text, priority text, action_url text,
               is_read boolean, created_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  return query
  select n.id, n.type::text, n.title::text, n.message, n.priority::text, n.action_url::text, n.is_read,
         n.created_at
  from public.notifications n
  where n.user_id = (select auth.uid()) and not n.is_deleted and (n.created_at, n.id) < (v_at, v_id)
  order by n.created_at desc, n.id desc
  limit p_limit;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Orders, as those see them who are not their customers

-- Orders that contain items of the wholesaler, and of each order these items only. The lines of an order
-- are neighbours in the index, so that it is read up to the end of the page and no further.
create function app.wholesaler_orders_v1(
  claims text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, order_number text, status text, payment_status text, payment_method text,
               shipping_address jsonb, tracking_number text, items jsonb, total_minor bigint,
               placed_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  return query
  with page as (
    select i.order_id, i.created_at,
           jsonb_agg(jsonb_build_object(
             'id', i.id, 'product_id', i.product_id, 'variant_id', i.variant_id,
             'name', i.product_name, 'label', i.variant_label, 'sku', i.product_sku,
             'quantity', i.quantity, 'unit_price_minor', i.unit_price_minor,
             'total_minor', i.total_price_minor,
             'commission_minor', (i.wholesaler_commission * 100)::bigint)) as items,
           sum(i.total_price_minor)::bigint as total_minor
    from public.order_items i
    where i.wholesaler_id = (select private.my_wholesaler_id())
      and (i.created_at, i.order_id) < (v_at, v_id)
    group by i.created_at, i.order_id
    order by i.created_at desc, i.order_id desc
    limit p_limit)
  select o.id, o.order_number::text, o.status::text, o.payment_status::text, o.payment_method::text,
         o.shipping_address, o.tracking_number::text, page.items, page.total_minor, page.created_at
  from page join public.orders o on o.id = page.order_id
  order by page.created_at desc, page.order_id desc;
end $$;

-- The same of an influencer: the orders that the live sessions earned on, without the customer's address.
create function app.influencer_orders_v1(
  claims text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, order_number text, status text, items jsonb, total_minor bigint,
               commission_minor bigint, placed_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  return query
  with page as (
    select i.order_id, i.created_at,
           jsonb_agg(jsonb_build_object(
             'id', i.id, 'product_id', i.product_id, 'live_session_id', i.live_session_id,
             'name', i.product_name, 'label', i.variant_label, 'quantity', i.quantity,
             'total_minor', i.total_price_minor,
             'commission_minor', (i.influencer_commission * 100)::bigint)) as items,
           sum(i.total_price_minor)::bigint as total_minor,
           (sum(i.influencer_commission) * 100)::bigint as commission_minor
    from public.order_items i
    where i.influencer_id = (select private.my_influencer_id())
      and (i.created_at, i.order_id) < (v_at, v_id)
    group by i.created_at, i.order_id
    order by i.created_at desc, i.order_id desc
    limit p_limit)
  select o.id, o.order_number::text, o.status::text, page.items, page.total_minor,
         page.commission_minor, page.created_at
  from page join public.orders o on o.id = page.order_id
  order by page.created_at desc, page.order_id desc;
end $$;

create function app.influencer_earnings_v1(
  claims text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, earning_type text, amount_minor bigint, status text, order_id uuid,
               live_session_id uuid, description text, earned_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  return query
  select e.id, e.earning_type::text, e.amount_minor, e.status::text, e.order_id, e.live_session_id,
         coalesce(e.description, ''), e.earned_at
  from public.influencer_earnings e
  where e.influencer_id = (select private.my_influencer_id()) and (e.earned_at, e.id) < (v_at, v_id)
  order by e.earned_at desc, e.id desc
  limit p_limit;
end $$;

create function app.wholesaler_products_v1(
  claims text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, name text, sku text, category text, image_url text, status text,
               is_active boolean, wholesale_price_minor bigint, price_minor bigint, stock integer,
               total_sales integer, created_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  return query
  select p.id, p.name::text, coalesce(p.sku, '')::text, coalesce(p.category, '')::text,
         p.images ->> 0, p.status::text, p.is_active, (p.wholesale_price * 100)::bigint,
         coalesce(p.sale_price_minor, p.retail_price_minor), coalesce(p.stock_quantity, 0),
         coalesce(p.total_sales, 0), p.created_at
  from public.products p
  where p.wholesaler_id = (select private.my_wholesaler_id()) and (p.created_at, p.id) < (v_at, v_id)
  order by p.created_at desc, p.id desc
  limit p_limit;
end $$;

-- What a wholesaler sold on each day (in India) of a period of at most 31 days; cancelled orders do not
-- count. Longer periods are the reports' that maintenance writes.
create function app.wholesaler_sales_v1(claims text, p_from date, p_until date)
returns table (day date, orders integer, pieces integer, total_minor bigint)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query
  select (i.created_at at time zone 'Asia/Kolkata')::date, count(distinct i.order_id)::integer,
         sum(i.quantity)::integer, sum(i.total_price_minor)::bigint
  from public.order_items i join public.orders o on o.id = i.order_id
  where i.wholesaler_id = (select private.my_wholesaler_id()) and o.status <> 'cancelled'
    and i.created_at >= p_from::timestamp at time zone 'Asia/Kolkata'
    and i.created_at < (least(p_until, p_from + 30) + 1)::timestamp at time zone 'Asia/Kolkata'
  group by 1 order by 1;
end $$;

-- All orders, for admins: of one status or (NULL) of all.
create function app.orders_for_admin_v1(
  claims text, p_status text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, order_number text, status text, payment_status text, payment_method text,
               total_minor bigint, customer_id uuid, customer_name text, customer_email text,
               placed_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  if p_status is null then
    return query
    select o.id, o.order_number::text, o.status::text, o.payment_status::text, o.payment_method::text,
           o.total_minor, o.customer_id, concat_ws(' ', c.first_name, c.last_name),
           coalesce(c.email, '')::text, o.created_at
    from public.orders o left join public.customers c on c.id = o.customer_id
    where (select private.is_admin()) and (o.created_at, o.id) < (v_at, v_id)
    order by o.created_at desc, o.id desc
    limit p_limit;
  else
    return query
    select o.id, o.order_number::text, o.status::text, o.payment_status::text, o.payment_method::text,
           o.total_minor, o.customer_id, concat_ws(' ', c.first_name, c.last_name),
           coalesce(c.email, '')::text, o.created_at
    from public.orders o left join public.customers c on c.id = o.customer_id
    where (select private.is_admin()) and o.status = p_status and (o.created_at, o.id) < (v_at, v_id)
    order by o.created_at desc, o.id desc
    limit p_limit;
  end if;
end $$;

revoke execute on function private.find_products_v1(text, integer) from public, anon, authenticated;
grant execute on function private.find_products_v1(text, integer)
  to anon, authenticated, service_role;
revoke execute on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function
  app.catalogue_v1(text, text, timestamptz, uuid, integer),
  app.search_products_v1(text, text, integer),
  app.eligible_products_v1(text, text, integer),
  app.reviews_of_product_v1(text, uuid, timestamptz, uuid, integer),
  app.wishlist_v1(text, timestamptz, uuid, integer),
  app.notifications_v1(text, timestamptz, uuid, integer),
  app.wholesaler_orders_v1(text, timestamptz, uuid, integer),
  app.wholesaler_products_v1(text, timestamptz, uuid, integer),
  app.wholesaler_sales_v1(text, date, date),
  app.influencer_orders_v1(text, timestamptz, uuid, integer),
  app.influencer_earnings_v1(text, timestamptz, uuid, integer),
  app.orders_for_admin_v1(text, text, timestamptz, uuid, integer)
  to livecommerce_api;
