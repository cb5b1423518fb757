-- What selling live needs beyond orders: deals, holds, coupons, touches, payments, and how the money of
-- each line is split. New tables only; what orders and products gain is in the files after this one.
--
-- All of it stands in `private`: nobody but the server reads or writes it, and what people may see of
-- it they get from functions that know who asks.

-- ---------------------------------------------------------------------------------------------
-- Deals: a price for a window, with caps. The clock is that of the database.

create table private.deals (
  id uuid primary key default gen_random_uuid(),
  live_session_id uuid not null references public.live_sessions on delete restrict,
  product_id uuid not null references public.products on delete restrict,
  variant_id uuid,
  price numeric(10, 2) not null check (price >= 0),
  price_minor bigint generated always as ((price * 100)::bigint) stored,
  starts_at timestamptz not null default now(),
  ends_at timestamptz not null,
  total_limit integer check (total_limit > 0),
  customer_limit integer check (customer_limit > 0),
  is_set_aside boolean not null default false,
  -- Set once, by whatever ends it first; before that the window and the count decide.
  ended_at timestamptz,
  ended_reason text check (ended_reason in ('time', 'sold_out', 'stopped', 'session_ended')),
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint deals_window check (ends_at > starts_at),
  constraint deals_end_has_a_reason check ((ended_at is null) = (ended_reason is null)),
  -- Stock is set aside for a variant, and only a limit says how much of it.
  constraint deals_set_aside_of_one check (
    not is_set_aside or (total_limit is not null and variant_id is not null))
);
create index deals_live_session_id on private.deals (live_session_id, product_id) where ended_at is null;
create index deals_of_live_session on private.deals (live_session_id, created_at);
create index deals_product_id on private.deals (product_id);
create index deals_ends_at on private.deals (ends_at) where ended_at is null;
create index deals_set_aside on private.deals (variant_id) where is_set_aside and ended_at is null;
comment on table private.deals is 'a price for a window of a live session, with caps';
comment on column private.deals.variant_id is 'NULL = every variant of the product';
comment on column private.deals.is_set_aside is
  'what is left of total_limit is kept from buyers who buy outside the deal';

-- Apart from private.deals: this row is written by every batch that sells the deal.
create table private.deal_counts (
  deal_id uuid primary key,
  sold integer not null default 0 check (sold >= 0)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01);
comment on table private.deal_counts is 'pieces of a deal that were sold';

create table private.deal_purchases (
  deal_id uuid not null,
  customer_id uuid not null references public.customers on delete restrict,
  quantity integer not null check (quantity >= 0),
  primary key (deal_id, customer_id)
);
create index deal_purchases_customer_id on private.deal_purchases (customer_id);
comment on table private.deal_purchases is 'pieces of a deal that one customer bought';

-- ---------------------------------------------------------------------------------------------
-- Holds. One per customer and variant; gone when it is released, whoever deletes the row released it.
-- Before this release nothing wrote any, so there are no rows to wait for.
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion

alter table private.stock_holds
  add column live_session_id uuid,
  add column source text not null default 'cart'
    check (source in ('cart', 'comment', 'waitlist', 'staff'));
create unique index stock_holds_one_per_customer on private.stock_holds (customer_id, variant_id);
drop index private.stock_holds_customer_id;

create table private.waitlist (
  id uuid primary key default gen_random_uuid(),
  variant_id uuid not null,
  product_id uuid not null references public.products on delete cascade,
  customer_id uuid not null references public.customers on delete cascade,
  live_session_id uuid,
  quantity integer not null check (quantity > 0),
  status text not null default 'waiting'
    check (status in ('waiting', 'promoted', 'bought', 'lapsed', 'left')),
  created_at timestamptz not null default now(),
  promoted_at timestamptz
);
create unique index waitlist_once on private.waitlist (variant_id, customer_id) where status = 'waiting';
create index waitlist_next on private.waitlist (variant_id, created_at, id) where status = 'waiting';
create index waitlist_customer_id on private.waitlist (customer_id);
create index waitlist_product_id on private.waitlist (product_id);
comment on table private.waitlist is 'who wants a variant that is sold out, in the order of asking';

-- ---------------------------------------------------------------------------------------------
-- Coupons: each customer uses one once

