-- Why stock moved, and who moved it.
--
-- It locks the table that every checkout adds to, and does nothing that takes time.

alter table private.stock_moves
  add column reason text,
  add column note text,
  add column actor_user_id uuid,
  add column adjustment_id uuid,
  add constraint stock_moves_reason_check check (reason in (
    'opening', 'received', 'returned', 'damaged', 'lost', 'counted', 'correction', 'import')) not valid,
  add constraint stock_moves_note_check check (length(note) <= 500) not valid;
comment on column private.stock_moves.reason is
  'NULL when an order moved it, and when it was written without one, as clients of the schema do';
comment on column private.stock_moves.actor_user_id is 'who moved it; NULL for orders';

-- One row per adjustment that a person made: whoever sends its id again moves nothing.
create table private.stock_adjustments (
  id uuid primary key,
  product_id uuid not null,
  actor_user_id uuid not null,
  wish jsonb not null,
  created_at timestamptz not null default now()
);
comment on table private.stock_adjustments is 'adjustments of stock by their ids: the same one is made once';

-- Pictures that were uploaded. The files carry these names; the table says whose they are and how many.
create table private.product_images (
  wholesaler_id uuid not null references public.wholesalers on delete cascade,
  name text not null check (name ~ '^[0-9a-f]{32}$'),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  bytes integer not null check (bytes > 0),
  created_at timestamptz not null default now(),
  primary key (wholesaler_id, name)
);
create index product_images_created_at on private.product_images (wholesaler_id, created_at);
comment on table private.product_images is 'pictures of products by the fingerprint of what was uploaded';

do $$
declare
  t text;
begin
  foreach t in array array['stock_adjustments', 'product_images'] loop
    execute format('alter table private.%I enable row level security', t);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', t);
    execute format('grant select, insert, update, delete on private.%I to service_role', t);
    execute format('create policy service on private.%I for all to service_role '
                   'using (true) with check (true)', t);
  end loop;
end $$;

-- What a review is hidden for, in a word to its author.
alter table public.reviews add column hidden_reason text;
comment on column public.reviews.hidden_reason is 'said to its author when an admin hid it';
create trigger audited after update on public.reviews for each row
  when (old.status is distinct from new.status)
  execute function private.audit_change('status', 'hidden_reason');

-- What full text looks at. An index is built over it: a change of what it answers needs another
-- function and another index.
create function private.product_document(
  p_name text, p_short_description text, p_description text, p_category text, p_subcategory text,
  p_brand text, p_tags text[], p_keywords text[])
returns tsvector
language sql immutable parallel safe set search_path = '' as $$
  select to_tsvector('pg_catalog.english', concat_ws(' ',
    p_name, p_category, p_subcategory, p_brand, array_to_string(p_tags, ' '),
    array_to_string(p_keywords, ' '), p_short_description, left(p_description, 2000)))
$$;
revoke execute on function
  private.product_document(text, text, text, text, text, text, text[], text[])
  from public, anon, authenticated;
-- Whoever writes a product computes its place in the index.
grant execute on function
  private.product_document(text, text, text, text, text, text, text[], text[])
  to authenticated, service_role;
