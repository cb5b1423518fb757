-- What the pages of the shop call "left" is what can be had: without what is held for others and what
-- deals keep for their own buyers. And the wishlist as cards, so that it can be bought from.

-- What is dropped had its callers here and one query, which moves on in the same release.
-- squawk-ignore-file ban-drop-function

-- Pieces of each variant of these products that who asks can have outside of live sessions: what
-- private.available_v1 says one by one, for a page at once. Past row security: holds and deals are nobody's
-- to read, how many pieces are left is everybody's. One's own hold does not count against oneself.
create function private.left_of_products_v1(p_product_ids uuid[])
returns table (product_id uuid, variant_id uuid, pieces integer)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_customer_id uuid := private.my_customer_id();
begin
  return query
  select v.product_id, v.id,
         greatest(0, coalesce(k.on_hand, 0) - coalesce(h.held, 0) - coalesce(d.kept, 0))::integer
  from public.product_variants v
  left join public.product_stock k on k.variant_id = v.id
  left join lateral (
    select sum(h.quantity) as held from private.stock_holds h
    where h.variant_id = v.id and h.expires_at > now()
      and h.customer_id is distinct from v_customer_id) h on true
  left join lateral (
    select sum(greatest(0, d.total_limit - coalesce(c.sold, 0))) as kept
    from private.deals d left join private.deal_counts c on c.deal_id = d.id
    where d.variant_id = v.id and d.is_set_aside and d.ended_at is null and d.ends_at > now()) d on true
  where v.product_id = any (p_product_ids);
end $$;

-- A product as a list shows it. p_wished: of these products, those that who asks keeps in mind. p_left: how
-- many pieces they can have.
create function private.product_card_v2(p public.products, p_wished uuid[], p_left bigint) returns jsonb
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
    'stock', coalesce(p_left, 0),
    'in_stock', p.status <> 'out_of_stock' and coalesce(p_left, 0) > 0,
    'average_rating', coalesce(p.average_rating, 0), 'total_reviews', coalesce(p.total_reviews, 0),
    'is_wished', p.id = any (p_wished),
    'translations', private.product_texts_v1(p.id))
$$;

-- These products as cards in their order. p_in_stock: without those that cannot be had.
create function private.product_cards_v1(p_ids uuid[], p_in_stock boolean) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_wished uuid[] := private.wished_v1(p_ids);
begin
  return coalesce((
    select jsonb_agg(private.product_card_v2(p, v_wished, l.pieces) order by i.nth)
    from unnest(p_ids) with ordinality i (id, nth)
    join public.products p on p.id = i.id
    left join (select product_id, sum(pieces)::bigint as pieces from private.left_of_products_v1(p_ids)
               group by product_id) l on l.product_id = p.id
    where not p_in_stock or l.pieces > 0), '[]');
end $$;

-- A page of the shop: {products, next: {key, id} | null, is_fuzzy}. With in_stock, what is all held for
-- others is left out, too: the page is shorter.
create or replace function app.shop_products_v1(claims text, p_filter jsonb, p_limit integer)
returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_page jsonb;
begin
  perform app.act_as_v1(claims);
  v_page := private.shop_page_v1(p_filter, p_limit);
  return jsonb_build_object(
    'products', private.product_cards_v1(
      array(select i::uuid from jsonb_array_elements_text(v_page -> 'ids') i),
      coalesce(p_filter ->> 'in_stock' = 'true', false)),
    'next', v_page -> 'next', 'is_fuzzy', v_page -> 'is_fuzzy');
end $$;

-- One product for sale, for its page; NULL when there is none.
create or replace function app.shop_product_v1(claims text, p_product_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_customer_id uuid;
  v_product public.products;
  v_plain bigint;
  v_left jsonb;
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
  v_left := (select jsonb_object_agg(l.variant_id, l.pieces)
             from private.left_of_products_v1(array[p_product_id]) l);
  return private.product_card_v2(v_product, private.wished_v1(array[p_product_id]),
                                 (select sum(e.value::integer) from jsonb_each_text(v_left) e))
    || private.product_facts_v1(v_product)
    || jsonb_build_object(
      'variants', (
        select jsonb_agg(jsonb_build_object(
          'id', v.id, 'label', v.label, 'sku', v.sku, 'color', v.color, 'size', v.size,
          'options', coalesce(v.options, '{}'), 'price_minor', coalesce(v.price_minor, v_plain),
          'stock', coalesce((v_left ->> v.id::text)::integer, 0)) order by v.position, v.id)
        from public.product_variants v
        where v.product_id = p_product_id),
      'ratings', private.ratings_of_v1(p_product_id),
      'my_review', (select private.review_json_v1(r) from public.reviews r
                    where r.product_id = p_product_id and r.customer_id = v_customer_id),
      'can_review', v_has_received);
end $$;

-- What goes with a product: of the newest 80 of its category those that are most like it.
create or replace function app.related_products_v1(claims text, p_product_id uuid, p_limit integer)
returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_product public.products;
begin
  perform app.act_as_v1(claims);
  select * into v_product from public.products p where p.id = p_product_id and p.is_active;
  return private.product_cards_v1(array(
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
    limit p_limit), false);
end $$;

-- A page of what a customer keeps in mind, newest first: the places, and the cards of those that are for
-- sale, each with only_variant_id: where there is nothing to choose, it can be bought from the list.
create function app.wishlist_v2(claims text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, product jsonb, only_variant_id uuid, added_at timestamptz)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  return query
  with kept as materialized (
    select w.id, w.product_id, w.added_at
    from public.wishlist w join public.products p on p.id = w.product_id
    where w.customer_id = (select private.my_customer_id()) and (w.added_at, w.id) < (v_at, v_id)
      and p.is_active and p.status in ('active', 'out_of_stock')
    order by w.added_at desc, w.id desc
    limit p_limit),
  cards as (
    select c.card from jsonb_array_elements(private.product_cards_v1(
      array(select k.product_id from kept k), false)) c (card))
  select k.id, c.card,
         (select min(v.id::text)::uuid from public.product_variants v
          where v.product_id = k.product_id having count(*) = 1),
         k.added_at
  from kept k join cards c on (c.card ->> 'id')::uuid = k.product_id
  order by k.added_at desc, k.id desc;
end $$;

drop function app.wishlist_v1(text, timestamptz, uuid, integer);
drop function private.product_card_v1(public.products, uuid[]);

revoke execute on function
  private.left_of_products_v1(uuid[]),
  private.product_card_v2(public.products, uuid[], bigint),
  private.product_cards_v1(uuid[], boolean)
  from public, anon, authenticated;
grant execute on function
  private.left_of_products_v1(uuid[]),
  private.product_card_v2(public.products, uuid[], bigint),
  private.product_cards_v1(uuid[], boolean)
  to anon, authenticated, service_role;
revoke execute on function app.wishlist_v2(text, timestamptz, uuid, integer)
  from public, anon, authenticated, service_role;
grant execute on function app.wishlist_v2(text, timestamptz, uuid, integer) to livecommerce_api;