create table private.coupons (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]{2,31}$'),
  title text not null check (length(title) between 1 and 200),
  kind text not null check (kind in ('percent', 'fixed')),
  percent_bp integer check (percent_bp between 1 and 10000),
  amount_minor bigint check (amount_minor > 0),
  max_discount_minor bigint check (max_discount_minor > 0),
  min_spend_minor bigint not null default 0 check (min_spend_minor >= 0),
  quota integer check (quota > 0),
  -- Where it holds: one live session, the lines of one wholesaler, only while somebody is on air.
  live_session_id uuid references public.live_sessions on delete restrict,
  wholesaler_id uuid references public.wholesalers on delete restrict,
  is_live_only boolean not null default false,
  funded_by text not null check (funded_by in ('platform', 'wholesaler', 'influencer')),
  starts_at timestamptz not null default now(),
  ends_at timestamptz,
  is_active boolean not null default true,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint coupons_window check (ends_at > starts_at),
  constraint coupons_kind_has_its_value check (
    case kind when 'percent' then percent_bp is not null and max_discount_minor is not null
                                  and amount_minor is null
              else amount_minor is not null and percent_bp is null and max_discount_minor is null end)
);
create index coupons_live_session_id on private.coupons (live_session_id);
create index coupons_wholesaler_id on private.coupons (wholesaler_id);
comment on table private.coupons is 'discounts by code';

create table private.coupon_counts (
  coupon_id uuid primary key references private.coupons on delete restrict,
  used integer not null default 0 check (used >= 0)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01);
comment on table private.coupon_counts is 'how often a coupon is used; uses of cancelled orders come back';

