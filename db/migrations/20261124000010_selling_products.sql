-- What products and live sessions say for selling: tax, origin, options of variants, how stock is promised.

alter table public.products
  add column hsn_code varchar(8),
  add column tax_rate numeric(6, 3) not null default 0,
  add column country_of_origin varchar(100),
  add column importer text,
  add column net_quantity varchar(50),
  add constraint products_hsn_code_check check (hsn_code ~ '^[0-9]{4}([0-9]{2}){0,2}$') not valid,
  add constraint products_tax_rate_check check (tax_rate between 0 and 100) not valid;
comment on column public.products.tax_rate is 'GST in percent, contained in the prices';

alter table public.product_variants add column options jsonb;
comment on column public.product_variants.options is '{option: value} beside colour and size';

alter table public.product_stock add column promises bigint not null default 0;
comment on column public.product_stock.promises is
  'moves with every hold and every stock set aside, so that a checkout notices that its look is old';

alter table public.live_sessions
  add column hold_policy varchar(20) not null default 'hold',
  add column hold_ttl_s integer not null default 600,
  add constraint live_sessions_hold_policy_check check (hold_policy in ('hold', 'first_paid')) not valid,
  add constraint live_sessions_hold_ttl_s_check check (hold_ttl_s between 60 and 86400) not valid;
comment on column public.live_sessions.hold_policy is
  'hold: stock is promised to a cart for hold_ttl_s and to an order until it is paid; first_paid: to nobody before payment';

alter table public.customers
  add column hold_policy varchar(20),
  add constraint customers_hold_policy_check check (hold_policy in ('hold', 'first_paid')) not valid;
comment on column public.customers.hold_policy is 'NULL = that of the live session';

alter table public.cart add column touched_at timestamptz;
comment on column public.cart.touched_at is 'when it was put into the cart from live_session_id; the touch that earns';
