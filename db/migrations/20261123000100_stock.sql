-- Stock in a table of its own.
--
-- The row that every buyer of a product wants to change must not be a row that other tables refer to:
-- each reference locks it in share, and together with the updates that is the way to a MultiXact storm.
-- So product_stock has no inbound foreign key, and what the documentation keeps on products
-- (stock_quantity, total_sales, the status out_of_stock) is a projection, carried over by the worker
-- twice a second (private.carry_product_facts_v1) and never by a checkout.
--
-- Here the tables are made and filled, which takes a while and is in nobody's way: the shop goes on selling
-- from product_variants.stock_quantity. Two files later it changes over in a moment.

create table public.product_stock (
  variant_id uuid primary key,
  product_id uuid not null,
  on_hand integer not null default 0,
  constraint product_stock_never_negative check (on_hand >= 0)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
comment on table public.product_stock is
  'pieces on hand of each variant; a variant without a row has none';

create index idx_product_stock_product_id on public.product_stock (product_id);
-- For the foreign key. No index holds on_hand: an update of stock touches none of them.
create index idx_product_stock_variant_id on public.product_stock (variant_id, product_id);

-- Every change of stock, for ever: the sum of the moves of a variant is what is on hand.
create table private.stock_moves (
  id bigint generated always as identity primary key,
  variant_id uuid not null,
  product_id uuid not null,
  delta integer not null check (delta <> 0),
  order_id uuid,
  moved_at timestamptz not null default now()
);
create index stock_moves_variant_id on private.stock_moves (variant_id);
comment on table private.stock_moves is 'append-only; order_id when a checkout or a return moved it';

-- Products whose projected facts are behind, and how many more pieces of them were delivered.
create table private.product_changes (
  id bigint generated always as identity primary key,
  product_id uuid not null,
  sold integer not null default 0
);
comment on table private.product_changes is 'queue of private.carry_product_facts_v1';

insert into public.product_stock (variant_id, product_id, on_hand)
select id, product_id, stock_quantity from public.product_variants;
insert into private.stock_moves (variant_id, product_id, delta)
select variant_id, product_id, on_hand from public.product_stock where on_hand > 0;

-- ---------------------------------------------------------------------------------------------
-- The projection

create function private.note_stock_moves() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_for text := nullif(current_setting('livecommerce.order_id', true), '');
  v_order_id uuid;
begin
  if v_for = 'noted' then
    -- The caller has written the moves itself, for several orders.
    insert into private.product_changes (product_id) select distinct product_id from new_rows;
    return null;
  end if;
  v_order_id := v_for::uuid;
  if tg_op = 'INSERT' then
    insert into private.stock_moves (variant_id, product_id, delta, order_id)
    select variant_id, product_id, on_hand, v_order_id from new_rows where on_hand <> 0;
    insert into private.product_changes (product_id) select distinct product_id from new_rows;
  elsif tg_op = 'DELETE' then
    insert into private.stock_moves (variant_id, product_id, delta, order_id)
    select variant_id, product_id, -on_hand, v_order_id from old_rows where on_hand <> 0;
    insert into private.product_changes (product_id) select distinct product_id from old_rows;
  else
    with moved as (
      insert into private.stock_moves (variant_id, product_id, delta, order_id)
      select n.variant_id, n.product_id, n.on_hand - o.on_hand, v_order_id
      from new_rows n join old_rows o on o.variant_id = n.variant_id
      where n.on_hand <> o.on_hand
      returning product_id)
    insert into private.product_changes (product_id) select distinct product_id from moved;
  end if;
  return null;
end $$;

-- The moves above are told by the variant.
create function private.keep_variant_of_stock() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = '22023', message = 'the stock of a variant stays that of the variant';
end $$;
create trigger of_one_variant before update of variant_id, product_id on public.product_stock
  for each row when ((old.variant_id, old.product_id) <> (new.variant_id, new.product_id))
  execute function private.keep_variant_of_stock();

create trigger stock_inserted after insert on public.product_stock
  referencing new table as new_rows
  for each statement execute function private.note_stock_moves();
create trigger stock_updated after update on public.product_stock
  referencing old table as old_rows new table as new_rows
  for each statement execute function private.note_stock_moves();
create trigger stock_deleted after delete on public.product_stock
  referencing old table as old_rows
  for each statement execute function private.note_stock_moves();

-- Brings stock_quantity, total_sales and status of the products that changed up to date; how many
-- products it brought. One carrier at a time: two could each overwrite the newer sum of the other.
-- A product that somebody is writing stays in the queue: to wait for it would hold up the rest, and
-- who writes several could wait for us.
create function private.carry_product_facts_v1(p_limit integer) returns integer
language plpgsql volatile set search_path = '' as $$
declare
  v_ids bigint[];
  v_product_ids uuid[];
  v_carried integer;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('livecommerce.carry_product_facts', 0)) then
    return 0;
  end if;
  select array_agg(c.id), array_agg(distinct c.product_id) into v_ids, v_product_ids
  from (select id, product_id from private.product_changes order by id limit p_limit) c;
  if v_ids is null then
    return 0;
  end if;
  -- Locked before the sums are read: what is written is never older than what it replaces.
  select coalesce(array_agg(l.id), '{}') into v_product_ids
  from (select p.id from public.products p where p.id = any (v_product_ids)
        order by p.id for no key update skip locked) l;
  perform set_config('livecommerce.is_carrying', 'on', true);
  with taken as (
    delete from private.product_changes c
    where c.id = any (v_ids)
      and (c.product_id = any (v_product_ids)
           or not exists (select from public.products p where p.id = c.product_id))
    returning c.product_id, c.sold),
  changed as (select product_id, sum(sold)::integer as sold from taken group by product_id),
  facts as (
    select c.product_id, c.sold,
           coalesce((select sum(s.on_hand) from public.product_stock s
                     where s.product_id = c.product_id), 0)::integer as on_hand
    from changed c)
  update public.products p
  set stock_quantity = f.on_hand,
      total_sales = greatest(0, coalesce(p.total_sales, 0) + f.sold),
      status = case when p.status = 'active' and f.on_hand = 0 then 'out_of_stock'
                    when p.status = 'out_of_stock' and f.on_hand > 0 then 'active'
                    else p.status end
  from facts f
  where p.id = f.product_id
    and (p.stock_quantity is distinct from f.on_hand or f.sold <> 0
         or (p.status = 'active' and f.on_hand = 0)
         or (p.status = 'out_of_stock' and f.on_hand > 0));
  get diagnostics v_carried = row_count;
  perform set_config('livecommerce.is_carrying', '', true);
  return v_carried;
end $$;
