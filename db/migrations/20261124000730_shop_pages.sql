-- The shop as everybody sees it: search, filters, one product, what goes with it.

-- A condition of a search as SQL over `p`, with $1 for the filter as a whole. The words stand here,
-- what people type never gets into a statement.
create function private.product_condition(p_filter jsonb) returns text
language sql immutable set search_path = '' as $$
  select concat_ws(' and ', 'true',
    case when p_filter ? 'category' then 'p.category = ($1 ->> ''category'')' end,
    case when p_filter ? 'brand' then 'p.brand = ($1 ->> ''brand'')' end,
    case when p_filter ? 'price_min' then
      'coalesce(p.sale_price_minor, p.retail_price_minor) >= ($1 ->> ''price_min'')::bigint' end,
    case when p_filter ? 'price_max' then
      'coalesce(p.sale_price_minor, p.retail_price_minor) <= ($1 ->> ''price_max'')::bigint' end,
    case when p_filter ->> 'in_stock' = 'true' then 'p.status = ''active''' end)
$$;

-- Ids of products for sale that a search finds, at most p_limit of each kind, in no order. Sees past
-- row security, for the reason that private.find_products_v1 gives, and answers for what everybody may
-- see alone. is_fuzzy: nothing has the words as they were typed, these have some that look like them.
create function private.search_candidates_v1(p_filter jsonb, p_limit integer)
returns table (ids uuid[], is_fuzzy boolean)
language plpgsql stable security definer
set search_path = '' set enable_seqscan = off set enable_indexscan = off as $$
declare
  v_search text := lower(left(btrim(p_filter ->> 'search'), 100));
  v_words text[] := (
    select array_agg(word) from (
      select word from regexp_split_to_table(v_search, '[^[:alnum:]]+') word
      where word <> '' limit 6) w);
  v_query tsquery := (
    select to_tsquery('pg_catalog.english', string_agg(quote_literal(word) || ':*', ' & '))
    from unnest(v_words) word);
  v_condition text := private.product_condition(p_filter);
  -- One condition for each word: an index answers these, and not `all (words)`.
  v_alike text := (
    select string_agg(format(
      'private.product_words(p.name, p.category, p.subcategory, p.brand) '
      'operator(extensions.%%>) ($2)[%s]', n), ' and ')
    from generate_subscripts(v_words, 1) n);
  v_ids uuid[];
begin
  execute format($sql$
    select array(
      select p.id from public.products p
      where p.is_active and p.status in ('active', 'out_of_stock')
        and private.product_document(p.name, p.short_description, p.description, p.category,
                                     p.subcategory, p.brand, p.tags, p.keywords) @@ $2
        and %1$s
      limit $3)
    || array(
      select p.id from public.products p
      where p.id = any (array(select private.find_products_v1($4, $3))) and %1$s)
  $sql$, v_condition) into v_ids using p_filter, v_query, p_limit, v_search;
  if cardinality(v_ids) > 0 or v_words is null then
    return query select v_ids, false;
    return;
  end if;
  -- A letter wrong, missing or too many leaves most of the trigrams of a word.
  perform set_config('pg_trgm.word_similarity_threshold', '0.45', true);
  execute format($sql$
    select array(
      select p.id from public.products p
      where p.is_active and p.status in ('active', 'out_of_stock')
        and %2$s and %1$s
      limit $3)
  $sql$, v_condition, v_alike) into v_ids using p_filter, v_words, p_limit;
  return query select v_ids, true;
end $$;

