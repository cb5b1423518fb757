-- What becomes of an order after it is placed: parcels, cancellations, lines of refunds, documents of
-- tax, and what its customer is told. Tables only; what moves them is in the files after this one.
--
-- The tables are new and empty. Those that they refer to are locked first, in the order of a checkout.
-- squawk-ignore-file adding-foreign-key-constraint, constraint-missing-not-valid

lock table public.orders in share row exclusive mode;
lock table public.order_items in share row exclusive mode;

-- ---------------------------------------------------------------------------------------------
-- Who may do what

create table private.order_rights (
  action text not null,
  actor text not null check (actor in ('customer', 'wholesaler', 'admin')),
  primary key (action, actor)
);
comment on table private.order_rights is
  'who may do what with an order, a parcel or a return; of which ones, the functions know';
insert into private.order_rights (action, actor) values
  ('cancel', 'customer'),          -- units that are not packed yet
  ('cancel', 'wholesaler'),        -- own lines: "I cannot deliver this"
  ('cancel', 'admin'),
  ('pack', 'wholesaler'),
  ('ship', 'wholesaler'),
  ('ship', 'admin'),
  ('unpack', 'wholesaler'),
  ('unpack', 'admin'),
  ('track', 'wholesaler'),
  ('track', 'admin'),
  ('deliver', 'wholesaler'),
  ('deliver', 'admin'),
  ('bring_back', 'wholesaler'),    -- a parcel that came back to its origin
  ('bring_back', 'admin'),
  ('ask_return', 'customer'),
  ('cancel_return', 'customer'),
  ('decide_return', 'wholesaler'),
  ('decide_return', 'admin'),
  ('receive_return', 'wholesaler'),
  ('receive_return', 'admin');

-- ---------------------------------------------------------------------------------------------
-- Parcels. An order of several wholesalers has a part of each, and each sends its part in one parcel or
-- in several.

create table private.shipments (
  id uuid primary key,
  order_id uuid not null references public.orders on delete restrict,
  wholesaler_id uuid not null references public.wholesalers on delete restrict,
  -- packed: the customer cannot cancel it any more. returned: it came back to its origin undelivered.
  status text not null default 'packed' check (status in ('packed', 'shipped', 'delivered', 'returned')),
  carrier text check (length(carrier) between 1 and 100),
  tracking_number text check (length(tracking_number) between 1 and 100),
  tracking_url text check (tracking_url ~ '^https?://' and length(tracking_url) <= 500),
  packed_at timestamptz not null default now(),
  shipped_at timestamptz,
  delivered_at timestamptz,
  returned_at timestamptz,
  constraint shipments_times check (
    (shipped_at is not null) = (status <> 'packed')
    and (delivered_at is not null) = (status = 'delivered')
    and (returned_at is not null) = (status = 'returned'))
);
create index shipments_order_id on private.shipments (order_id);
create index shipments_wholesaler_id on private.shipments (wholesaler_id, packed_at);
comment on table private.shipments is 'parcels: what a wholesaler sends of an order at once';

create table private.shipment_items (
  shipment_id uuid not null references private.shipments on delete cascade,
  order_item_id uuid not null references public.order_items on delete restrict,
  quantity integer not null check (quantity > 0),
  primary key (shipment_id, order_item_id)
);
create index shipment_items_order_item_id on private.shipment_items (order_item_id);
comment on table private.shipment_items is 'how many of each line are in a parcel';

-- ---------------------------------------------------------------------------------------------
-- Cancellations, returns, refunds

create table private.cancellations (
  id uuid primary key,
  order_id uuid not null references public.orders on delete restrict,
  actor text not null check (actor in ('customer', 'wholesaler', 'admin')),
  user_id uuid not null,
  reason text not null check (length(reason) <= 500),
  lines jsonb not null,
  created_at timestamptz not null default now()
);
create index cancellations_order_id on private.cancellations (order_id);
comment on table private.cancellations is 'what somebody cancelled of an order; its id makes it happen once';

create table private.return_details (
  return_id uuid primary key references public.returns on delete cascade,
  wholesaler_id uuid references public.wholesalers on delete restrict,
  request_id uuid not null,
  decision_note text check (length(decision_note) <= 2000),
  upi_id text
);
create index return_details_wholesaler_id on private.return_details (wholesaler_id);
create index return_details_request_id on private.return_details (request_id);
comment on table private.return_details is
  'of a return: who takes it back, the request that it is part of, where the money goes that was paid in cash';

