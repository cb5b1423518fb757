-- Prices: what each wished line costs this customer at this moment, and whom it earns something.

-- A line of a checkout as it stands. place: of the order in the batch; line: of the line in the order.
-- deal_state, of the deal that the customer was shown: running | not_started | time | sold_out | stopped |
-- session_ended; NULL when none was shown.
create type private.checkout_line as (
  place integer,
  line integer,
  customer_id uuid,
  variant_id uuid,
  product_id uuid,
  wholesaler_id uuid,
  name text,
  label text,
  sku text,
  color text,
  size text,
  image_url text,
  mrp_minor bigint,
  hsn_code text,
  tax_rate numeric,
  quantity integer,
  price_minor bigint,
  plain_minor bigint,
  is_sellable boolean,
  deal_id uuid,
  deal_limit integer,
  deal_customer_limit integer,
  deal_bought integer,
  deal_is_set_aside boolean,
  shown_deal_id uuid,
  deal_state text,
  deal_ended_at timestamptz,
  held integer,
  influencer_id uuid,
  live_session_id uuid,
  is_on_air boolean,
  attribution_kind text,
  attribution_reason text,
  attributed_at timestamptz,
  fee_bp integer,
  commission_bp integer,
  rule_id uuid
);

-- p_windows: {carryover_s, replay_s, link_s}. The other arrays are columns of one list of lines.
--
-- * The price of a live session holds while it is on air, a deal from its start to its end by the clock
--   of this database or until it is sold out, and only for who buys through that live session.
-- * A line that was put into the cart during a live session keeps that touch, whatever the request says.
-- * What somebody buys of himself, or for the telephone of the influencer, earns nothing.
create function private.priced_lines_v1(
  p_places integer[],
  p_lines integer[],
  p_user_ids uuid[],
  p_customer_ids uuid[],
  p_phones text[],
  p_variant_ids uuid[],
  p_quantities integer[],
  p_live_session_ids uuid[],
  p_deal_ids uuid[],
  p_from_cart boolean[],
  p_windows jsonb)
returns setof private.checkout_line
-- Volatile, though it changes nothing: it looks with a snapshot of its own, so that what was committed
-- while the caller waited is seen.
language plpgsql volatile set search_path = ''
-- Planned once for a connection, by indexes, whatever the statistics said that day: planning this takes
-- longer than running it, and a table that was empty at dawn is hot at noon.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  v_carryover interval := make_interval(secs => (p_windows ->> 'carryover_s')::integer);
  v_replay interval := make_interval(secs => (p_windows ->> 'replay_s')::integer);
  v_link interval := make_interval(secs => (p_windows ->> 'link_s')::integer);
  v_has_rules boolean := exists (select from private.commission_rules);
