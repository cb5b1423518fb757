-- After the sale and around it: the cart by variant, reviews, wishlist, returns and refunds, support,
-- texts in other languages, and the log of who changed what.

-- Carts and queries are some ten thousand rows at most. What touches orders is in the file after this.
-- squawk-ignore-file adding-foreign-key-constraint, adding-not-nullable-field, ban-drop-constraint, constraint-missing-not-valid, disallowed-unique-constraint, adding-field-with-default, require-concurrent-index-creation

-- ---------------------------------------------------------------------------------------------
-- Cart: one line per variant, priced by the server

alter table public.cart
  add column variant_id uuid,
  add column live_session_id uuid references public.live_sessions on delete set null;
-- When a line or a query was touched last is by its person, not by this.
alter table public.cart disable trigger updated_at;
update public.cart c set variant_id = (
  select v.id from public.product_variants v
  where v.product_id = c.product_id
    and (c.selected_color is null or v.color is not distinct from c.selected_color)
    and (c.selected_size is null or v.size is not distinct from c.selected_size)
  order by v.position, v.id limit 1);
-- Lines that turn out to be the same become one, of as many pieces as one order may hold at most.
update public.cart c set quantity = greatest(c.quantity, least(s.quantity, 10))
from (select customer_id, variant_id, sum(quantity) as quantity from public.cart
      where variant_id is not null group by customer_id, variant_id having count(*) > 1) s
where c.customer_id = s.customer_id and c.variant_id = s.variant_id;
delete from public.cart c using public.cart d
where c.variant_id is null
   or (c.customer_id = d.customer_id and c.variant_id = d.variant_id
       and (coalesce(c.added_at, '-infinity'), c.id) < (coalesce(d.added_at, '-infinity'), d.id));
alter table public.cart enable trigger updated_at;
alter table public.cart
  alter column variant_id set not null,
  drop constraint cart_customer_id_product_id_selected_color_selected_size_key,
  add constraint cart_one_line_per_variant unique (customer_id, variant_id),
  add constraint cart_variant foreign key (variant_id, product_id)
    references public.product_variants (id, product_id) on delete cascade,
  add column unit_price_minor bigint generated always as ((unit_price * 100)::bigint) stored,
  add column total_price_minor bigint generated always as ((quantity * unit_price * 100)::bigint) stored;
create index idx_cart_variant_id on public.cart (variant_id, product_id);
create index idx_cart_live_session_id on public.cart (live_session_id);
create index idx_cart_updated_at on public.cart (updated_at);
comment on column public.cart.unit_price is 'set by the server; another price is refused';
comment on column public.cart.live_session_id is 'where it was put into the cart';

-- ---------------------------------------------------------------------------------------------
-- Wishlist, reviews, product texts

create table public.wishlist (
  id uuid primary key default gen_random_uuid(),
  customer_id uuid not null references public.customers on delete cascade,
  product_id uuid not null references public.products on delete cascade,
  added_at timestamptz not null default now(),
  unique (customer_id, product_id)
);
create index idx_wishlist_product_id on public.wishlist (product_id);
comment on table public.wishlist is 'products that a customer keeps in mind';

create table public.reviews (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references public.products on delete cascade,
  customer_id uuid not null references public.customers on delete cascade,
  order_item_id uuid,
  rating smallint not null check (rating between 1 and 5),
  title varchar(255),
  body text check (length(body) <= 5000),
  images jsonb,
  author_name varchar(100) not null default '',
  is_verified_purchase boolean not null default false,
  status varchar(20) not null default 'published' check (status in ('published', 'hidden')),
  reply text,
  replied_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (product_id, customer_id)
);
create index idx_reviews_customer_id on public.reviews (customer_id);
create index idx_reviews_order_item_id on public.reviews (order_item_id);
create index idx_reviews_product_id on public.reviews (product_id, created_at desc);
comment on table public.reviews is 'what buyers say of a product that was delivered to them; one each';

