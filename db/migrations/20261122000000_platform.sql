-- The platform: ten documented tables, their variants of products, and the private tables behind them.
--
-- * Money: the documented numeric columns are the truth; *_minor beside them is the same amount in
--   paise, generated, and is what the program reads.
-- * Anything that has earned or cost money cannot be deleted (on delete restrict): a wholesaler,
--   influencer or customer who leaves is deactivated.
-- * Times are timestamptz with now(); only the order number needs a calendar date, and it is the
--   shop's: Asia/Kolkata.
-- * Row security is on everywhere and nothing is granted to the API roles.

-- ---------------------------------------------------------------------------------------------
-- People

create table public.customers (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references auth.users on delete cascade,
  first_name varchar(50),
  last_name varchar(50),
  email varchar(255) not null,
  phone varchar(20),
  date_of_birth date,
  gender varchar(10) check (gender in ('male', 'female', 'other')),
  address_line_1 text,
  address_line_2 text,
  city varchar(100),
  state varchar(100),
  postal_code varchar(20),
  country varchar(100) default 'India',
  preferred_language varchar(10) default 'en',
  notification_preferences jsonb default '{"email": true, "sms": false, "push": true}',
  is_active boolean default true,
  customer_tier varchar(20) default 'bronze'
    check (customer_tier in ('bronze', 'silver', 'gold', 'platinum')),
  total_orders integer default 0 check (total_orders >= 0),
  total_spent numeric(12, 2) default 0 check (total_spent >= 0),
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
create index idx_customers_email on public.customers (email);
create index idx_customers_phone on public.customers (phone);

create table public.wholesalers (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references auth.users on delete cascade,
  business_name varchar(255) not null,
  contact_person_name varchar(100),
  email varchar(255) not null,
  phone varchar(20),
  business_registration_number varchar(100),
  gst_number varchar(20),
  pan_number varchar(20),
  business_type varchar(50),
  business_address_line_1 text,
  business_address_line_2 text,
  city varchar(100),
  state varchar(100),
  postal_code varchar(20),
  country varchar(100) default 'India',
  bank_account_number varchar(50),
  bank_name varchar(100),
  bank_branch varchar(100),
  ifsc_code varchar(20),
  total_products integer default 0 check (total_products >= 0),
  total_sales numeric(12, 2) default 0 check (total_sales >= 0),
  commission_rate numeric(5, 2) default 10.00 check (commission_rate between 0 and 100),
  is_verified boolean default false,
  is_active boolean default true,
  verification_status varchar(20) default 'pending'
    check (verification_status in ('pending', 'verified', 'rejected')),
  verification_date timestamptz,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
create index idx_wholesalers_email on public.wholesalers (email);
create index idx_wholesalers_verification_status on public.wholesalers (verification_status);

create table public.influencers (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references auth.users on delete cascade,
  first_name varchar(50),
  last_name varchar(50),
  display_name varchar(100),
  email varchar(255) not null,
  phone varchar(20),
  instagram_handle varchar(100),
  youtube_channel varchar(100),
  tiktok_handle varchar(100),
  followers_count integer default 0 check (followers_count >= 0),
  bio text,
  category varchar(50),
  experience_years integer default 0 check (experience_years >= 0),
  total_live_sessions integer default 0 check (total_live_sessions >= 0),
  total_viewers integer default 0 check (total_viewers >= 0),
  average_session_duration integer default 0 check (average_session_duration >= 0),
  commission_rate numeric(5, 2) default 15.00 check (commission_rate between 0 and 100),
  total_earnings numeric(12, 2) default 0 check (total_earnings >= 0),
  is_verified boolean default false,
  is_active boolean default true,
  verification_status varchar(20) default 'pending'
    check (verification_status in ('pending', 'verified', 'rejected')),
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
create index idx_influencers_email on public.influencers (email);
create index idx_influencers_verification_status on public.influencers (verification_status);
comment on column public.influencers.average_session_duration is 'minutes';

-- ---------------------------------------------------------------------------------------------
-- Products

create table public.products (
  id uuid primary key default gen_random_uuid(),
  wholesaler_id uuid not null references public.wholesalers on delete restrict,
  name varchar(255) not null,
  description text,
  short_description text,
  sku varchar(100) unique,
  barcode varchar(100),
  category varchar(100),
  subcategory varchar(100),
  brand varchar(100),
  tags text[],
  wholesale_price numeric(10, 2) not null check (wholesale_price >= 0),
  retail_price numeric(10, 2) not null check (retail_price >= 0),
  sale_price numeric(10, 2) check (sale_price >= 0),
  discount_percentage numeric(5, 2) default 0 check (discount_percentage between 0 and 100),
  stock_quantity integer default 0 check (stock_quantity >= 0),
  min_stock_level integer default 10 check (min_stock_level >= 0),
  max_stock_level integer default 1000 check (max_stock_level >= 0),
  weight numeric(8, 3) check (weight >= 0),
  dimensions jsonb,
  color varchar(50),
  size varchar(50),
  images jsonb,
  videos jsonb,
  meta_title varchar(255),
  meta_description text,
  keywords text[],
  is_active boolean default true,
  is_featured boolean default false,
  is_live_stream_eligible boolean default true,
  status varchar(20) default 'active'
    check (status in ('active', 'inactive', 'out_of_stock', 'discontinued')),
  average_rating numeric(3, 2) default 0 check (average_rating between 0 and 5),
  total_reviews integer default 0 check (total_reviews >= 0),
  total_sales integer default 0 check (total_sales >= 0),
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  retail_price_minor bigint generated always as ((retail_price * 100)::bigint) stored,
  sale_price_minor bigint generated always as ((sale_price * 100)::bigint) stored
);
create index idx_products_wholesaler_id on public.products (wholesaler_id);
create index idx_products_category on public.products (category);
create index idx_products_status on public.products (status);
create index idx_products_is_active on public.products (is_active);
comment on column public.products.retail_price is 'maximum retail price (MRP), taxes included';
comment on column public.products.sale_price is 'price outside a live session; NULL = retail_price';
comment on column public.products.stock_quantity is 'sum of its variants, kept by trigger';
comment on column public.products.weight is 'kg';
comment on column public.products.dimensions is '{length, width, height} in cm';
comment on column public.products.images is 'array of addresses, the first is the poster';

-- What is bought and counted: every product has at least one variant, and only variants have stock.
create table public.product_variants (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references public.products on delete cascade,
  sku varchar(100) unique,
  color varchar(50),
  size varchar(50),
  label varchar(120) not null,
  price numeric(10, 2) check (price >= 0),
  -- Stock is taken last in a checkout; this check is the net below everything else.
  stock_quantity integer not null default 0 check (stock_quantity >= 0),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  price_minor bigint generated always as ((price * 100)::bigint) stored
) with (fillfactor = 70);
create index idx_product_variants_product_id on public.product_variants (product_id, position);
comment on column public.product_variants.price is 'NULL = the price of the product';

-- ---------------------------------------------------------------------------------------------
-- Live sessions

create table public.live_sessions (
  id uuid primary key default gen_random_uuid(),
  influencer_id uuid not null references public.influencers on delete restrict,
  title varchar(255) not null,
  description text,
  scheduled_start_time timestamptz,
  actual_start_time timestamptz,
  end_time timestamptz,
  duration_minutes integer check (duration_minutes >= 0),
  peak_viewers integer not null default 0 check (peak_viewers >= 0),
  total_unique_viewers integer not null default 0 check (total_unique_viewers >= 0),
  total_joins integer not null default 0 check (total_joins >= 0),
  total_products_showcased integer default 0 check (total_products_showcased >= 0),
  total_sales_generated numeric(12, 2) default 0 check (total_sales_generated >= 0),
  status varchar(20) not null default 'scheduled'
    check (status in ('scheduled', 'live', 'paused', 'ended', 'cancelled')),
  stream_url varchar(500),
  recording_url varchar(500),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index idx_live_sessions_influencer_id on public.live_sessions (influencer_id);
create index idx_live_sessions_status on public.live_sessions (status);
create index idx_live_sessions_scheduled_start_time on public.live_sessions (scheduled_start_time);
create unique index live_sessions_one_on_air on public.live_sessions (influencer_id)
  where status in ('live', 'paused');

create table public.live_session_products (
  id uuid primary key default gen_random_uuid(),
  live_session_id uuid not null references public.live_sessions on delete cascade,
  product_id uuid not null references public.products on delete cascade,
  display_order integer not null default 0,
  special_price numeric(10, 2) check (special_price >= 0),
  is_featured boolean not null default false,
  pinned_at timestamptz,
  clicks integer not null default 0 check (clicks >= 0),
  orders_generated integer default 0 check (orders_generated >= 0),
  revenue_generated numeric(12, 2) default 0 check (revenue_generated >= 0),
  created_at timestamptz not null default now(),
  special_price_minor bigint generated always as ((special_price * 100)::bigint) stored,
  unique (live_session_id, product_id)
);
create index idx_live_session_products_product_id on public.live_session_products (product_id);
create unique index live_session_products_one_pinned
  on public.live_session_products (live_session_id) where is_featured;
comment on column public.live_session_products.is_featured is 'pinned on the video';
comment on column public.live_session_products.special_price is
  'replaces the price of the product while the live session is on air';

-- ---------------------------------------------------------------------------------------------
-- Cart, orders, support

create table public.cart (
  id uuid primary key default gen_random_uuid(),
  customer_id uuid not null references public.customers on delete cascade,
  product_id uuid not null references public.products on delete cascade,
  quantity integer not null default 1 check (quantity > 0),
  unit_price numeric(10, 2) not null check (unit_price >= 0),
  total_price numeric(10, 2) generated always as (quantity * unit_price) stored,
  selected_color varchar(50),
  selected_size varchar(50),
  product_options jsonb,
  added_at timestamptz default now(),
  updated_at timestamptz default now(),
  unique nulls not distinct (customer_id, product_id, selected_color, selected_size)
);
create index idx_cart_product_id on public.cart (product_id);

create sequence public.order_sequence;

create table public.orders (
  id uuid primary key default gen_random_uuid(),
  customer_id uuid references public.customers on delete restrict,
  influencer_id uuid references public.influencers on delete restrict,
  order_number varchar(50) not null unique,
  subtotal numeric(12, 2) not null check (subtotal >= 0),
  tax_amount numeric(12, 2) default 0 check (tax_amount >= 0),
  shipping_cost numeric(12, 2) default 0 check (shipping_cost >= 0),
  discount_amount numeric(12, 2) default 0 check (discount_amount >= 0),
  total_amount numeric(12, 2) not null check (total_amount >= 0),
  status varchar(30) not null default 'pending'
    check (status in ('pending', 'confirmed', 'processing', 'shipped', 'delivered', 'cancelled',
                      'refunded')),
  payment_status varchar(30) not null default 'pending'
    check (payment_status in ('pending', 'paid', 'failed', 'refunded', 'partially_refunded')),
  shipping_address jsonb not null,
  billing_address jsonb,
  shipping_method varchar(50),
  tracking_number varchar(100),
  estimated_delivery_date date,
  actual_delivery_date date,
  payment_method varchar(50),
  payment_reference varchar(100),
  payment_gateway varchar(50),
  live_session_id uuid references public.live_sessions on delete restrict,
  influencer_commission numeric(10, 2) default 0 check (influencer_commission >= 0),
  notes text,
  internal_notes text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  subtotal_minor bigint generated always as ((subtotal * 100)::bigint) stored,
  shipping_minor bigint generated always as ((shipping_cost * 100)::bigint) stored,
  total_minor bigint generated always as ((total_amount * 100)::bigint) stored,
  constraint orders_total_adds_up check
    (total_amount = subtotal + coalesce(tax_amount, 0) + coalesce(shipping_cost, 0)
                    - coalesce(discount_amount, 0))
);
create index idx_orders_customer_id on public.orders (customer_id, created_at);
create index idx_orders_influencer_id on public.orders (influencer_id);
create index idx_orders_live_session_id on public.orders (live_session_id);
create index idx_orders_status on public.orders (status);
create index idx_orders_created_at on public.orders (created_at);

create table public.order_items (
  id uuid primary key default gen_random_uuid(),
  order_id uuid not null references public.orders on delete restrict,
  position integer not null default 0,
  product_id uuid references public.products on delete restrict,
  -- No foreign key: the row of a variant is the hottest of a sale, and each reference would put a
  -- share lock on it. The name, label and price that were sold are in this row.
  variant_id uuid,
  wholesaler_id uuid references public.wholesalers on delete restrict,
  influencer_id uuid references public.influencers on delete restrict,
  live_session_id uuid references public.live_sessions on delete restrict,
  product_name varchar(255) not null,
  product_sku varchar(100),
  selected_color varchar(50),
  selected_size varchar(50),
  variant_label varchar(120),
  product_snapshot jsonb,
  quantity integer not null check (quantity > 0),
  unit_price numeric(10, 2) not null check (unit_price >= 0),
  total_price numeric(10, 2) generated always as (quantity * unit_price) stored,
  wholesaler_commission numeric(10, 2) default 0 check (wholesaler_commission >= 0),
  influencer_commission numeric(10, 2) default 0 check (influencer_commission >= 0),
  created_at timestamptz not null default now(),
  unit_price_minor bigint generated always as ((unit_price * 100)::bigint) stored,
  total_price_minor bigint generated always as ((quantity * unit_price * 100)::bigint) stored
);
create index idx_order_items_order_id on public.order_items (order_id);
create index idx_order_items_product_id on public.order_items (product_id);
create index idx_order_items_wholesaler_id on public.order_items (wholesaler_id);
create index idx_order_items_influencer_id on public.order_items (influencer_id);
create index idx_order_items_live_session_id on public.order_items (live_session_id, product_id);
comment on column public.order_items.wholesaler_commission is
  'what the platform keeps of this line, at the rate of the wholesaler when it was sold';
comment on column public.order_items.influencer_commission is
  'what the influencer earns on this line, at the rate of the influencer when it was sold';

create table public.queries (
  id uuid primary key default gen_random_uuid(),
  customer_id uuid references public.customers on delete set null,
  order_id uuid references public.orders on delete set null,
  subject varchar(255) not null,
  message text not null,
  category varchar(50) default 'general'
    check (category in ('general', 'order', 'product', 'payment', 'shipping', 'technical',
                        'complaint')),
  priority varchar(20) default 'medium' check (priority in ('low', 'medium', 'high', 'urgent')),
  status varchar(30) default 'open'
    check (status in ('open', 'in_progress', 'resolved', 'closed', 'escalated')),
  assigned_to uuid,
  customer_email varchar(255),
  customer_phone varchar(20),
  response text,
  internal_notes text,
  resolved_at timestamptz,
  resolution_time_hours integer check (resolution_time_hours >= 0),
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
create index idx_queries_customer_id on public.queries (customer_id);
create index idx_queries_order_id on public.queries (order_id);
create index idx_queries_status on public.queries (status);
create index idx_queries_category on public.queries (category);
create index idx_queries_created_at on public.queries (created_at);

-- ---------------------------------------------------------------------------------------------
-- Behind the tables

-- One row per answered order.place: the answer is given again to whoever sends the same key.
create table private.idempotency (
  customer_id uuid not null references public.customers on delete cascade,
  key uuid not null,
  request_hash bytea not null,
  response jsonb not null,
  created_at timestamptz not null default now(),
  primary key (customer_id, key)
);

-- What the world is to hear of, written with the fact itself and sent afterwards.
create table private.outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  live_session_id uuid,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  published_at timestamptz
);
create index outbox_unpublished on private.outbox (id) where published_at is null;

-- Batches of counters that are already in the tables: the same batch is added once.
create table private.metric_batches (
  id uuid primary key,
  live_session_id uuid,
  flushed_at timestamptz not null default now()
);

create table private.refresh_tokens (
  id uuid primary key,
  family uuid not null,
  user_id uuid not null references auth.users on delete cascade,
  token_hash bytea not null unique,
  issued_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index refresh_tokens_family on private.refresh_tokens (family);
create index refresh_tokens_user_id on private.refresh_tokens (user_id);
create index refresh_tokens_expires_at on private.refresh_tokens (expires_at);

create table private.login_links (
  token_hash bytea primary key,
  user_id uuid not null references auth.users on delete cascade,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index login_links_user_id on private.login_links (user_id);

-- ---------------------------------------------------------------------------------------------
-- Triggers

create function public.handle_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end $$;

-- ORD-YYYYMMDD-NNNNNN. The number is never cut: from the millionth order on it has seven digits.
create function public.generate_order_number() returns trigger
language plpgsql set search_path = '' as $$
declare
  n text := nextval('public.order_sequence')::text;
begin
  new.order_number := 'ORD-' || to_char(now() at time zone 'Asia/Kolkata', 'YYYYMMDD') || '-'
                      || lpad(n, greatest(6, length(n)), '0');
  return new;
end $$;

create trigger order_number before insert on public.orders
  for each row execute function public.generate_order_number();

do $$
declare
  t text;
begin
  foreach t in array array['customers', 'wholesalers', 'influencers', 'products', 'product_variants',
                           'live_sessions', 'cart', 'orders', 'queries'] loop
    execute format('create trigger updated_at before update on public.%I '
                   'for each row execute function public.handle_updated_at()', t);
  end loop;
end $$;

-- The stock of a product is the sum over its variants, kept by differences. Per statement, so that
-- an update of several variants locks their products in id order, whatever the order of its lines.
create function private.carry_stock_to_products() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    update public.products p set stock_quantity = p.stock_quantity + d.delta
    from (select product_id, sum(stock_quantity) as delta from new_rows group by product_id) d
    where p.id = d.product_id;
  elsif tg_op = 'DELETE' then
    update public.products p set stock_quantity = p.stock_quantity - d.delta
    from (select product_id, sum(stock_quantity) as delta from old_rows group by product_id) d
    where p.id = d.product_id;
  else
    perform 1 from public.products
    where id in (select product_id from new_rows union select product_id from old_rows)
    order by id for no key update;
    update public.products p set stock_quantity = p.stock_quantity + d.delta
    from (select product_id, sum(difference) as delta
          from (select product_id, stock_quantity as difference from new_rows
                union all
                select product_id, -stock_quantity from old_rows) both_sides
          group by product_id having sum(difference) <> 0) d
    where p.id = d.product_id;
  end if;
  return null;
end $$;

create trigger stock_inserted after insert on public.product_variants
  referencing new table as new_rows
  for each statement execute function private.carry_stock_to_products();
create trigger stock_updated after update on public.product_variants
  referencing old table as old_rows new table as new_rows
  for each statement execute function private.carry_stock_to_products();
create trigger stock_deleted after delete on public.product_variants
  referencing old table as old_rows
  for each statement execute function private.carry_stock_to_products();

-- A product written without variants, as clients of the documented schema do, has one made of its
-- own colour, size and stock when its transaction commits; with variants, theirs is the stock.
create function private.give_product_a_variant() returns trigger
language plpgsql set search_path = '' as $$
begin
  if exists (select from public.product_variants where product_id = new.id) then
    update public.products
    set stock_quantity = (select sum(stock_quantity) from public.product_variants
                          where product_id = new.id)
    where id = new.id;
  else
    update public.products set stock_quantity = 0 where id = new.id;
    insert into public.product_variants (product_id, sku, color, size, label, stock_quantity)
    select new.id, new.sku, new.color, new.size,
           coalesce(nullif(concat_ws(' / ', new.color, new.size), ''), 'Standard'),
           coalesce(new.stock_quantity, 0)
    where exists (select from public.products where id = new.id);
  end if;
  return null;
end $$;

create constraint trigger has_a_variant after insert on public.products
  deferrable initially deferred
  for each row execute function private.give_product_a_variant();

-- ---------------------------------------------------------------------------------------------
-- Closed until each door is opened by name

do $$
declare
  t record;
begin
  for t in select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname in ('public', 'private') and c.relkind in ('r', 'p') loop
    execute format('alter table %I.%I enable row level security', t.nspname, t.relname);
    execute format('revoke all on %I.%I from public, anon, authenticated', t.nspname, t.relname);
  end loop;
end $$;
revoke all on all sequences in schema public, private from public, anon, authenticated;
revoke execute on all functions in schema public, private from public, anon, authenticated;