-- Products for sale in the order of the wish, as ids: those of a page, and where the next one begins.
-- p_filter: {search, category, brand, price_min, price_max, in_stock, sort, after_key, after_id}; what
-- is left out does not count. sort: relevance | newest | price_up | price_down | rating.
--
-- * With words or a brand, at most 500 products are found and these are put in order.
-- * Without, an index is walked in the order wished, at most 400 products a page: what the price or the
--   stock rules out on the way does not make a page dear, it makes it short.
create function private.shop_page_v1(p_filter jsonb, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_search text := lower(left(btrim(coalesce(p_filter ->> 'search', '')), 100));
  v_sort text := case when v_search = '' and p_filter ->> 'sort' = 'relevance' then 'newest'
                      else p_filter ->> 'sort' end;
  v_key text := case v_sort
    when 'newest' then 'p.created_at'
    when 'rating' then 'coalesce(p.average_rating, 0)'
    when 'relevance' then
      'round((2 * extensions.word_similarity($3, lower(p.name))'
      ' + extensions.word_similarity($3, private.product_words(p.name, p.category, p.subcategory, p.brand))'
      ' + 0.05 * ln(1 + coalesce(p.total_sales, 0)))::numeric, 4)'
    else 'coalesce(p.sale_price_minor, p.retail_price_minor)' end;
  v_type text := case v_sort when 'newest' then 'timestamptz' when 'price_up' then 'bigint'
                             when 'price_down' then 'bigint' else 'numeric' end;
  v_way text := case v_sort when 'price_up' then '' else ' desc' end;
  v_after text := case when p_filter ? 'after_key' then format(
    'and (%s, p.id) %s (($1 ->> ''after_key'')::%s, ($1 ->> ''after_id'')::uuid)',
    v_key, case v_sort when 'price_up' then '>' else '<' end, v_type) else '' end;
  v_ids uuid[];
  v_is_fuzzy boolean := false;
  v_is_walk boolean := v_search = '' and not p_filter ? 'brand';
  v_page jsonb;
begin
  if v_search <> '' then
    select c.ids, c.is_fuzzy into v_ids, v_is_fuzzy from private.search_candidates_v1(p_filter, 500) c;
  elsif not v_is_walk then
    v_ids := array(select p.id from public.products p
                   where p.is_active and p.status in ('active', 'out_of_stock')
                     and p.brand = p_filter ->> 'brand'
                   order by p.created_at desc, p.id desc limit 500);
  end if;
  execute format($sql$
    with walked as (
      select p.id, %1$s as place, p.wholesaler_id, (%2$s) as fits
      from public.products p
      where p.is_active and p.status in ('active', 'out_of_stock') %3$s %4$s
      order by %1$s%5$s, p.id%5$s
      limit $5),
    fit as (
      select w.id, w.place, row_number() over (order by w.place%5$s, w.id%5$s) as nth
      from walked w
      where w.fits and exists (select from public.public_profiles o where o.id = w.wholesaler_id)),
    ends as (
      select (select jsonb_build_object('key', f.place::text, 'id', f.id) from fit f
              where f.nth = $4 and exists (select from fit n where n.nth > $4)) as full_page,
             (select jsonb_build_object('key', w.place::text, 'id', w.id) from walked w
              order by w.place%6$s, w.id%6$s limit 1) as last_seen,
             (select count(*) from walked) as seen)
    select jsonb_build_object(
      'ids', coalesce((select jsonb_agg(f.id order by f.nth) from fit f where f.nth <= $4), '[]'),
      'next', coalesce(e.full_page, case when e.seen >= $5 then e.last_seen end))
    from ends e
  $sql$,
    v_key, private.product_condition(p_filter), v_after,
    case when not v_is_walk then 'and p.id = any ($2)'
         when p_filter ? 'category' then 'and p.category = ($1 ->> ''category'')' else '' end,
    v_way, case v_way when '' then ' desc' else '' end)
  into v_page using p_filter, v_ids, v_search, p_limit, case when v_is_walk then 400 else 1001 end;
  return v_page || jsonb_build_object('is_fuzzy', v_is_fuzzy);
end $$;

-- A product as a list shows it. p_wished: of these products, those that who asks keeps in mind.
create function private.product_card_v1(p public.products, p_wished uuid[]) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', p.id, 'name', p.name, 'short_description', coalesce(p.short_description, ''),
    'category', coalesce(p.category, ''), 'brand', coalesce(p.brand, ''),
    'wholesaler_name', coalesce((select w.name from public.public_profiles w
                                 where w.id = p.wholesaler_id), ''),
    'image_url', p.images ->> 0,
    'price_minor', coalesce(p.sale_price_minor, p.retail_price_minor),
    'compare_at_minor',
      case when p.retail_price_minor > p.sale_price_minor then p.retail_price_minor end,
    'stock', coalesce(p.stock_quantity, 0),
    'in_stock', p.status <> 'out_of_stock' and coalesce(p.stock_quantity, 0) > 0,
    'average_rating', coalesce(p.average_rating, 0), 'total_reviews', coalesce(p.total_reviews, 0),
    'is_wished', p.id = any (p_wished),
    'translations', private.product_texts_v1(p.id))