create table private.coupon_redemptions (
  id uuid primary key default gen_random_uuid(),
  coupon_id uuid not null references private.coupons on delete restrict,
  customer_id uuid not null references public.customers on delete restrict,
  order_id uuid not null unique,
  discount_minor bigint not null check (discount_minor >= 0),
  returned_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index coupon_redemptions_once on private.coupon_redemptions (coupon_id, customer_id)
  where returned_at is null;
create index coupon_redemptions_coupon_id on private.coupon_redemptions (coupon_id);
create index coupon_redemptions_customer_id on private.coupon_redemptions (customer_id);
comment on table private.coupon_redemptions is 'which order used which coupon; returned when it was cancelled';

-- ---------------------------------------------------------------------------------------------
-- Touches: what led a customer to a product, the newest of each kind

create table private.touches (
  customer_id uuid not null references public.customers on delete cascade,
  product_id uuid not null references public.products on delete cascade,
  kind text not null check (kind in ('live', 'replay', 'link')),
  influencer_id uuid not null references public.influencers on delete cascade,
  live_session_id uuid references public.live_sessions on delete cascade,
  touched_at timestamptz not null default now(),
  primary key (customer_id, product_id, kind)
);
create index touches_product_id on private.touches (product_id);
create index touches_influencer_id on private.touches (influencer_id);
create index touches_live_session_id on private.touches (live_session_id);
create index touches_touched_at on private.touches (touched_at);
comment on table private.touches is
  'the last click of a customer on a product in a live session, a replay or behind a link';

-- ---------------------------------------------------------------------------------------------
-- Rates, and the split of each line. A rate holds from a day on and is never edited.

create table private.platform_rates (
  kind text not null check (kind in ('fee_gst', 'influencer_cut', 'tcs', 'tds')),
  valid_from timestamptz not null,
  rate_bp integer not null check (rate_bp between 0 and 10000),
  primary key (kind, valid_from)
);
comment on table private.platform_rates is
  'GST on the fee of the platform, its cut of commissions, TCS (CGST s.52), TDS (s.194-O); in basis points';
insert into private.platform_rates (kind, valid_from, rate_bp) values
  ('fee_gst', '2017-07-01T00:00:00+05:30', 1800),
  ('influencer_cut', '2020-01-01T00:00:00+05:30', 1000),
  ('tcs', '2018-10-01T00:00:00+05:30', 100),
  ('tcs', '2024-07-10T00:00:00+05:30', 50),
  ('tds', '2020-10-01T00:00:00+05:30', 100),
  ('tds', '2024-10-01T00:00:00+05:30', 10);

-- The first rule that fits, by position, sets the rates of a line; without one the rates stand on the
-- wholesaler and the influencer. NULL in a condition fits everything, NULL in a rate leaves it.
create table private.commission_rules (
  id uuid primary key default gen_random_uuid(),
  position integer not null unique,
  title text not null check (length(title) between 1 and 200),
  wholesaler_id uuid references public.wholesalers on delete restrict,
  influencer_id uuid references public.influencers on delete restrict,
  live_session_id uuid references public.live_sessions on delete restrict,
  category text,
  fee_bp integer check (fee_bp between 0 and 10000),
  commission_bp integer check (commission_bp between 0 and 10000),
  valid_from timestamptz not null default now(),
  valid_until timestamptz,
  created_at timestamptz not null default now(),
  constraint commission_rules_set_something check (num_nonnulls(fee_bp, commission_bp) > 0)
);
create index commission_rules_wholesaler_id on private.commission_rules (wholesaler_id);
create index commission_rules_influencer_id on private.commission_rules (influencer_id);
create index commission_rules_live_session_id on private.commission_rules (live_session_id);
comment on table private.commission_rules is 'exceptions from the rates of wholesalers and influencers, in order';

-- Frozen when the order is placed: who gets how much of what the customer pays for a line, in paise.
-- Shipping and the fee for cash on delivery are the order's, and the platform's.
create table private.order_item_splits (
  order_item_id uuid primary key,
  order_id uuid not null,
  wholesaler_id uuid not null,
  influencer_id uuid,
  -- What the customer pays: quantity x price - discount, tax included; the coupon's share stands beside.
  paid_minor bigint not null check (paid_minor >= 0),
  discount_minor bigint not null check (discount_minor >= 0),
  funded_by text check (funded_by in ('platform', 'wholesaler', 'influencer')),
  -- The base of all rates: paid_minor without tax.
  base_minor bigint not null check (base_minor >= 0),
  tax_minor bigint not null check (tax_minor >= 0),
  fee_bp integer not null,
  fee_minor bigint not null check (fee_minor >= 0),
  fee_gst_bp integer not null,
  fee_gst_minor bigint not null check (fee_gst_minor >= 0),
  commission_bp integer not null,
  commission_minor bigint not null check (commission_minor >= 0),
  cut_bp integer not null,
  cut_minor bigint not null check (cut_minor >= 0),
  tcs_bp integer not null,
  tcs_minor bigint not null check (tcs_minor >= 0),
  tds_bp integer not null,
  tds_minor bigint not null check (tds_minor >= 0),
  -- What is left for the wholesaler; less than nothing when the rates ask for more than was paid.
  wholesaler_minor bigint not null,
  rule_id uuid,
  constraint order_item_splits_base check (base_minor + tax_minor = paid_minor),
  constraint order_item_splits_cut check (cut_minor <= commission_minor),
  constraint order_item_splits_add_up check (
    wholesaler_minor + fee_minor + fee_gst_minor + commission_minor + tcs_minor + tds_minor = paid_minor)
);
create index order_item_splits_order_id on private.order_item_splits (order_id);
comment on table private.order_item_splits is
  'commission lines: how what is paid for an order item is shared, as it was when it was sold';
comment on column private.order_item_splits.commission_minor is
  'of the influencer, cut_minor included, which the platform keeps of it';

-- ---------------------------------------------------------------------------------------------
-- Payments: one row per attempt to have an order paid, made with the order

create table private.payments (
  id uuid primary key,
  order_id uuid not null,
  provider text not null,
  amount_minor bigint not null check (amount_minor >= 0),
  currency text not null default 'INR',
  -- created: not told to the provider yet. pending: the provider knows it, the customer may pay.
  -- captured: the money is ours. failed is not the end: UPI may succeed after it.
  -- Cash on delivery goes created -> collected (the courier has it) -> remitted (we have it),
  -- or returned (the parcel came back to its origin).
  status text not null default 'created' check (status in (
    'created', 'pending', 'captured', 'failed', 'cancelled', 'collected', 'remitted', 'returned')),
  provider_reference text,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 80);
create index payments_order_id on private.payments (order_id);
create unique index payments_provider_reference on private.payments (provider, provider_reference)
  where provider_reference is not null;
create index payments_unfinished on private.payments (created_at)
  where status in ('created', 'pending', 'failed') and provider <> 'cod';
comment on table private.payments is 'attempts to have an order paid; refunds are in public.refunds';

do $$
declare
  t text;
begin
  foreach t in array array['deals', 'deal_counts', 'deal_purchases', 'waitlist', 'coupons', 'coupon_counts',
                           'coupon_redemptions', 'touches', 'platform_rates', 'commission_rules',
                           'order_item_splits', 'payments'] loop
    execute format('alter table private.%I enable row level security', t);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', t);
    execute format('grant select, insert, update, delete on private.%I to service_role', t);
    execute format('create policy service on private.%I for all to service_role '
                   'using (true) with check (true)', t);
  end loop;
  foreach t in array array['deals', 'coupons', 'payments'] loop
    execute format('create trigger updated_at before update on private.%I '
                   'for each row execute function public.handle_updated_at()', t);
  end loop;
end $$;