create table private.refund_lines (
  id bigint generated always as identity primary key,
  refund_id uuid not null references public.refunds on delete cascade,
  part text not null check (part in ('item', 'shipping', 'cod_fee')),
  order_item_id uuid references public.order_items on delete restrict,
  quantity integer not null check (quantity >= 0),
  amount_minor bigint not null check (amount_minor >= 0),
  constraint refund_lines_of_an_item check ((part = 'item') = (order_item_id is not null)),
  constraint refund_lines_once unique nulls not distinct (refund_id, part, order_item_id)
);
create index refund_lines_order_item_id on private.refund_lines (order_item_id);
comment on table private.refund_lines is
  'for what a refund is: units of lines, and the order''s own shipping and fee; they add up to its amount';

-- ---------------------------------------------------------------------------------------------
-- The timeline

create table private.order_events (
  id bigint generated always as identity primary key,
  order_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  kind text not null check (length(kind) between 1 and 40),
  data jsonb not null default '{}'
);
create index order_events_order_id on private.order_events (order_id, id);
comment on table private.order_events is
  'what happened to an order since it was placed, for its customer to read; append-only';

-- ---------------------------------------------------------------------------------------------
-- Documents of tax. The number is at most 16 characters long and consecutive for each supplier (by
-- GSTIN), financial year (April to March) and kind of document: a row that counts and not a sequence,
-- which would leave a gap behind what was rolled back.

create table private.invoice_series (
  id integer generated always as identity primary key,
  wholesaler_id uuid not null references public.wholesalers on delete restrict,
  gstin text not null default '',
  constraint invoice_series_once unique (wholesaler_id, gstin)
);
comment on table private.invoice_series is
  'a wholesaler under one GSTIN; its id is in the numbers of its documents';
comment on column private.invoice_series.gstin is
  'in clear, since it is printed on every document; '''' of who is not registered';

create table private.invoice_counters (
  series_id integer not null references private.invoice_series on delete restrict,
  financial_year smallint not null,
  document_type text not null,
  last_serial integer not null check (last_serial > 0),
  primary key (series_id, financial_year, document_type)
) with (fillfactor = 50);
comment on table private.invoice_counters is 'the last number given in each series';

create table private.invoices (
  id uuid primary key default gen_random_uuid(),
  number text not null unique check (number ~ '^[A-Z0-9/-]{1,16}$'),
  series_id integer not null references private.invoice_series on delete restrict,
  financial_year smallint not null,
  document_type text not null check (document_type in ('invoice', 'bill_of_supply', 'credit_note')),
  serial integer not null check (serial > 0),
  order_id uuid not null references public.orders on delete restrict,
  wholesaler_id uuid not null references public.wholesalers on delete restrict,
  shipment_id uuid references private.shipments on delete restrict,
  return_id uuid references public.returns on delete restrict,
  issued_at timestamptz not null,
  taxable_minor bigint not null,
  cgst_minor bigint not null,
  sgst_minor bigint not null,
  igst_minor bigint not null,
  total_minor bigint not null check (total_minor >= 0),
  document jsonb not null,
  constraint invoices_serial unique (series_id, financial_year, document_type, serial),
  constraint invoices_add_up check (taxable_minor + cgst_minor + sgst_minor + igst_minor = total_minor),
  constraint invoices_halves check (cgst_minor = sgst_minor),
  constraint invoices_of_something check (num_nonnulls(shipment_id, return_id) = 1)
);
-- One for a parcel, and one that takes it back.
create unique index invoices_shipment_id on private.invoices (shipment_id, (document_type = 'credit_note'));
create unique index invoices_return_id on private.invoices (return_id);
create index invoices_order_id on private.invoices (order_id);
create index invoices_wholesaler_id on private.invoices (wholesaler_id, issued_at, id);
comment on table private.invoices is
  'invoices and credit notes of wholesalers to their buyers, as they were issued; append-only';
comment on column private.invoices.sgst_minor is 'of a Union territory without a legislature, its UTGST';

do $$
declare
  t text;
begin
  foreach t in array array['order_rights', 'shipments', 'shipment_items', 'cancellations', 'return_details',
                           'refund_lines', 'order_events', 'invoice_series', 'invoice_counters',
                           'invoices'] loop
    execute format('alter table private.%I enable row level security', t);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', t);
    execute format('grant select, insert, update, delete on private.%I to service_role', t);
    execute format('create policy service on private.%I for all to service_role '
                   'using (true) with check (true)', t);
  end loop;
end $$;
-- Append-only, for the service too.
revoke update, delete on private.invoices, private.order_events from service_role;
create trigger append_only before update or delete or truncate on private.invoices
  for each statement execute function private.refuse_change_of_log();
revoke all on sequence private.order_events_id_seq, private.invoice_series_id_seq
  from public, anon, authenticated;
grant usage on sequence private.order_events_id_seq, private.invoice_series_id_seq to service_role;