$$;

-- Which of these products who asks keeps in mind. In statements of its own: who is nobody may not even
-- name the table.
create function private.wished_v1(p_product_ids uuid[]) returns uuid[]
language plpgsql stable set search_path = '' as $$
begin
  if auth.uid() is null then
    return '{}'::uuid[];
  end if;
  return array(select w.product_id from public.wishlist w
               where w.customer_id = (select private.my_customer_id())
                 and w.product_id = any (p_product_ids));
end $$;

-- A page of the shop: {products, next: {key, id} | null, is_fuzzy}.
create function app.shop_products_v1(claims text, p_filter jsonb, p_limit integer) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_page jsonb;
  v_ids uuid[];
  v_wished uuid[];
begin
  perform app.act_as_v1(claims);
  v_page := private.shop_page_v1(p_filter, p_limit);
  v_ids := array(select i::uuid from jsonb_array_elements_text(v_page -> 'ids') i);
  v_wished := private.wished_v1(v_ids);
  return jsonb_build_object(
    'products', coalesce((
      select jsonb_agg(private.product_card_v1(p, v_wished) order by i.nth)
      from unnest(v_ids) with ordinality i (id, nth)
      join public.products p on p.id = i.id), '[]'),
    'next', v_page -> 'next', 'is_fuzzy', v_page -> 'is_fuzzy');
end $$;

-- What a list can be narrowed by: the categories, and the brands of the newest products of one
-- (NULL: of all), most frequent first.
create function app.product_filters_v1(claims text, p_category text) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_brands text[];
begin
  perform app.act_as_v1(claims);
  if p_category is null then
    v_brands := array(select n.brand from (
      select p.brand from public.products p
      where p.is_active and p.status in ('active', 'out_of_stock')
      order by p.created_at desc, p.id desc limit 300) n
      where n.brand <> '' group by n.brand order by count(*) desc, n.brand limit 60);
  else
    v_brands := array(select n.brand from (
      select p.brand from public.products p
      where p.is_active and p.status in ('active', 'out_of_stock') and p.category = p_category
      order by p.created_at desc, p.id desc limit 300) n
      where n.brand <> '' group by n.brand order by count(*) desc, n.brand limit 60);
  end if;
  return jsonb_build_object(
    'categories', coalesce((select jsonb_agg(c.name order by c.display_order, c.name)
                            from public.categories c where c.is_active), '[]'),
    'brands', to_jsonb(v_brands));
end $$;

-- How many reviews of each rating: {"1": n, ...}. Of a product that everybody has an opinion of, the
-- newest 500 speak for all.
create function private.ratings_of_v1(p_product_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_object_agg(r.rating, r.number), '{}')
  from (select n.rating, count(*) as number
        from (select r.rating from public.reviews r
              where r.product_id = p_product_id and r.status = 'published'
              order by r.created_at desc limit 500) n
        group by n.rating) r
$$;

create function private.review_json_v1(r public.reviews) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', r.id, 'product_id', r.product_id, 'rating', r.rating, 'title', coalesce(r.title, ''),
    'body', coalesce(r.body, ''), 'author_name', r.author_name,
    'is_verified_purchase', r.is_verified_purchase, 'status', r.status,
    'hidden_reason', r.hidden_reason, 'reply', r.reply,
    'replied_at_ms', (extract(epoch from r.replied_at) * 1000)::bigint,
    'created_at_ms', (extract(epoch from r.created_at) * 1000)::bigint,
    'updated_at_ms', (extract(epoch from r.updated_at) * 1000)::bigint)
$$;

