-- no-transaction
create index concurrently if not exists touches_link_code
  on private.touches (link_code) where link_code is not null;
