-- What the database does by itself: states that move only along their tables, prices of carts,
-- statistics from facts, clocks of support.

-- What changes here (constraints, a column that need not be filled any more) is new in this release.
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-not-null

-- ---------------------------------------------------------------------------------------------
-- States. A row is a move that may be made; everything else is refused with a sentence.

create table private.state_moves (
  machine text not null,
  from_state text not null,
  to_state text not null,
  primary key (machine, from_state, to_state)
);
comment on table private.state_moves is 'the moves that orders, payments and others may make';

insert into private.state_moves (machine, from_state, to_state) values
  ('order', 'pending', 'confirmed'),
  ('order', 'pending', 'processing'),     -- cash on delivery is packed unpaid
  ('order', 'pending', 'cancelled'),
  ('order', 'confirmed', 'processing'),
  ('order', 'confirmed', 'shipped'),
  ('order', 'confirmed', 'cancelled'),
  ('order', 'processing', 'shipped'),
  ('order', 'processing', 'cancelled'),
  ('order', 'shipped', 'delivered'),
  ('order', 'shipped', 'cancelled'),      -- came back undelivered
  -- What was cancelled stays cancelled, and its payment says whether the money was given back: it was
  -- never a sale, which a refunded order was.
  ('order', 'delivered', 'refunded'),
  ('payment', 'pending', 'paid'),
  ('payment', 'pending', 'failed'),
  ('payment', 'failed', 'pending'),       -- tried again
  ('payment', 'failed', 'paid'),          -- UPI may succeed after it failed
  ('payment', 'paid', 'partially_refunded'),
  ('payment', 'paid', 'refunded'),
  ('payment', 'partially_refunded', 'refunded'),
  ('live_session', 'scheduled', 'live'),
  ('live_session', 'scheduled', 'cancelled'),
  ('live_session', 'live', 'paused'),
  ('live_session', 'live', 'ended'),
  ('live_session', 'live', 'error'),
  ('live_session', 'paused', 'live'),
  ('live_session', 'paused', 'ended'),
  ('live_session', 'paused', 'error'),
  ('live_session', 'error', 'live'),
  ('live_session', 'error', 'ended'),
  ('return', 'requested', 'approved'),
  ('return', 'requested', 'rejected'),
  ('return', 'requested', 'cancelled'),
  ('return', 'approved', 'received'),
  ('return', 'approved', 'cancelled'),
  ('return', 'received', 'refunded'),
  ('return', 'received', 'rejected'),
  ('refund', 'pending', 'succeeded'),
  ('refund', 'pending', 'failed'),
  ('refund', 'failed', 'pending'),
  ('query', 'open', 'in_progress'),
  ('query', 'open', 'escalated'),
  ('query', 'open', 'resolved'),
  ('query', 'open', 'closed'),
  ('query', 'in_progress', 'escalated'),
  ('query', 'in_progress', 'resolved'),
  ('query', 'in_progress', 'closed'),
  ('query', 'escalated', 'in_progress'),
  ('query', 'escalated', 'resolved'),
  ('query', 'escalated', 'closed'),
  ('query', 'resolved', 'in_progress'),   -- the customer wrote again
  ('query', 'resolved', 'closed');

alter table public.returns add constraint returns_status_check check (
  status in ('requested', 'approved', 'rejected', 'received', 'refunded', 'cancelled'));
alter table public.refunds add constraint refunds_status_check check (
  status in ('pending', 'succeeded', 'failed'));

-- Arguments: the machine, and the column that holds the state.
create function private.check_state_move() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_from text := to_jsonb(old) ->> tg_argv[1];
  v_to text := to_jsonb(new) ->> tg_argv[1];
begin
  if not exists (select from private.state_moves
                 where machine = tg_argv[0] and from_state = v_from and to_state = v_to) then
    raise exception using errcode = '23514', schema = tg_table_schema, table = tg_table_name,
      column = tg_argv[1], constraint = tg_table_name || '_' || tg_argv[1] || '_moves',
      message = format('%s %s that is %s cannot become %s',
                       case when tg_argv[0] in ('order') then 'an' else 'a' end,
                       replace(tg_argv[0], '_', ' '), replace(v_from, '_', ' '), replace(v_to, '_', ' '));
  end if;
  return null;
end $$;

create trigger status_moves after update of status on public.orders
  for each row when (old.status is distinct from new.status)
  execute function private.check_state_move('order', 'status');
create trigger payment_status_moves after update of payment_status on public.orders
  for each row when (old.payment_status is distinct from new.payment_status)
  execute function private.check_state_move('payment', 'payment_status');
create trigger status_moves after update of status on public.live_sessions
  for each row when (old.status is distinct from new.status)
  execute function private.check_state_move('live_session', 'status');
create trigger status_moves after update of status on public.returns
  for each row when (old.status is distinct from new.status)
  execute function private.check_state_move('return', 'status');
create trigger status_moves after update of status on public.refunds
  for each row when (old.status is distinct from new.status)
  execute function private.check_state_move('refund', 'status');
create trigger status_moves after update of status on public.queries
  for each row when (old.status is distinct from new.status)
  execute function private.check_state_move('query', 'status');

-- ---------------------------------------------------------------------------------------------
-- Orders are the server's to write. Without this a client would read "permission denied".