-- What a product is, for its own page and for its editor; who reads it adds what is theirs.
create function private.product_facts_v1(p public.products) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', p.id, 'wholesaler_id', p.wholesaler_id, 'name', p.name,
    'short_description', coalesce(p.short_description, ''), 'description', coalesce(p.description, ''),
    'category', coalesce(p.category, ''), 'subcategory', coalesce(p.subcategory, ''),
    'brand', coalesce(p.brand, ''), 'tags', to_jsonb(coalesce(p.tags, '{}')),
    'keywords', to_jsonb(coalesce(p.keywords, '{}')),
    'images', coalesce(p.images, '[]'), 'videos', coalesce(p.videos, '[]'),
    'mrp_minor', p.retail_price_minor, 'tax_rate_bp', round(p.tax_rate * 100)::integer,
    'hsn_code', p.hsn_code, 'country_of_origin', p.country_of_origin, 'importer', p.importer,
    'net_quantity', p.net_quantity, 'weight_g', round(p.weight * 1000)::integer,
    'dimensions_mm', case when jsonb_typeof(p.dimensions) = 'object' then jsonb_build_object(
      'length', round((p.dimensions ->> 'length')::numeric * 10)::integer,
      'width', round((p.dimensions ->> 'width')::numeric * 10)::integer,
      'height', round((p.dimensions ->> 'height')::numeric * 10)::integer) end,
    'meta_title', p.meta_title, 'meta_description', p.meta_description,
    'average_rating', coalesce(p.average_rating, 0), 'total_reviews', coalesce(p.total_reviews, 0))
$$;

