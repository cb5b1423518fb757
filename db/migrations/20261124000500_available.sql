-- How many pieces of a variant one customer can have now: the one place that says so row by row (the
-- checkout asks the same for a whole batch at once).

-- What is on hand, without what is promised to others and what deals keep for their own buyers.
-- p_customer_id: whose own hold does not count against them; NULL for somebody unknown.
-- p_live_session_id: where they buy; NULL outside of live sessions. Its deals keep nothing from them.
create function private.available_v1(p_variant_id uuid, p_customer_id uuid, p_live_session_id uuid)
returns integer
language sql stable set search_path = '' as $$
  select greatest(0,
    coalesce((select k.on_hand from public.product_stock k where k.variant_id = p_variant_id), 0)
    - coalesce((select sum(h.quantity) from private.stock_holds h
                where h.variant_id = p_variant_id and h.expires_at > now()
                  and h.customer_id is distinct from p_customer_id), 0)
    - coalesce((select sum(greatest(0, d.total_limit - coalesce(c.sold, 0)))
                from private.deals d left join private.deal_counts c on c.deal_id = d.id
                where d.variant_id = p_variant_id and d.is_set_aside
                  and d.ended_at is null and d.ends_at > now()
                  and d.live_session_id is distinct from p_live_session_id), 0))::integer
$$;

revoke execute on function private.available_v1(uuid, uuid, uuid) from public, anon, authenticated;
grant execute on function private.available_v1(uuid, uuid, uuid) to service_role;