create function private.refuse_client_order() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = '42501',
    message = 'orders are placed by the server, which decides prices and stock',
    hint = 'send order.place over Socket.IO with items, address and the total that was shown';
end $$;
-- The condition and not the function asks who it is: it costs a checkout nothing.
create trigger a_server_only before insert on public.orders
  for each statement when (current_user in ('anon', 'authenticated'))
  execute function private.refuse_client_order();
create trigger a_server_only before insert on public.order_items
  for each statement when (current_user in ('anon', 'authenticated'))
  execute function private.refuse_client_order();

-- 32 numbers at a time: sequences leave gaps anyhow, and no two checkouts wait for each other.
alter sequence public.order_sequence cache 32;

-- TKT- and RET- like ORD-: the day in India and a number that is never cut.
create function private.numbered(p_prefix text, p_number bigint) returns text
language sql stable set search_path = '' as $$
  select p_prefix || '-' || to_char(now() at time zone 'Asia/Kolkata', 'YYYYMMDD') || '-'
         || lpad(p_number::text, greatest(6, length(p_number::text)), '0')
$$;

-- ---------------------------------------------------------------------------------------------
-- Cart lines: the variant they mean, at the price of the moment

create function private.is_for_sale(p_product_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.products p join public.wholesalers w on w.id = p.wholesaler_id
    where p.id = p_product_id and p.is_active and p.status in ('active', 'out_of_stock')
      and w.is_active)
$$;

create function private.price_cart_line() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_matches integer;
  v_line record;
  v_existing uuid;
begin
  -- Less of what is there, or the live session that is gone: nothing is asked that was not granted.
  -- Were it refused when the product is not for sale any more, a live session could not be deleted.
  if tg_op = 'UPDATE'
     and (new.customer_id, new.product_id, new.variant_id, new.selected_color, new.selected_size,
          new.unit_price)
         is not distinct from
         (old.customer_id, old.product_id, old.variant_id, old.selected_color, old.selected_size,
          old.unit_price)
     and new.quantity <= old.quantity
     and (new.live_session_id is null or new.live_session_id = old.live_session_id)
     and not private.is_for_sale(new.product_id) then
    return new;
  end if;
  -- Another product, colour or size without another variant means the one that fits them.
  if tg_op = 'UPDATE' and new.variant_id = old.variant_id
     and (new.product_id, new.selected_color, new.selected_size)
         is distinct from (old.product_id, old.selected_color, old.selected_size) then
    new.variant_id := null;
  end if;
  if new.variant_id is null then
    select count(*), (array_agg(v.id order by v.position, v.id))[1] into v_matches, new.variant_id
    from public.product_variants v
    where v.product_id = new.product_id
      and (new.selected_color is null or v.color is not distinct from new.selected_color)
      and (new.selected_size is null or v.size is not distinct from new.selected_size);
    if v_matches <> 1 then
      raise exception using errcode = '22023',
        message = case when v_matches = 0 then 'there is no such product, colour or size'
                       else 'this product comes in several variants: choose one' end;
    end if;
  end if;

  select p.name, p.retail_price, coalesce(p.sale_price, p.retail_price) as plain_price,
         v.product_id, v.color, v.size, v.price as variant_price,
         private.unit_price_minor_v1(
           coalesce(p.sale_price_minor, p.retail_price_minor), v.price_minor, s.special_price_minor,
           coalesce(l.status in ('live', 'paused'), false)) / 100.0 as price,
         p.is_active and p.status in ('active', 'out_of_stock') and w.is_active as is_sellable
  into v_line
  from public.product_variants v
  join public.products p on p.id = v.product_id
  join public.wholesalers w on w.id = p.wholesaler_id
  left join public.live_sessions l on l.id = new.live_session_id and l.visibility <> 'private'
  left join public.live_session_products s
    on s.live_session_id = new.live_session_id and s.product_id = v.product_id
  where v.id = new.variant_id and v.product_id = coalesce(new.product_id, v.product_id);
  if not found or not v_line.is_sellable then
    raise exception using errcode = '22023', message = 'this product is not for sale';
  end if;

  -- What a client writes as the price is what it showed; it must be one that we ask, and what we
  -- ask now is what is kept.
  if not private.is_service_caller()
     and new.unit_price is not null
     and (tg_op = 'INSERT' or new.unit_price is distinct from old.unit_price)
     and new.unit_price not in (v_line.price, v_line.retail_price, v_line.plain_price)
     and new.unit_price is distinct from v_line.variant_price then
    raise exception using errcode = '22023',
      message = format('the price of "%s" is ₹%s, not ₹%s: prices are set by the server',
                       v_line.name, round(v_line.price, 2), new.unit_price),
      hint = 'leave unit_price out';
  end if;
  if new.quantity * v_line.price > 99999999.99 then
    raise exception using errcode = '22023', message = 'this is more than a cart can hold';
  end if;
  new.unit_price := v_line.price;
  new.product_id := v_line.product_id;
  new.selected_color := v_line.color;
  new.selected_size := v_line.size;

  if tg_op = 'INSERT' then
    -- With the id of the line that is there already, an upsert by primary key, as supabase-js sends
    -- it without `onConflict`, changes that line.
    select id into v_existing from public.cart
    where customer_id = new.customer_id and variant_id = new.variant_id;
    if found then
      new.id := v_existing;
    elsif (select count(*) from public.cart where customer_id = new.customer_id) >= 100 then
      raise exception using errcode = '54000', message = 'a cart holds at most 100 lines';
    end if;
  end if;
  return new;
