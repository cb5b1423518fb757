-- What orders and their lines say of discounts, tax, attribution and fulfilment.
--
-- It locks the two tables that every checkout writes to, in the order in which a checkout does, and does
-- nothing that takes time: no column is computed, no row is looked at.
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint

lock table public.orders in access exclusive mode;
lock table public.order_items in access exclusive mode;

alter table public.orders
  add column cod_fee numeric(12, 2) not null default 0,
  add column coupon_code varchar(40),
  add column buyer_gstin varchar(15),
  add column place_of_supply varchar(2),
  add column allocation varchar(10) not null default 'taken',
  add column pay_until timestamptz,
  add column cancelled_at timestamptz,
  add column cancel_reason text,
  drop constraint orders_total_adds_up,
  add constraint orders_total_adds_up check (
    total_amount = subtotal + coalesce(tax_amount, 0) + coalesce(shipping_cost, 0) + cod_fee
                   - coalesce(discount_amount, 0)) not valid,
  add constraint orders_cod_fee_check check (cod_fee >= 0) not valid,
  add constraint orders_allocation_check check (allocation in ('taken', 'on_payment', 'released')) not valid;
comment on column public.orders.tax_amount is 'tax on top of the prices; GST is contained in them, see order_items.tax_minor';
comment on column public.orders.place_of_supply is 'GST code of the State that the goods go to';
comment on column public.orders.allocation is
  'taken: its pieces have left the stock; on_payment: they will when it is paid; released: they went back';
comment on column public.orders.pay_until is 'unpaid by then it is cancelled; NULL for cash on delivery';

alter table public.order_items
  add column discount numeric(10, 2) not null default 0,
  add column hsn_code varchar(8),
  add column tax_rate numeric(6, 3) not null default 0,
  add column taxable_minor bigint,
  add column tax_minor bigint,
  add column deal_id uuid,
  add column attribution_kind varchar(20),
  add column attribution_reason varchar(40),
  add column attributed_at timestamptz,
  add column attribution_rule smallint,
  add column quantity_cancelled integer not null default 0,
  add column quantity_shipped integer not null default 0,
  add column quantity_delivered integer not null default 0,
  add column quantity_returned integer not null default 0,
  add constraint order_items_discount_check check (discount >= 0 and discount <= quantity * unit_price) not valid,
  add constraint order_items_attribution_kind_check check (attribution_kind in (
    'in_session', 'session_carryover', 'replay', 'affiliate_link', 'none')) not valid,
  add constraint order_items_quantities_check check (
    quantity_cancelled >= 0 and quantity_returned >= 0
    and quantity_shipped between 0 and quantity - quantity_cancelled
    and quantity_delivered between 0 and quantity_shipped
    and quantity_returned <= quantity_delivered) not valid;
comment on column public.order_items.discount is 'share of the discount of the order';
comment on column public.order_items.attribution_reason is 'why it earns or why not, for whoever asks later';
comment on column public.order_items.attributed_at is 'the touch that earned it';
comment on column public.order_items.attribution_rule is 'version of the rule that decided';

-- Each row that refers to a live session or an influencer would lock their row in share: thousands of
-- times in the second in which both are written most. A checkout locks each of them once per batch
-- instead (private.place_orders_v3), and who deletes one that was sold through is refused here.
alter table public.orders drop constraint orders_live_session_id_fkey;
alter table public.order_items
  drop constraint order_items_influencer_id_fkey,
  drop constraint order_items_live_session_id_fkey;
-- A key belongs to an order, and its customer cannot be deleted while there is one.
alter table private.idempotency drop constraint idempotency_customer_id_fkey;

create function private.keep_what_was_sold_through() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_table_name = 'live_sessions'
     and (exists (select from public.orders where live_session_id = old.id)
          or exists (select from public.order_items where live_session_id = old.id))
     or tg_table_name = 'influencers'
     and exists (select from public.order_items where influencer_id = old.id) then
    raise exception using errcode = '23503', schema = tg_table_schema, table = tg_table_name,
      constraint = tg_table_name || '_sold_through',
      message = format('something was sold through this %s', replace(rtrim(tg_table_name, 's'), '_', ' '));
  end if;
  return null;
end $$;
create trigger sold_through after delete on public.live_sessions
  for each row execute function private.keep_what_was_sold_through();
create trigger sold_through after delete on public.influencers
  for each row execute function private.keep_what_was_sold_through();
