-- Links of influencers to a product, a live session or the shop; who comes by one and buys earns them.

create table private.affiliate_links (
  code text primary key check (code ~ '^[A-Z2-9]{8}$'),
  influencer_id uuid not null references public.influencers on delete cascade,
  product_id uuid references public.products on delete cascade,
  live_session_id uuid references public.live_sessions on delete cascade,
  clicks bigint not null default 0 check (clicks >= 0),
  created_at timestamptz not null default now(),
  constraint affiliate_links_one_target check (num_nonnulls(product_id, live_session_id) <= 1)
);
create unique index affiliate_links_once on private.affiliate_links
  (influencer_id, product_id, live_session_id) nulls not distinct;
create index affiliate_links_product_id on private.affiliate_links (product_id);
create index affiliate_links_live_session_id on private.affiliate_links (live_session_id);
comment on table private.affiliate_links is 'links by which an influencer brings customers';
alter table private.affiliate_links enable row level security;
revoke all on private.affiliate_links from public, anon, authenticated, service_role;
grant select, insert, update, delete on private.affiliate_links to service_role;
create policy service on private.affiliate_links for all to service_role using (true) with check (true);