end $$;

-- Inside a definer function current_user is the owner; who really called is whose role is set.
create function private.is_service_caller() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(nullif(current_setting('role', true), 'none'), session_user::text)
         not in ('anon', 'authenticated')
$$;

create trigger a_priced before insert or update on public.cart
  for each row execute function private.price_cart_line();

-- ---------------------------------------------------------------------------------------------
-- Customers: statistics and tier, recomputed from the orders on delivery and on refund

create table private.customer_tiers (
  tier varchar(20) primary key,
  from_spent numeric(12, 2) not null unique check (from_spent >= 0)
);
comment on table private.customer_tiers is 'from which total a customer has which tier';
insert into private.customer_tiers (tier, from_spent)
values ('bronze', 0), ('silver', 10000), ('gold', 50000), ('platinum', 200000);

create function private.customer_tier_of_v1(p_spent numeric) returns text
language sql stable set search_path = '' as $$
  select tier::text from private.customer_tiers where from_spent <= greatest(p_spent, 0)
  order by from_spent desc limit 1
$$;

-- What a customer's delivered orders come to, less what was given back of them.
create function private.customer_figures(p_customer_id uuid)
returns table (orders integer, spent numeric)
language sql stable set search_path = '' as $$
  -- Materialized: found by the customer, never by the state, however few are said to be in it.
  with own as materialized (
    select id, total_amount, status from public.orders where customer_id = p_customer_id),
  delivered as (select id, total_amount from own where status = 'delivered')
  select count(*)::integer,
         coalesce(sum(d.total_amount), 0) - coalesce((
           select sum(r.amount) from public.refunds r join delivered g on g.id = r.order_id
           where r.status = 'succeeded'), 0)
  from delivered d
$$;