-- One product for sale, for its page; NULL when there is none.
create function app.shop_product_v1(claims text, p_product_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_customer_id uuid;
  v_product public.products;
  v_plain bigint;
  v_has_received boolean := false;
begin
  perform app.act_as_v1(claims);
  select * into v_product from public.products p
  where p.id = p_product_id and p.is_active and p.status in ('active', 'out_of_stock');
  if not found then
    return null;
  end if;
  v_plain := coalesce(v_product.sale_price_minor, v_product.retail_price_minor);
  -- The statements apart: who is nobody may not even name these functions.
  if auth.uid() is not null then
    v_customer_id := private.my_customer_id();
    v_has_received := v_customer_id is not null and private.has_received_v1(p_product_id);
  end if;
  return private.product_card_v1(v_product, private.wished_v1(array[p_product_id])) || private.product_facts_v1(v_product)
    || jsonb_build_object(
      'variants', (
        select jsonb_agg(jsonb_build_object(
          'id', v.id, 'label', v.label, 'sku', v.sku, 'color', v.color, 'size', v.size,
          'options', coalesce(v.options, '{}'), 'price_minor', coalesce(v.price_minor, v_plain),
          'stock', coalesce(k.on_hand, 0)) order by v.position, v.id)
        from public.product_variants v
        left join public.product_stock k on k.variant_id = v.id
        where v.product_id = p_product_id),
      'ratings', private.ratings_of_v1(p_product_id),
      'my_review', (select private.review_json_v1(r) from public.reviews r
                    where r.product_id = p_product_id and r.customer_id = v_customer_id),
      'can_review', v_has_received);
end $$;

-- What goes with a product: of the newest 80 of its category those that are most like it.
create function app.related_products_v1(claims text, p_product_id uuid, p_limit integer) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_product public.products;
  v_ids uuid[];
  v_wished uuid[];
begin
  perform app.act_as_v1(claims);
  select * into v_product from public.products p where p.id = p_product_id and p.is_active;
  v_ids := array(
    select r.id from (
      select n.id, n.created_at,
             2 * (n.subcategory is not distinct from v_product.subcategory)::integer
             + (n.brand is not distinct from v_product.brand)::integer
             + cardinality(array(select unnest(n.tags) intersect select unnest(v_product.tags)))
               as likeness
      from (select p.id, p.subcategory, p.brand, p.tags, p.created_at from public.products p
            where p.is_active and p.status in ('active', 'out_of_stock')
              and p.category = v_product.category and p.id <> p_product_id
            order by p.created_at desc, p.id desc limit 80) n
    ) r
    order by r.likeness desc, r.created_at desc, r.id
    limit p_limit);
  v_wished := private.wished_v1(v_ids);
  return coalesce((
    select jsonb_agg(private.product_card_v1(p, v_wished) order by i.nth)
    from unnest(v_ids) with ordinality i (id, nth) join public.products p on p.id = i.id), '[]');
end $$;

-- ---------------------------------------------------------------------------------------------
-- Reviews and wishlist

-- Whether a piece of the product has come to the customer who asks. Orders may be delivered in parts.
create function private.has_received_v1(p_product_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.order_items i join public.orders o on o.id = i.order_id
    where o.customer_id = (select private.my_customer_id()) and i.product_id = p_product_id
      and (i.quantity_delivered > 0 or o.status in ('delivered', 'refunded')))
$$;

create or replace function private.check_review() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Before anything is said of a purchase: whether it is the caller's own.
  if not private.is_service_caller()
     and new.customer_id is distinct from (select private.my_customer_id()) then
    return new;  -- row security refuses it
  end if;
  select i.id into new.order_item_id
  from public.order_items i join public.orders o on o.id = i.order_id
  where o.customer_id = new.customer_id and i.product_id = new.product_id
    and (i.quantity_delivered > 0 or o.status in ('delivered', 'refunded'))
  order by o.created_at desc limit 1;
  if not found then
    raise exception using errcode = '42501',
      message = 'a product can be reviewed once it was delivered to you';
  end if;
  new.is_verified_purchase := true;
  select coalesce(nullif(concat_ws(' ', nullif(btrim(c.first_name), ''),
                                   left(nullif(btrim(c.last_name), ''), 1) || '.'), ''), 'Customer')
  into new.author_name from public.customers c where c.id = new.customer_id;
  return new;
end $$;

-- A customer's word on a product, once each: the later one takes the place of the one before. Answers
-- {outcome, review}.
create function app.write_review_v1(
  claims text, p_product_id uuid, p_rating integer, p_title text, p_body text)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_customer_id uuid;
  v_review public.reviews;
begin
  perform app.act_as_v1(claims);
  v_customer_id := private.my_customer_id();
  if v_customer_id is null then
    return '{"outcome": "not_customer"}'::jsonb;
  elsif not exists (select from public.products p where p.id = p_product_id) then
    return '{"outcome": "not_found"}'::jsonb;
  elsif not private.has_received_v1(p_product_id) then
    return '{"outcome": "not_bought"}'::jsonb;
  end if;
  insert into public.reviews as r (product_id, customer_id, rating, title, body)
  values (p_product_id, v_customer_id, p_rating, p_title, p_body)
  on conflict (product_id, customer_id) do update
  set rating = excluded.rating, title = excluded.title, body = excluded.body
  returning * into v_review;
  return jsonb_build_object('outcome', 'done', 'review', private.review_json_v1(v_review));
end $$;

create function app.remove_review_v1(claims text, p_review_id uuid) returns text
language plpgsql volatile set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  delete from public.reviews r
  where r.id = p_review_id and r.customer_id = (select private.my_customer_id());
  return case when found then 'done' else 'not_found' end;
end $$;

-- Reviews of a product, newest first: [{...}].
create function app.reviews_of_v1(
  claims text, p_product_id uuid, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, review jsonb, created_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query
  select r.id, private.review_json_v1(r), r.created_at
  from public.reviews r
  where r.product_id = p_product_id and r.status = 'published'
    and (r.created_at, r.id) < (coalesce(p_after_at, 'infinity'),
                                coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  order by r.created_at desc, r.id desc
  limit p_limit;
end $$;

-- What came to the customer lately and has no review of theirs. Of the newest 100 orders.
create function app.reviews_due_v1(claims text, p_limit integer)
returns table (product_id uuid, name text, image_url text, order_id uuid, delivered_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query
  select d.product_id, p.name::text, p.images ->> 0, d.order_id, d.at
  from (
    select distinct on (i.product_id) i.product_id, o.id as order_id,
           coalesce(o.actual_delivery_date::timestamptz, o.updated_at) as at
    from (select * from public.orders o where o.customer_id = (select private.my_customer_id())
          order by o.created_at desc limit 100) o
    join public.order_items i on i.order_id = o.id
    where (i.quantity_delivered > 0 or o.status in ('delivered', 'refunded'))
      and i.quantity_returned < i.quantity
    order by i.product_id, o.created_at desc) d
  join public.products p on p.id = d.product_id
  where not exists (select from public.reviews r where r.product_id = d.product_id
                      and r.customer_id = (select private.my_customer_id()))
  order by d.at desc
  limit p_limit;
end $$;

-- All reviews for who moderates, newest first: of one status or (NULL) of both.
create function app.reviews_for_admin_v1(
  claims text, p_status text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, review jsonb, product_name text, created_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  if p_status = 'hidden' then
    return query
    select r.id, private.review_json_v1(r), p.name::text, r.created_at
    from public.reviews r join public.products p on p.id = r.product_id
    where (select private.is_admin()) and r.status = 'hidden' and (r.created_at, r.id) < (v_at, v_id)
    order by r.created_at desc, r.id desc
    limit p_limit;
  else
    -- Hidden ones are few: to leave them out on the way costs nothing.
    return query
    select r.id, private.review_json_v1(r), p.name::text, r.created_at
    from public.reviews r join public.products p on p.id = r.product_id
    where (select private.is_admin()) and (p_status is null or r.status = p_status)
      and (r.created_at, r.id) < (v_at, v_id)
    order by r.created_at desc, r.id desc
    limit p_limit;
  end if;
end $$;

-- p_body: NULL takes the reply back. Answers {outcome, review}.
create function private.reply_to_review_v1(p_user_id uuid, p_review_id uuid, p_body text) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_review public.reviews;
begin
  update public.reviews r
  set reply = p_body, replied_at = case when p_body is not null then now() end
  from public.products p
  where r.id = p_review_id and r.status = 'published' and p.id = r.product_id
    and p.wholesaler_id = private.wholesaler_of_user_v1(p_user_id)
  returning r.* into v_review;
  if not found then
    return '{"outcome": "not_found"}'::jsonb;
  end if;
  return jsonb_build_object('outcome', 'done', 'review', private.review_json_v1(v_review));
end $$;

-- p_reason: NULL shows it again. Its author keeps seeing it, with the reason.
create function private.hide_review_v1(p_review_id uuid, p_reason text) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_review public.reviews;
begin
  update public.reviews r
  set status = case when p_reason is null then 'published' else 'hidden' end, hidden_reason = p_reason
  where r.id = p_review_id
  returning r.* into v_review;
  if not found then
    return '{"outcome": "not_found"}'::jsonb;
  end if;
  return jsonb_build_object('outcome', 'done', 'review', private.review_json_v1(v_review));
end $$;

-- p_is_wished: kept in mind or not any more; either twice is as once.
create function app.wish_v1(claims text, p_product_id uuid, p_is_wished boolean, p_most integer)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_customer_id uuid;
begin
  perform app.act_as_v1(claims);
  v_customer_id := private.my_customer_id();
  if v_customer_id is null then
    return 'not_customer';
  elsif not p_is_wished then
    delete from public.wishlist w where w.customer_id = v_customer_id and w.product_id = p_product_id;
    return 'done';
  elsif not exists (select from public.products p where p.id = p_product_id and p.is_active) then
    return 'not_found';
  elsif (select count(*) from public.wishlist w where w.customer_id = v_customer_id) >= p_most then
    return case when exists (select from public.wishlist w where w.customer_id = v_customer_id
                               and w.product_id = p_product_id) then 'done' else 'full' end;
  end if;
  insert into public.wishlist (customer_id, product_id) values (v_customer_id, p_product_id)
  on conflict do nothing;
  return 'done';
end $$;

-- ---------------------------------------------------------------------------------------------
-- A wholesaler's own

-- Which of its own products a wholesaler means by a word of the list.
create function private.is_in_state(p public.products, p_state text) returns boolean
language sql immutable set search_path = '' as $$
  select case p_state
    when 'for_sale' then p.is_active and p.status in ('active', 'out_of_stock')
    when 'hidden' then p.status <> 'discontinued' and not (p.is_active and p.status <> 'inactive')
    when 'discontinued' then p.status = 'discontinued'
    when 'low_stock' then p.status <> 'discontinued' and p.stock_quantity > 0
                          and p.stock_quantity <= coalesce(p.min_stock_level, 0)
    when 'sold_out' then p.status <> 'discontinued' and coalesce(p.stock_quantity, 0) = 0
    else true end
$$;

-- p_search: part of a name, or the beginning of a number of the product or of a variant.
create function app.own_products_v1(
  claims text, p_search text, p_state text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, name text, sku text, category text, image_url text, status text,
               price_minor bigint, mrp_minor bigint, stock integer, min_stock_level integer,
               is_low boolean, variants integer, total_sales integer, created_at timestamptz,
               updated_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  v_search text := lower(btrim(p_search));
begin
  perform app.act_as_v1(claims);
  return query
  select p.id, p.name::text, coalesce(p.sku, '')::text, coalesce(p.category, '')::text,
         p.images ->> 0,
         case when p.status = 'discontinued' then 'discontinued'
              when p.is_active and p.status <> 'inactive' then 'active' else 'inactive' end,
         coalesce(p.sale_price_minor, p.retail_price_minor), p.retail_price_minor,
         coalesce(p.stock_quantity, 0), coalesce(p.min_stock_level, 0),
         coalesce(p.stock_quantity, 0) <= coalesce(p.min_stock_level, 0),
         (select count(*)::integer from public.product_variants v where v.product_id = p.id),
         coalesce(p.total_sales, 0), p.created_at, p.updated_at
  from public.products p
  where p.wholesaler_id = (select private.my_wholesaler_id()) and (p.created_at, p.id) < (v_at, v_id)
    and private.is_in_state(p, p_state)
    and (v_search = '' or strpos(lower(p.name), v_search) > 0
         or starts_with(lower(coalesce(p.sku, '')), v_search)
         or exists (select from public.product_variants v
                    where v.product_id = p.id and starts_with(lower(v.sku), v_search)))
  order by p.created_at desc, p.id desc
  limit p_limit;
end $$;

-- How many products of each state, of the newest 5000.
create function app.own_product_counts_v1(claims text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return (
    select jsonb_build_object(
      'all', count(*), 'for_sale', count(*) filter (where private.is_in_state(p, 'for_sale')),
      'hidden', count(*) filter (where private.is_in_state(p, 'hidden')),
      'low_stock', count(*) filter (where private.is_in_state(p, 'low_stock')),
      'sold_out', count(*) filter (where private.is_in_state(p, 'sold_out')),
      'discontinued', count(*) filter (where private.is_in_state(p, 'discontinued')))
    from public.products p
    where p.id in (select o.id from public.products o
                   where o.wholesaler_id = (select private.my_wholesaler_id())
                   order by o.created_at desc, o.id desc limit 5000));
end $$;

-- A product as its wholesaler edits it.
create function private.own_product_json_v1(p public.products) returns jsonb
language sql stable set search_path = '' as $$
  select private.product_facts_v1(p) || jsonb_build_object(
    'sku', p.sku, 'barcode', p.barcode,
    'price_minor', p.sale_price_minor,
    'wholesale_price_minor', (p.wholesale_price * 100)::bigint,
    'min_stock_level', coalesce(p.min_stock_level, 0),
    'status', case when p.status = 'discontinued' then 'discontinued'
                   when p.is_active and p.status <> 'inactive' then 'active' else 'inactive' end,
    'is_live_stream_eligible', coalesce(p.is_live_stream_eligible, true),
    'total_sales', coalesce(p.total_sales, 0),
    'created_at_ms', (extract(epoch from p.created_at) * 1000)::bigint,
    'updated_at_ms', (extract(epoch from p.updated_at) * 1000)::bigint,
    'variants', coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', v.id, 'label', v.label, 'sku', v.sku, 'color', v.color, 'size', v.size,
        'options', coalesce(v.options, '{}'), 'price_minor', v.price_minor,
        'stock', coalesce(k.on_hand, 0)) order by v.position, v.id)
      from public.product_variants v left join public.product_stock k on k.variant_id = v.id
      where v.product_id = p.id), '[]'),
    'translations', coalesce((
      select jsonb_object_agg(t.locale, jsonb_build_object(
        'name', t.name, 'short_description', t.short_description, 'description', t.description))
      from public.product_translations t where t.product_id = p.id and t.locale in ('en', 'hi')), '{}'))
$$;

create function app.own_product_v1(claims text, p_product_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return (select private.own_product_json_v1(p) from public.products p
          where p.id = p_product_id and p.wholesaler_id = (select private.my_wholesaler_id()));
end $$;

-- Own products by the numbers of the products or of their variants; for imports.
create function app.own_products_by_sku_v1(claims text, p_skus text[]) returns setof jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query
  select private.own_product_json_v1(p) from public.products p
  where p.wholesaler_id = (select private.my_wholesaler_id())
    and p.id in (select o.id from public.products o where o.sku = any (p_skus)
                 union select v.product_id from public.product_variants v where v.sku = any (p_skus));
end $$;

-- Own products as they are edited, for an export, newest first.
create function app.own_products_in_full_v1(
  claims text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, product jsonb, created_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query
  select p.id, private.own_product_json_v1(p), p.created_at
  from public.products p
  where p.wholesaler_id = (select private.my_wholesaler_id())
    and (p.created_at, p.id) < (coalesce(p_after_at, 'infinity'),
                                coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  order by p.created_at desc, p.id desc
  limit p_limit;
end $$;

revoke execute on function
  private.shop_page_v1(jsonb, integer),
  private.product_card_v1(public.products, uuid[]),
  private.product_facts_v1(public.products),
  private.ratings_of_v1(uuid),
  private.review_json_v1(public.reviews),
  private.wished_v1(uuid[]),
  private.has_received_v1(uuid),
  private.is_in_state(public.products, text),
  private.own_product_json_v1(public.products),
  private.product_condition(jsonb),
  private.search_candidates_v1(jsonb, integer),
  private.reply_to_review_v1(uuid, uuid, text),
  private.hide_review_v1(uuid, text)
  from public, anon, authenticated;
grant execute on function
  private.shop_page_v1(jsonb, integer),
  private.product_card_v1(public.products, uuid[]),
  private.product_facts_v1(public.products),
  private.ratings_of_v1(uuid),
  private.review_json_v1(public.reviews),
  private.wished_v1(uuid[]),
  private.has_received_v1(uuid),
  private.is_in_state(public.products, text),
  private.own_product_json_v1(public.products),
  private.product_condition(jsonb),
  private.search_candidates_v1(jsonb, integer),
  private.reply_to_review_v1(uuid, uuid, text),
  private.hide_review_v1(uuid, text)
  to service_role;
grant execute on function
  private.shop_page_v1(jsonb, integer),
  private.product_card_v1(public.products, uuid[]),
  private.product_facts_v1(public.products),
  private.ratings_of_v1(uuid),
  private.review_json_v1(public.reviews),
  private.wished_v1(uuid[])
  to anon, authenticated;
grant execute on function
  private.has_received_v1(uuid),
  private.is_in_state(public.products, text),
  private.own_product_json_v1(public.products)
  to authenticated;
revoke execute on function
  app.shop_products_v1(text, jsonb, integer),
  app.product_filters_v1(text, text),
  app.shop_product_v1(text, uuid),
  app.related_products_v1(text, uuid, integer),
  app.write_review_v1(text, uuid, integer, text, text),
  app.remove_review_v1(text, uuid),
  app.reviews_of_v1(text, uuid, timestamptz, uuid, integer),
  app.reviews_due_v1(text, integer),
  app.reviews_for_admin_v1(text, text, timestamptz, uuid, integer),
  app.wish_v1(text, uuid, boolean, integer),
  app.own_products_v1(text, text, text, timestamptz, uuid, integer),
  app.own_product_counts_v1(text),
  app.own_product_v1(text, uuid),
  app.own_products_by_sku_v1(text, text[]),
  app.own_products_in_full_v1(text, timestamptz, uuid, integer)
  from public, anon, authenticated, service_role;
grant execute on function
  app.shop_products_v1(text, jsonb, integer),
  app.product_filters_v1(text, text),
  app.shop_product_v1(text, uuid),
  app.related_products_v1(text, uuid, integer),
  app.write_review_v1(text, uuid, integer, text, text),
  app.remove_review_v1(text, uuid),
  app.reviews_of_v1(text, uuid, timestamptz, uuid, integer),
  app.reviews_due_v1(text, integer),
  app.reviews_for_admin_v1(text, text, timestamptz, uuid, integer),
  app.wish_v1(text, uuid, boolean, integer),
  app.own_products_v1(text, text, text, timestamptz, uuid, integer),
  app.own_product_counts_v1(text),
  app.own_product_v1(text, uuid),
  app.own_products_by_sku_v1(text, text[]),
  app.own_products_in_full_v1(text, timestamptz, uuid, integer)
  to livecommerce_api;
