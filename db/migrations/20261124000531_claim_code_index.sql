-- no-transaction
create unique index concurrently if not exists live_session_products_claim_code
  on public.live_session_products (live_session_id, claim_code);