create function private.refresh_customer(p_customer_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- Locked before the figures are read: the later of two deliveries sees the earlier.
  perform 1 from public.customers where id = p_customer_id for no key update;
  update public.customers c
  set total_orders = f.orders, total_spent = f.spent, customer_tier = private.customer_tier_of_v1(f.spent)
  from private.customer_figures(p_customer_id) f
  where c.id = p_customer_id
    and (c.total_orders, c.total_spent, c.customer_tier)
        is distinct from (f.orders, f.spent, private.customer_tier_of_v1(f.spent)::varchar);
end $$;

-- ---------------------------------------------------------------------------------------------
-- Delivery and its undoing: customers, wholesalers, influencers, products, live sessions

-- p_sign: 1 for orders that were delivered, -1 for those that are delivered no more. Rows that several
-- orders have in common (wholesalers, influencers, customers) are locked in this order and each kind by
-- id, so that whoever delivers many at once is in no deadlock with another.
create function private.apply_deliveries(p_order_ids uuid[], p_sign integer) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_customer_id uuid;
begin
  insert into private.product_changes (product_id, sold)
  select i.product_id, p_sign * sum(i.quantity)::integer
  from public.order_items i where i.order_id = any (p_order_ids) and i.product_id is not null
  group by i.product_id;

  perform 1 from public.wholesalers
  where id in (select i.wholesaler_id from public.order_items i where i.order_id = any (p_order_ids))
  order by id for no key update;
  update public.wholesalers w set total_sales = greatest(0, coalesce(w.total_sales, 0) + p_sign * s.amount)
  from (select i.wholesaler_id, sum(i.total_price) as amount from public.order_items i
        where i.order_id = any (p_order_ids) group by i.wholesaler_id) s
  where w.id = s.wholesaler_id;

  if p_sign > 0 then
    insert into public.influencer_earnings (
      influencer_id, live_session_id, order_id, order_item_id, product_id, earning_type, amount,
      gross_sales, commission_rate)
    select i.influencer_id, i.live_session_id, i.order_id, i.id, i.product_id, 'commission',
           i.influencer_commission, i.total_price,
           round(i.influencer_commission * 100 / nullif(i.total_price, 0), 2)
    from public.order_items i
    where i.order_id = any (p_order_ids) and i.influencer_id is not null and i.influencer_commission > 0
    on conflict do nothing;
  else
    -- What is left of each commission: nothing is taken back twice.
    insert into public.influencer_earnings (
      influencer_id, live_session_id, order_id, order_item_id, product_id, earning_type, amount,
      gross_sales, commission_rate, description)
    select e.influencer_id, e.live_session_id, e.order_id, e.order_item_id, e.product_id, 'clawback',
           -l.amount, -e.gross_sales, e.commission_rate, 'order refunded'
    from public.influencer_earnings e
    join (select c.order_item_id, sum(c.amount) as amount from public.influencer_earnings c
          where c.order_id = any (p_order_ids) and c.earning_type in ('commission', 'clawback')
          group by c.order_item_id) l on l.order_item_id = e.order_item_id and l.amount > 0
    where e.order_id = any (p_order_ids) and e.earning_type = 'commission';
  end if;

  for v_customer_id in
    select distinct o.customer_id from public.orders o
    where o.id = any (p_order_ids) and o.customer_id is not null order by 1
  loop
    perform private.refresh_customer(v_customer_id);
  end loop;
end $$;

-- Puts pieces of orders back on the shelf; the arrays are columns of one list. Stock is locked in id
-- order, as by checkouts, and written once for all orders, which is why the moves are written here. A
-- variant that is gone has no shelf.
create function private.put_back_v1(p_order_ids uuid[], p_variant_ids uuid[], p_quantities integer[])
returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform set_config('livecommerce.order_id', 'noted', true);
  with pieces as materialized (
    select b.order_id, v.id as variant_id, v.product_id, sum(b.quantity)::integer as quantity
    from unnest(p_order_ids, p_variant_ids, p_quantities) b (order_id, variant_id, quantity)
    join public.product_variants v on v.id = b.variant_id
    group by b.order_id, v.id having sum(b.quantity) > 0),
  moved as (
    insert into private.stock_moves (variant_id, product_id, delta, order_id)
    select variant_id, product_id, quantity, order_id from pieces)
  insert into public.product_stock as s (variant_id, product_id, on_hand)
  select variant_id, product_id, sum(quantity) from pieces group by variant_id, product_id
  order by variant_id
  on conflict (variant_id) do update set on_hand = s.on_hand + excluded.on_hand;
  perform set_config('livecommerce.order_id', '', true);
end $$;

-- Once for a statement, not for each row: a hundred thousand orders may be delivered in one, and the row
-- of their wholesaler is then written once. What is cancelled before it was shipped never left the shelf.
create function private.note_order_moves() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_delivered uuid[];
  v_undone uuid[];
  v_cancelled uuid[];
begin
  select array_agg(n.id order by n.id) filter (where n.status = 'delivered'),
         array_agg(n.id order by n.id) filter (where o.status = 'delivered'),
         array_agg(n.id order by n.id) filter (where n.status = 'cancelled' and o.status <> 'shipped')
  into v_delivered, v_undone, v_cancelled
  from new_rows n join old_rows o on o.id = n.id
  where n.status <> o.status and (n.status in ('delivered', 'cancelled') or o.status = 'delivered');
  if v_cancelled is not null then
    perform private.put_back_v1(array_agg(i.order_id), array_agg(i.variant_id), array_agg(i.quantity))
    from public.order_items i where i.order_id = any (v_cancelled);
  end if;
  if v_delivered is not null then
    perform private.apply_deliveries(v_delivered, 1);
  end if;
  if v_undone is not null then
    perform private.apply_deliveries(v_undone, -1);
  end if;
  return null;
end $$;

create function private.note_delivery() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.apply_deliveries(array[new.id], 1);
  return null;
end $$;

create trigger z_moved after update on public.orders
  referencing old table as old_rows new table as new_rows
  for each statement execute function private.note_order_moves();
-- For each row, because nearly no order is: the condition is all that a checkout pays for it.
create trigger z_delivered_at_once after insert on public.orders
  for each row when (new.status = 'delivered') execute function private.note_delivery();

create function private.stamp_delivery() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.actual_delivery_date := coalesce(new.actual_delivery_date, (now() at time zone 'Asia/Kolkata')::date);
  return new;
end $$;
create trigger delivered_on before update of status on public.orders
  for each row when (old.status is distinct from new.status and new.status = 'delivered')
  execute function private.stamp_delivery();

-- The total of an influencer is that of the rows, also when one is corrected or taken away.
create function private.add_up_earnings() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_one record;
  v_differences jsonb;
begin
  if tg_op = 'INSERT' then
    select jsonb_object_agg(d.influencer_id, d.amount) into v_differences
    from (select influencer_id, sum(amount) as amount from new_rows group by influencer_id) d;
  elsif tg_op = 'DELETE' then
    select jsonb_object_agg(d.influencer_id, -d.amount) into v_differences
    from (select influencer_id, sum(amount) as amount from old_rows group by influencer_id) d;
  else
    select jsonb_object_agg(d.influencer_id, d.amount) into v_differences
    from (select influencer_id, sum(amount) as amount
          from (select influencer_id, amount from new_rows
                union all
                select influencer_id, -amount from old_rows) both_sides
          group by influencer_id having sum(amount) <> 0) d;
  end if;
  for v_one in select key::uuid as influencer_id, value::numeric as amount
               from jsonb_each_text(v_differences) order by 1
  loop
    update public.influencers set total_earnings = greatest(0, coalesce(total_earnings, 0) + v_one.amount)
    where id = v_one.influencer_id;
  end loop;
  return null;
end $$;
create trigger earned after insert on public.influencer_earnings referencing new table as new_rows
  for each statement execute function private.add_up_earnings();
create trigger corrected after update on public.influencer_earnings
  referencing old table as old_rows new table as new_rows
  for each statement execute function private.add_up_earnings();
create trigger withdrawn after delete on public.influencer_earnings referencing old table as old_rows
  for each statement execute function private.add_up_earnings();

-- ---------------------------------------------------------------------------------------------
-- Refunds and returns

create function private.check_refund() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_total numeric;
  v_payment_status text;
  v_refunded numeric;
begin
  -- Locked before the sum is read: two refunds at the same time are counted one after the other.
  select total_amount, payment_status into v_total, v_payment_status
  from public.orders where id = new.order_id for no key update;
  if new.status <> 'failed' and v_payment_status in ('pending', 'failed') then
    raise exception using errcode = '23514', constraint = 'refunds_of_what_was_paid',
      message = 'nothing was paid for this order yet';
  end if;
  select coalesce(sum(amount), 0) into v_refunded from public.refunds
  where order_id = new.order_id and status in ('pending', 'succeeded') and id <> new.id;
  if new.status <> 'failed' and v_refunded + new.amount > v_total then
    raise exception using errcode = '23514', constraint = 'refunds_within_order',
      message = format('at most ₹%s can still be refunded of this order', v_total - v_refunded);
  end if;
  return new;
end $$;
create trigger within_order before insert or update of order_id, amount, status on public.refunds
  for each row execute function private.check_refund();

create function private.note_refund() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_order record;
  v_refunded numeric;
begin
  select * into v_order from public.orders where id = new.order_id for no key update;
  select coalesce(sum(amount), 0) into v_refunded from public.refunds
  where order_id = new.order_id and status = 'succeeded';
  if v_order.payment_status in ('paid', 'partially_refunded') then
    update public.orders
    set payment_status = case when v_refunded >= total_amount then 'refunded'
                              else 'partially_refunded' end,
        status = case when v_refunded >= total_amount and status = 'delivered'
                      then 'refunded' else status end
    where id = new.order_id;
  end if;
  if v_order.customer_id is not null then
    perform private.refresh_customer(v_order.customer_id);
  end if;
  return null;
end $$;
create trigger z_refunded after update of status on public.refunds
  for each row when (old.status is distinct from new.status and new.status = 'succeeded')
  execute function private.note_refund();
create trigger z_refunded_at_once after insert on public.refunds
  for each row when (new.status = 'succeeded') execute function private.note_refund();

create function private.open_return() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_order record;
begin
  -- Locked: no refund makes it a refunded order while this goes on.
  select customer_id, status into v_order from public.orders where id = new.order_id for no key update;
  -- One sentence for what does not exist and what is somebody else's.
  if not found
     or coalesce(new.customer_id, v_order.customer_id) is distinct from v_order.customer_id
     or (not private.is_service_caller()
         and v_order.customer_id is distinct from (select private.my_customer_id())) then
    raise exception using errcode = '22023', message = 'this is not one of your orders';
  elsif v_order.status <> 'delivered' then
    raise exception using errcode = '22023', message = 'only what was delivered can be returned';
  end if;
  new.customer_id := v_order.customer_id;
  new.return_number := private.numbered('RET', nextval('public.return_sequence'));
  new.status := 'requested';
  return new;
end $$;
create trigger opened before insert on public.returns
  for each row execute function private.open_return();

create function private.check_return_item() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_sold integer;
  v_claimed integer;
begin
  if not private.is_service_caller() and not exists (
    select from public.returns r
    where r.id = new.return_id and r.customer_id = (select private.my_customer_id())) then
    return new;  -- row security refuses it
  end if;
  -- The line is locked: two returns of the same line are counted one after the other.
  select i.quantity into v_sold from public.order_items i
  join public.returns r on r.order_id = i.order_id and r.id = new.return_id
  where i.id = new.order_item_id for no key update of i;
  if not found then
    raise exception using errcode = '22023', message = 'this item is not part of the order';
  end if;
  select coalesce(sum(t.quantity), 0) into v_claimed
  from public.return_items t join public.returns r on r.id = t.return_id
  where t.order_item_id = new.order_item_id and t.id <> new.id
    and r.status not in ('rejected', 'cancelled');
  if v_claimed + new.quantity > v_sold then
    raise exception using errcode = '23514', constraint = 'return_items_within_order',
      message = format('at most %s of this item can still be returned', v_sold - v_claimed);
  end if;
  return new;
end $$;
create trigger within_order before insert or update of quantity, return_id, order_item_id
  on public.return_items
  for each row execute function private.check_return_item();

create function private.stamp_return() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.status in ('approved', 'rejected') then
    new.decided_at := coalesce(new.decided_at, now());
  elsif new.status = 'received' then
    new.received_at := coalesce(new.received_at, now());
  end if;
  return new;
end $$;
create trigger stamped before update of status on public.returns
  for each row when (old.status is distinct from new.status) execute function private.stamp_return();

-- What came back and is fit for sale goes to the shelf once.
create function private.restock_returned() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.put_back_v1(
    array_agg(new.order_id), array_agg(i.variant_id), array_agg(t.quantity_received))
  from public.return_items t join public.order_items i on i.id = t.order_item_id
  where t.return_id = new.id and t.is_restocked;
  return null;
end $$;
create trigger z_restocked after update of status on public.returns
  for each row when (old.status is distinct from new.status and new.status = 'received')
  execute function private.restock_returned();

-- ---------------------------------------------------------------------------------------------
-- Reviews: by buyers only, and the rating of the product from them

create function private.check_review() returns trigger
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
    and o.status in ('delivered', 'refunded')
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
create trigger by_a_buyer before insert on public.reviews
  for each row execute function private.check_review();

-- Once for a statement, and products in id order: a customer who goes takes many reviews along.
create function private.rate_products() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_ids uuid[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct product_id) into v_ids from new_rows;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct product_id) into v_ids from old_rows;
  else
    select array_agg(distinct x.product_id) into v_ids
    from new_rows n join old_rows o on o.id = n.id
    cross join lateral (values (n.product_id), (o.product_id)) x (product_id)
    where (n.product_id, n.rating, n.status) <> (o.product_id, o.rating, o.status);
  end if;
  -- Locked before the reviews are read: the later of two sees the earlier.
  perform 1 from public.products where id = any (v_ids) order by id for no key update;
  update public.products p
  set average_rating = f.rating, total_reviews = f.reviews
  from unnest(v_ids) changed (id)
  cross join lateral (
    select coalesce(round(avg(r.rating), 2), 0) as rating, count(*)::integer as reviews
    from public.reviews r where r.product_id = changed.id and r.status = 'published') f
  where p.id = changed.id;
  return null;