begin
  return query
  select
    w.place, w.line, w.customer_id, w.variant_id, p.id, p.wholesaler_id,
    p.name::text, v.label::text, coalesce(v.sku, p.sku)::text, v.color::text, v.size::text,
    p.images ->> 0, p.retail_price_minor, p.hsn_code::text, p.tax_rate,
    w.quantity,
    least(plain.minor, d.price_minor),
    plain.minor,
    coalesce(p.is_active and p.status in ('active', 'out_of_stock') and h.is_active, false),
    d.id, d.total_limit, d.customer_limit, coalesce(b.quantity, 0), coalesce(d.is_set_aside, false),
    w.deal_id,
    case when w.deal_id is null then null
         when shown.id is null then 'stopped'
         when d.id = shown.id then 'running'
         when shown.ended_reason is not null then shown.ended_reason
         when shown.starts_at > now() then 'not_started'
         when shown.ends_at <= now() then 'time'
         when shown.live_session_id is distinct from s.id then 'stopped'
         when s.status not in ('live', 'paused') then 'session_ended'
         else 'sold_out' end,
    coalesce(shown.ended_at, least(shown.ends_at, now())),
    coalesce(own.quantity, 0),
    case when touch.kind <> 'none' then touch.influencer_id end,
    case when touch.kind <> 'none' then touch.live_session_id end,
    coalesce(on_air.yes, false),
    touch.kind, touch.reason, touch.touched_at,
    coalesce(rule.fee_bp, (h.commission_rate * 100)::integer, 0),
    case when touch.kind <> 'none'
         then coalesce(rule.commission_bp, (touch.commission_rate * 100)::integer, 0) else 0 end,
    rule.id
  from unnest(p_places, p_lines, p_user_ids, p_customer_ids, p_phones, p_variant_ids, p_quantities,
              p_live_session_ids, p_deal_ids, p_from_cart)
    w (place, line, user_id, customer_id, phone, variant_id, quantity, asked_session_id, deal_id, from_cart)
  left join public.cart c on w.from_cart and c.customer_id = w.customer_id
                         and c.variant_id = w.variant_id and c.live_session_id is not null
  left join public.product_variants v on v.id = w.variant_id
  left join public.products p on p.id = v.product_id
  left join public.wholesalers h on h.id = p.wholesaler_id
  left join public.live_sessions s
    on s.id = coalesce(c.live_session_id, w.asked_session_id) and s.visibility <> 'private'
  left join public.live_session_products sp on sp.live_session_id = s.id and sp.product_id = p.id
  left join public.influencers i on i.id = s.influencer_id
  cross join lateral (select s.status in ('live', 'paused') as yes) on_air
  cross join lateral (select private.unit_price_minor_v1(
    coalesce(p.sale_price_minor, p.retail_price_minor), v.price_minor, sp.special_price_minor,
    on_air.yes) as minor) plain
  left join lateral (
    select g.* from private.deals g
    left join private.deal_counts n on n.deal_id = g.id
    where on_air.yes and g.live_session_id = s.id and g.product_id = p.id
      and (g.variant_id is null or g.variant_id = v.id) and g.ended_at is null
      and now() >= g.starts_at and now() < g.ends_at
      and (g.total_limit is null or coalesce(n.sold, 0) < g.total_limit)
      and g.price_minor <= plain.minor
    order by g.id = w.deal_id desc nulls last, g.price_minor, g.id
    limit 1) d on true
  left join private.deals shown on shown.id = w.deal_id
  left join private.deal_purchases b on b.deal_id = d.id and b.customer_id = w.customer_id
  left join private.stock_holds own
    on own.customer_id = w.customer_id and own.variant_id = w.variant_id and own.expires_at > now()
  -- The newest click, where no live session speaks for itself.
  left join lateral (
    select t.*, k.status, k.end_time from private.touches t
    left join public.live_sessions k on k.id = t.live_session_id
    where (sp.id is null or not (on_air.yes or (s.status = 'ended' and s.end_time > now() - v_replay)))
      and t.customer_id = w.customer_id and t.product_id = p.id
      and case t.kind when 'link' then t.touched_at > now() - v_link
                      when 'replay' then t.touched_at > now() - v_replay
                      else k.status in ('live', 'paused') or k.end_time > now() - v_carryover end
    order by t.touched_at desc limit 1) click on true
  left join public.influencers ci on ci.id = click.influencer_id
  cross join lateral (
    select q.influencer_id, q.live_session_id, q.commission_rate, q.touched_at,
           case when q.kind is null or q.earner is null then 'none'
                when q.earner = w.user_id or (q.phone is not null and q.phone = w.phone) then 'none'
                else q.kind end as kind,
           case when q.kind is null or q.earner is null then 'no_touch'
                when q.earner = w.user_id then 'own_purchase'
                when q.phone is not null and q.phone = w.phone then 'own_household'
                else q.why end as reason
    from (
      select i.id as influencer_id, s.id as live_session_id, i.commission_rate, i.user_id as earner,
             i.phone, coalesce(c.touched_at, now()) as touched_at,
             case when on_air.yes then 'in_session'
                  when s.end_time > now() - v_carryover then 'session_carryover'
                  else 'replay' end as kind,
             case when c.id is not null then 'added_to_cart' else 'bought_there' end as why
      where sp.id is not null
        and (on_air.yes or (s.status = 'ended' and s.end_time > now() - v_replay))
      union all
      select ci.id, click.live_session_id, ci.commission_rate, ci.user_id, ci.phone, click.touched_at,
             case click.kind when 'link' then 'affiliate_link' when 'replay' then 'replay'
                             else case when click.status in ('live', 'paused') then 'in_session'
                                       else 'session_carryover' end end,
             'last_click'
      where ci.id is not null
      union all
      select null, null, null, null, null, null, null, null
      limit 1) q) touch
  left join lateral (
    select r.id, r.fee_bp, r.commission_bp from private.commission_rules r
    where v_has_rules and now() >= r.valid_from and (r.valid_until is null or now() < r.valid_until)
      and (r.wholesaler_id is null or r.wholesaler_id = p.wholesaler_id)
      and (r.influencer_id is null or r.influencer_id = touch.influencer_id)
      and (r.live_session_id is null or r.live_session_id = touch.live_session_id)
      and (r.category is null or r.category = p.category)
    order by r.position limit 1) rule on true;
end $$;