create table public.product_translations (
  product_id uuid not null references public.products on delete cascade,
  locale varchar(10) not null check (locale ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
  name varchar(255) not null,
  short_description text,
  description text,
  meta_title varchar(255),
  meta_description text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (product_id, locale)
);
comment on table public.product_translations is
  'texts of a product in another language; what is missing is read from products';

-- ---------------------------------------------------------------------------------------------
-- Returns and refunds

create sequence public.return_sequence;

create table public.returns (
  id uuid primary key default gen_random_uuid(),
  return_number varchar(50) not null unique,
  order_id uuid not null,
  customer_id uuid not null references public.customers on delete restrict,
  reason varchar(50) not null check (reason in (
    'damaged', 'wrong_item', 'not_as_described', 'does_not_fit', 'changed_mind', 'other')),
  comment text check (length(comment) <= 2000),
  status varchar(20) not null default 'requested',
  decided_at timestamptz,
  received_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index idx_returns_order_id on public.returns (order_id);
create index idx_returns_customer_id on public.returns (customer_id, created_at desc);
create index idx_returns_status on public.returns (status, created_at);
comment on table public.returns is 'what a customer sends back of an order';

create table public.return_items (
  id uuid primary key default gen_random_uuid(),
  return_id uuid not null references public.returns on delete cascade,
  order_item_id uuid not null,
  quantity integer not null check (quantity > 0),
  quantity_received integer not null default 0,
  is_restocked boolean not null default false,
  unique (return_id, order_item_id),
  check (quantity_received between 0 and quantity)
);
create index idx_return_items_order_item_id on public.return_items (order_item_id);
comment on table public.return_items is 'how many of each line come back, and came back';

create table public.refunds (
  id uuid primary key default gen_random_uuid(),
  order_id uuid not null,
  return_id uuid references public.returns on delete restrict,
  amount numeric(12, 2) not null check (amount > 0),
  status varchar(20) not null default 'pending',
  method varchar(20) not null default 'original'
    check (method in ('original', 'bank', 'upi', 'store_credit')),
  provider_reference varchar(100) unique,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  amount_minor bigint generated always as ((amount * 100)::bigint) stored
);
create index idx_refunds_order_id on public.refunds (order_id);
create index idx_refunds_return_id on public.refunds (return_id);
comment on table public.refunds is 'money given back for an order; never more than was paid';

-- ---------------------------------------------------------------------------------------------
-- Support: the clocks of the Consumer Protection (E-Commerce) Rules, 2020: acknowledged within 48
-- hours, redressed within a month.

create sequence public.ticket_sequence;

alter table public.queries
  add column ticket_number varchar(50) unique,
  add column acknowledged_at timestamptz,
  add column first_response_at timestamptz,
  add column escalated_at timestamptz,
  add column closed_at timestamptz,
  add column ack_due_at timestamptz,
  add column redress_due_at timestamptz;
alter table public.queries disable trigger updated_at;
update public.queries
set created_at = coalesce(created_at, updated_at, now()), status = coalesce(status, 'open'),
    priority = coalesce(priority, 'medium'), category = coalesce(category, 'general')
where created_at is null or status is null or priority is null or category is null;
update public.queries
set ack_due_at = created_at + interval '48 hours',
    redress_due_at =
      (created_at at time zone 'Asia/Kolkata' + interval '1 month') at time zone 'Asia/Kolkata',
    ticket_number = 'TKT-' || to_char(created_at at time zone 'Asia/Kolkata', 'YYYYMMDD') || '-'
                    || lpad(nextval('public.ticket_sequence')::text, 6, '0');
alter table public.queries enable trigger updated_at;
alter table public.queries
  alter column ticket_number set not null,
  alter column ack_due_at set not null,
  alter column redress_due_at set not null,
  alter column created_at set not null,
  alter column status set not null,
  alter column priority set not null,
  alter column category set not null,
  add constraint queries_assigned_to foreign key (assigned_to) references auth.users on delete set null;
create index idx_queries_assigned_to on public.queries (assigned_to);
create index idx_queries_open on public.queries (redress_due_at)
  where status in ('open', 'in_progress', 'escalated');

create table public.query_messages (
  id uuid primary key default gen_random_uuid(),
  query_id uuid not null references public.queries on delete cascade,
  author_kind varchar(10) not null check (author_kind in ('customer', 'support')),
  author_user_id uuid references auth.users on delete set null,
  body text not null check (length(body) between 1 and 10000),
  created_at timestamptz not null default now()
);
create index idx_query_messages_query_id on public.query_messages (query_id, created_at);
create index idx_query_messages_author_user_id on public.query_messages (author_user_id);
comment on table public.query_messages is
  'what customer and support wrote about a query after its opening message';

-- What the staff write for each other. orders.internal_notes and queries.internal_notes can be
-- written as documented and end up here: the rows they stand in are the customer's to read.
create table public.staff_notes (
  id uuid primary key default gen_random_uuid(),
  about varchar(10) not null check (about in ('order', 'query')),
  about_id uuid not null,
  body text not null,
  author_user_id uuid,
  created_at timestamptz not null default now()
);
create index idx_staff_notes_about on public.staff_notes (about, about_id, created_at);
comment on table public.staff_notes is 'internal notes on orders and queries; for admins';

create function private.move_internal_notes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.staff_notes (about, about_id, body, author_user_id)
  values (case tg_table_name when 'orders' then 'order' else 'query' end, new.id, new.internal_notes,
          auth.uid());
  new.internal_notes := null;
  return new;
end $$;
create trigger internal_notes before insert or update of internal_notes on public.queries
  for each row when (new.internal_notes is not null) execute function private.move_internal_notes();
comment on column public.queries.internal_notes is 'always empty: what is written here goes to staff_notes';

-- ---------------------------------------------------------------------------------------------
-- Audit log: append-only, and sealed into a chain of hashes.
--
-- Chaining in the writing transaction would make every audited change wait for every other. So rows
-- are written freely, each with an entry in private.audit_unsealed, and private.seal_audit_log_v1
-- (worker, every few seconds) takes the entries that it finds, which are those that are committed. A
-- mark of how far the log is sealed would lose rows: ids are given in another order than they commit.
-- Each link hashes the link before it with the whole row: a row that is changed, dropped or slipped in
-- later breaks the chain, which `livecommerce check` walks.

create table public.audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor_user_id uuid,
  actor_role text not null,
  action text not null,
  table_name text not null,
  row_id uuid,
  before jsonb,
  after jsonb,
  xid xid8 not null default pg_current_xact_id()
);
create index idx_audit_log_row on public.audit_log (table_name, row_id);
create index idx_audit_log_at on public.audit_log (at);
comment on table public.audit_log is
  'who changed what of money, rights and people; only columns that changed, sealed values as names';

create table public.audit_chain (
  position bigint primary key check (position > 0),
  audit_id bigint not null unique,
  hash bytea not null
);
comment on table public.audit_chain is 'hash chain over audit_log, in the order of sealing';
comment on column public.audit_log.xid is 'the transaction: what changed together has the same';

create table private.audit_unsealed (
  audit_id bigint primary key
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
comment on table private.audit_unsealed is
  'rows of audit_log that are not in the chain yet: queue of private.seal_audit_log_v1';

create function private.note_unsealed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.audit_unsealed (audit_id) select id from new_rows;
  return null;
end $$;
create trigger unsealed after insert on public.audit_log referencing new table as new_rows
  for each statement execute function private.note_unsealed();

create function private.audit_row_hash(p_before bytea, p_row public.audit_log) returns bytea
language sql stable set search_path = '' as $$
  select sha256(p_before || convert_to(concat_ws(E'\x1f',
    p_row.id, extract(epoch from p_row.at), coalesce(p_row.actor_user_id::text, '-'), p_row.actor_role,
    p_row.action, p_row.table_name, coalesce(p_row.row_id::text, '-'),
    coalesce(p_row.before::text, '-'), coalesce(p_row.after::text, '-')), 'UTF8'))
$$;

-- Links up to p_limit committed rows; how many. One sealer at a time. A definer, because nobody else
-- may take a row out of the queue.
create function private.seal_audit_log_v1(p_limit integer) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_ids bigint[];
  v_row public.audit_log;
  v_position bigint;
  v_hash bytea;
  v_sealed integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('livecommerce.seal_audit_log', 0)) then
    return 0;
  end if;
  with taken as (
    delete from private.audit_unsealed
    where audit_id in (select audit_id from private.audit_unsealed order by audit_id limit p_limit)
    returning audit_id)
  select array_agg(audit_id) into v_ids from taken;
  select position, hash into v_position, v_hash
  from public.audit_chain order by position desc limit 1;
  v_position := coalesce(v_position, 0);
  v_hash := coalesce(v_hash, '\x');
  for v_row in
    select a.* from public.audit_log a where a.id = any (v_ids) order by a.id
  loop
    v_position := v_position + 1;
    v_hash := private.audit_row_hash(v_hash, v_row);
    insert into public.audit_chain (position, audit_id, hash) values (v_position, v_row.id, v_hash);
    v_sealed := v_sealed + 1;
  end loop;
  return v_sealed;
end $$;

-- The first link that does not hold, no row when all do.
create function private.broken_audit_link_v1() returns table (link_position bigint, reason text)
language plpgsql stable set search_path = '' as $$
declare
  v_link record;
  v_hash bytea := '\x'::bytea;
  v_expected bigint := 1;
begin
  for v_link in
    select c.position, c.hash, a as logged, a.id as audit_id
    from public.audit_chain c left join public.audit_log a on a.id = c.audit_id order by c.position
  loop
    if v_link.position <> v_expected then
      return query select v_expected, 'a link is missing'::text;
      return;
    elsif v_link.audit_id is null then
      return query select v_link.position, 'its row is gone'::text;
      return;
    end if;
    v_hash := private.audit_row_hash(v_hash, v_link.logged);
    if v_hash <> v_link.hash then
      return query select v_link.position, 'its row was changed'::text;
      return;
    end if;
    v_expected := v_expected + 1;
  end loop;
  if exists (select from public.audit_log a
             where not exists (select from public.audit_chain c where c.audit_id = a.id)
               and not exists (select from private.audit_unsealed u where u.audit_id = a.id)) then
    return query select v_expected, 'a row was never sealed'::text;
  end if;
end $$;

create function private.refuse_change_of_log() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = '42501', message = format('%s is append-only', tg_table_name);
end $$;
create trigger append_only before update or delete or truncate on public.audit_log
  for each statement execute function private.refuse_change_of_log();
create trigger append_only before update or delete or truncate on public.audit_chain
  for each statement execute function private.refuse_change_of_log();

-- Writes the columns named in the arguments that changed. Sealed values are named, never copied.
create function private.audit_change() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_old jsonb := to_jsonb(old);
  v_new jsonb := to_jsonb(new);
  v_before jsonb := '{}'::jsonb;
  v_after jsonb := '{}'::jsonb;
  v_column text;
begin
  foreach v_column in array tg_argv loop
    if (v_old -> v_column) is distinct from (v_new -> v_column) then
      if (v_old ->> v_column) like 'sealed:%' or (v_new ->> v_column) like 'sealed:%' then
        v_before := v_before || jsonb_build_object(v_column, case when v_old ->> v_column is null then null else 'sealed' end);
        v_after := v_after || jsonb_build_object(v_column, case when v_new ->> v_column is null then null else 'sealed' end);
      else
        v_before := v_before || jsonb_build_object(v_column, v_old -> v_column);
        v_after := v_after || jsonb_build_object(v_column, v_new -> v_column);
      end if;
    end if;
  end loop;
  if v_after <> '{}' then
    insert into public.audit_log (actor_user_id, actor_role, action, table_name, row_id, before, after)
    values (auth.uid(),
            coalesce((select auth.jwt()) -> 'app_metadata' ->> 'role', (select auth.role()), 'owner'),
            'change', tg_table_name, (v_new ->> 'id')::uuid, v_before, v_after);
  end if;
  return null;
end $$;

-- The conditions spare the many updates of counters and totals the call.
create trigger audited after update on public.wholesalers for each row
  when ((old.commission_rate, old.is_verified, old.is_active, old.verification_status, old.gst_number,
         old.pan_number, old.bank_account_number, old.ifsc_code, old.user_id)
        is distinct from
        (new.commission_rate, new.is_verified, new.is_active, new.verification_status, new.gst_number,
         new.pan_number, new.bank_account_number, new.ifsc_code, new.user_id))
  execute function private.audit_change(
    'commission_rate', 'is_verified', 'is_active', 'verification_status', 'gst_number', 'pan_number',
    'bank_account_number', 'ifsc_code', 'user_id');
create trigger audited after update on public.influencers for each row
  when ((old.commission_rate, old.is_verified, old.is_active, old.verification_status, old.gst_number,
         old.pan_number, old.bank_account_number, old.ifsc_code, old.upi_id, old.user_id)
        is distinct from
        (new.commission_rate, new.is_verified, new.is_active, new.verification_status, new.gst_number,
         new.pan_number, new.bank_account_number, new.ifsc_code, new.upi_id, new.user_id))
  execute function private.audit_change(
    'commission_rate', 'is_verified', 'is_active', 'verification_status', 'gst_number', 'pan_number',
    'bank_account_number', 'ifsc_code', 'upi_id', 'user_id');
create trigger audited after update on public.customers for each row
  when ((old.customer_tier, old.is_active, old.user_id)
        is distinct from (new.customer_tier, new.is_active, new.user_id))
  execute function private.audit_change('customer_tier', 'is_active', 'user_id');
create trigger audited after update on public.products for each row
  when ((old.wholesale_price, old.retail_price, old.sale_price, old.wholesaler_id, old.is_active)
        is distinct from
        (new.wholesale_price, new.retail_price, new.sale_price, new.wholesaler_id, new.is_active))
  execute function private.audit_change(
    'wholesale_price', 'retail_price', 'sale_price', 'wholesaler_id', 'is_active');
create trigger audited after update on public.queries for each row
  when ((old.status, old.priority, old.assigned_to)
        is distinct from (new.status, new.priority, new.assigned_to))
  execute function private.audit_change('status', 'priority', 'assigned_to');
create trigger audited after update on public.returns for each row
  when (old.status is distinct from new.status) execute function private.audit_change('status');
create trigger audited after update on public.refunds for each row
  when ((old.status, old.amount) is distinct from (new.status, new.amount))
  execute function private.audit_change('status', 'amount');

-- ---------------------------------------------------------------------------------------------
-- A client of the documented schema creates the profile itself after the sign-up. The one that was
-- made automatically (known by its id) and that nothing has touched since gives way to it; any other
-- profile of the account stays, and the insert is refused as a duplicate. It is locked before what
-- belongs to it is looked for: nothing can be added to it in between.

create function private.replace_untouched_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.automatic_profile_id(new.user_id);
begin
  if new.id = v_id or (auth.uid() is not null and auth.uid() <> new.user_id) then
    return new;  -- of somebody else: row security refuses it
  end if;
  if tg_table_name = 'customers' then
    perform 1 from public.customers where id = v_id for update;
    delete from public.customers c
    where c.id = v_id and c.user_id = new.user_id and c.created_at = c.updated_at and c.is_active
      and not exists (select from public.cart where customer_id = c.id)
      and not exists (select from public.wishlist where customer_id = c.id)
      and not exists (select from public.orders where customer_id = c.id)
      and not exists (select from public.queries where customer_id = c.id)
      and not exists (select from private.stock_holds where customer_id = c.id)
      and not exists (select from private.idempotency where customer_id = c.id);
  elsif tg_table_name = 'wholesalers' then
    perform 1 from public.wholesalers where id = v_id for update;
    delete from public.wholesalers w
    where w.id = v_id and w.user_id = new.user_id and w.created_at = w.updated_at and w.is_active
      and not exists (select from public.products where wholesaler_id = w.id);
  else
    perform 1 from public.influencers where id = v_id for update;
    delete from public.influencers i
    where i.id = v_id and i.user_id = new.user_id and i.created_at = i.updated_at and i.is_active
      and not exists (select from public.live_sessions where influencer_id = i.id)
      and not exists (select from public.live_session_schedules where influencer_id = i.id)
      and not exists (select from public.follows where influencer_id = i.id)
      and not exists (select from public.influencer_earnings where influencer_id = i.id)
      -- The desk as it was set up.
      and not exists (select from public.influencer_goals g
                      where g.influencer_id = i.id
                        and (g.created_at, g.updated_at) <> (i.created_at, i.created_at))
      and not exists (select from public.influencer_settings s
                      where s.influencer_id = i.id and s.updated_at <> i.created_at);
  end if;
  return new;
end $$;

create trigger a_profile_of_ones_own before insert on public.customers
  for each row when (pg_trigger_depth() = 0)
  execute function private.replace_untouched_profile();
create trigger a_profile_of_ones_own before insert on public.wholesalers
  for each row when (pg_trigger_depth() = 0)
  execute function private.replace_untouched_profile();
create trigger a_profile_of_ones_own before insert on public.influencers
  for each row when (pg_trigger_depth() = 0)
  execute function private.replace_untouched_profile();