end $$;
create trigger rated after insert on public.reviews referencing new table as new_rows
  for each statement execute function private.rate_products();
create trigger rated_again after update on public.reviews
  referencing old table as old_rows new table as new_rows
  for each statement execute function private.rate_products();
create trigger unrated after delete on public.reviews referencing old table as old_rows
  for each statement execute function private.rate_products();

-- ---------------------------------------------------------------------------------------------
-- Counts of wholesalers; totals of live sessions and their influencers

-- By differences: a count that was read before another's insert was committed would be written over
-- it. Wholesalers in id order.
create function private.count_products() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_one record;
begin
  if tg_op = 'INSERT' then
    for v_one in select wholesaler_id, count(*)::integer as more from new_rows
                 group by wholesaler_id order by wholesaler_id loop
      update public.wholesalers set total_products = coalesce(total_products, 0) + v_one.more
      where id = v_one.wholesaler_id;
    end loop;
  else
    for v_one in select wholesaler_id, count(*)::integer as less from old_rows
                 group by wholesaler_id order by wholesaler_id loop
      update public.wholesalers set total_products = greatest(0, coalesce(total_products, 0) - v_one.less)
      where id = v_one.wholesaler_id;
    end loop;
  end if;
  return null;
end $$;
create trigger counted after insert on public.products referencing new table as new_rows
  for each statement execute function private.count_products();
create trigger uncounted after delete on public.products referencing old table as old_rows
  for each statement execute function private.count_products();

-- That a product goes over to another wholesaler is rare.
create function private.move_product_count() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform 1 from public.wholesalers where id in (old.wholesaler_id, new.wholesaler_id)
  order by id for no key update;
  update public.wholesalers
  set total_products = greatest(0, coalesce(total_products, 0)
                                   + case when id = new.wholesaler_id then 1 else -1 end)
  where id in (old.wholesaler_id, new.wholesaler_id);
  return null;
end $$;
create trigger counted_elsewhere after update of wholesaler_id on public.products
  for each row when (old.wholesaler_id <> new.wholesaler_id)
  execute function private.move_product_count();
update public.wholesalers w
set total_products = (select count(*) from public.products p where p.wholesaler_id = w.id);

-- Figures of a live session from its orders and visits; cancelled orders do not count.
create function private.refresh_live_session_v1(p_live_session_id uuid) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform 1 from public.live_sessions where id = p_live_session_id for no key update;
  update public.live_session_products s
  set orders_generated = coalesce(f.orders, 0), revenue_generated = coalesce(f.revenue, 0)
  from public.live_session_products t
  left join (
    select i.product_id, count(distinct i.order_id)::integer as orders, sum(i.total_price) as revenue
    from public.order_items i join public.orders o on o.id = i.order_id
    where i.live_session_id = p_live_session_id and o.status <> 'cancelled'
    group by i.product_id) f on f.product_id = t.product_id
  where s.id = t.id and t.live_session_id = p_live_session_id
    and (s.orders_generated, s.revenue_generated)
        is distinct from (coalesce(f.orders, 0), coalesce(f.revenue, 0));
  update public.live_sessions l
  set total_orders = f.orders, total_sales_generated = f.revenue, total_clicks = f.clicks,
      total_products_showcased = f.products,
      conversion_rate = least(100, round(f.orders * 100.0 / nullif(f.clicks, 0), 2))
  from (
    select sold.orders, sold.revenue, shown.clicks, shown.products
    from (select count(distinct i.order_id)::integer as orders,
                 coalesce(sum(i.total_price), 0) as revenue
          from public.order_items i join public.orders o on o.id = i.order_id
          where i.live_session_id = p_live_session_id and o.status <> 'cancelled') sold,
         (select coalesce(sum(s.clicks), 0)::integer as clicks, count(*)::integer as products
          from public.live_session_products s where s.live_session_id = p_live_session_id) shown) f
  where l.id = p_live_session_id
    and (l.total_orders, l.total_sales_generated, l.total_clicks, l.total_products_showcased)
        is distinct from (f.orders, f.revenue, f.clicks, f.products);
  perform private.refresh_live_session_periods(p_live_session_id);
end $$;

-- Orders of a live session by minute, hour and day, and its visits in sum. What Redis counts (viewers,
-- messages, clicks) is added to the same rows as it is flushed.
create function private.refresh_live_session_periods(p_live_session_id uuid) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  -- A period whose last order was cancelled has none.
  update public.live_session_analytics a set orders_placed = 0, revenue_generated = 0
  where a.live_session_id = p_live_session_id and a.orders_placed > 0
    and not exists (
      select from public.order_items i
      join public.orders o on o.id = i.order_id and o.status <> 'cancelled'
      where i.live_session_id = p_live_session_id
        and o.created_at >= a.period_start and o.created_at < a.period_end);
  insert into public.live_session_analytics as a (
    live_session_id, period_type, period_start, period_end, orders_placed, revenue_generated)
  select p_live_session_id, t.period, date_trunc(t.period, o.created_at, 'Asia/Kolkata'),
         date_trunc(t.period, o.created_at, 'Asia/Kolkata') + ('1 ' || t.period)::interval,
         count(distinct o.id), sum(i.total_price)
  from public.order_items i
  join public.orders o on o.id = i.order_id and o.status <> 'cancelled'
  cross join unnest(array['minute', 'hour', 'day']) t (period)
  where i.live_session_id = p_live_session_id
  group by t.period, date_trunc(t.period, o.created_at, 'Asia/Kolkata')
  on conflict (live_session_id, period_type, period_start) do update
  set orders_placed = excluded.orders_placed, revenue_generated = excluded.revenue_generated
  where (a.orders_placed, a.revenue_generated)
        is distinct from (excluded.orders_placed, excluded.revenue_generated);
  update public.live_sessions l
  set total_unique_viewers = greatest(l.total_unique_viewers, f.people),
      total_watch_time_minutes = f.minutes, average_watch_time_minutes = f.average
  from (select (count(distinct v.user_id)
                + count(*) filter (where v.user_id is null and not v.is_returning))::integer as people,
               coalesce(sum(v.watch_duration_minutes), 0)::integer as minutes,
               coalesce(round(avg(v.watch_duration_minutes), 2), 0) as average
        from public.live_session_viewers v where v.live_session_id = p_live_session_id) f
  where l.id = p_live_session_id
    and (l.total_unique_viewers, l.total_watch_time_minutes, l.average_watch_time_minutes)
        is distinct from (greatest(l.total_unique_viewers, f.people), f.minutes, f.average);
end $$;

create function private.note_session_end() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.refresh_live_session_v1(new.id);
  perform 1 from public.influencers where id = new.influencer_id for no key update;
  update public.influencers i
  set total_live_sessions = f.sessions, average_session_duration = f.minutes, total_viewers = f.viewers
  from (select count(*)::integer as sessions, coalesce(round(avg(duration_minutes)), 0)::integer as minutes,
               least(coalesce(sum(total_joins), 0), 2147483647)::integer as viewers
        from public.live_sessions where influencer_id = new.influencer_id and status = 'ended') f
  where i.id = new.influencer_id;
  return null;
end $$;
create trigger z_ended after update of status on public.live_sessions
  for each row when (old.status is distinct from new.status and new.status = 'ended')
  execute function private.note_session_end();

-- Whoever changes what a live session is called, when it begins or who may find it, by whatever way:
-- the hubs hear of it, and who waits on its page is shown the change, or shown out.
create function private.tell_of_change() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.outbox (topic, live_session_id, payload) values ('session.changed', new.id, '{}');
  return null;
end $$;
create trigger told after update of title, description, scheduled_start_time, visibility
  on public.live_sessions
  for each row when ((old.title, old.description, old.scheduled_start_time, old.visibility)
                     is distinct from
                     (new.title, new.description, new.scheduled_start_time, new.visibility))
  execute function private.tell_of_change();

alter table public.live_sessions
  alter column conversion_rate drop not null;
comment on column public.live_sessions.conversion_rate is 'orders per 100 clicks; NULL without a click';

-- ---------------------------------------------------------------------------------------------
-- Support: numbers, deadlines and clocks

-- A customer asks and writes at most this often; beyond it PostgREST answers 429 (PT429), and the
-- server the refusal `query.too_many`. The detail is the seconds until the next one is taken.
create function private.refuse_haste(p_times timestamptz[], p_most integer, p_what text) returns void
language plpgsql stable set search_path = '' as $$
begin
  if cardinality(p_times) >= p_most then
    raise exception using errcode = 'PT429', message = p_what,
      detail = greatest(1, ceil(extract(epoch from p_times[p_most] + interval '1 hour' - now())))::text;
  end if;
end $$;

create function private.open_query() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not private.is_service_caller() and new.customer_id = private.my_customer_id() then
    -- Locked, so that two at the same time are counted one after the other.
    perform 1 from public.customers where id = new.customer_id for no key update;
    perform private.refuse_haste(
      array(select q.created_at from public.queries q
            where q.customer_id = new.customer_id and q.created_at > now() - interval '1 hour'
            order by q.created_at desc limit 5),
      5, 'at most 5 queries an hour can be opened');
  end if;
  new.ticket_number := private.numbered('TKT', nextval('public.ticket_sequence'));
  new.created_at := coalesce(new.created_at, now());
  new.ack_due_at := new.created_at + interval '48 hours';
  -- A month of the calendar in India, whatever time zone the connection speaks.
  new.redress_due_at :=
    (new.created_at at time zone 'Asia/Kolkata' + interval '1 month') at time zone 'Asia/Kolkata';
  new.customer_email := coalesce(new.customer_email,
    (select c.email from public.customers c where c.id = new.customer_id));
  new.customer_phone := coalesce(new.customer_phone,
    (select c.phone from public.customers c where c.id = new.customer_id));
  if new.order_id is not null and not exists (
    select from public.orders o where o.id = new.order_id
      and o.customer_id is not distinct from new.customer_id) then
    raise exception using errcode = '22023', message = 'this is not one of your orders';
  end if;
  return new;
end $$;
create trigger a_opened before insert on public.queries
  for each row execute function private.open_query();

-- Acknowledged is what somebody of support has taken up; a query that is closed before, say by its
-- customer, never was. A resolved query that goes on has its resolution taken back, and the month
-- of redress runs from the first day on.
create function private.run_query_clocks() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.assigned_to is not null or new.status in ('in_progress', 'escalated', 'resolved') then
    new.acknowledged_at := coalesce(new.acknowledged_at, now());
  end if;
  if new.status = 'escalated' then
    new.escalated_at := coalesce(new.escalated_at, now());
  end if;
  if new.status in ('resolved', 'closed') then
    new.resolved_at := coalesce(new.resolved_at, now());
    new.resolution_time_hours :=
      greatest(0, round(extract(epoch from new.resolved_at - new.created_at) / 3600));
  else
    new.resolved_at := null;
    new.resolution_time_hours := null;
  end if;
  if new.status = 'closed' then
    new.closed_at := coalesce(new.closed_at, now());
  end if;
  return new;
end $$;
create trigger clocks before insert or update of status, assigned_to on public.queries
  for each row execute function private.run_query_clocks();

-- Runs before row security looks at the new row, so what it says of another's query is nothing that
-- the policy would not refuse anyhow.
create function private.take_query_message() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_query record;
begin
  -- Locked: a query is closed before this message or after it, never beside it.
  select q.status, q.customer_id into v_query from public.queries q where q.id = new.query_id
  for no key update;
  if v_query.status = 'closed'
     and (private.is_service_caller() or v_query.customer_id = private.my_customer_id()) then
    raise exception using errcode = '23514', constraint = 'query_messages_open',
      message = 'this query is closed; please open a new one';
  end if;
  if not private.is_service_caller() and v_query.customer_id = private.my_customer_id() then
    perform private.refuse_haste(
      array(select m.created_at from public.query_messages m
            where m.query_id = new.query_id and m.author_kind = 'customer'
              and m.created_at > now() - interval '1 hour'
            order by m.created_at desc limit 20),
      20, 'at most 20 messages an hour can be written to a query');
  end if;
  new.author_user_id := coalesce(new.author_user_id, auth.uid());
  return new;
end $$;
create trigger taken before insert on public.query_messages
  for each row execute function private.take_query_message();

-- A reply of support answers the query; a word of the customer to a resolved one opens it again.
create function private.note_query_message() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.author_kind = 'support' then
    update public.queries
    set response = new.body, first_response_at = coalesce(first_response_at, new.created_at),
        status = case when status = 'open' then 'in_progress' else status end
    where id = new.query_id;
    perform private.tell_of_query(new.query_id, 'Support has answered you');
  else
    -- updated_at moves in any case: the query has something new for whoever works on it.
    update public.queries set status = case when status = 'resolved' then 'in_progress' else status end
    where id = new.query_id;
  end if;
  return null;
end $$;
create trigger noted after insert on public.query_messages
  for each row execute function private.note_query_message();

-- One notification per query: the newest word replaces the one before and is unread again.
create function private.tell_of_query(p_query_id uuid, p_title text) returns void
language sql volatile set search_path = '' as $$
  insert into public.notifications (user_id, type, title, message, related_type, related_id, action_url)
  select c.user_id, 'support_reply', p_title, q.ticket_number || ': ' || left(q.subject, 200), 'query',
         q.id, '/help?query=' || q.id
  from public.queries q join public.customers c on c.id = q.customer_id
  where q.id = p_query_id and c.user_id is not null
  on conflict (user_id, type, related_id) where related_id is not null and not is_deleted
  do update set title = excluded.title, message = excluded.message, is_read = false, read_at = null,
                created_at = now()
$$;

create function private.tell_of_resolution() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.tell_of_query(new.id, 'Your query is resolved');
  return null;
end $$;
create trigger told after update of status on public.queries
  for each row when (old.status is distinct from new.status and new.status = 'resolved')
  execute function private.tell_of_resolution();

-- ---------------------------------------------------------------------------------------------
-- updated_at

do $$
declare
  t text;
begin
  foreach t in array array['categories', 'live_session_schedules', 'influencer_analytics',
                           'influencer_settings', 'influencer_goals', 'influencer_achievements',
                           'influencer_earnings', 'reviews', 'product_translations', 'returns',
                           'refunds'] loop
    execute format('create trigger updated_at before update on public.%I '
                   'for each row execute function public.handle_updated_at()', t);
  end loop;
end $$;
