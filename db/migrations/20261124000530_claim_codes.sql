-- What customers say to claim a product in the chat: A1, A2, ... in each live session.

alter table public.live_session_products
  add column claim_code varchar(8),
  add constraint live_session_products_claim_code_check
    check (claim_code ~ '^[A-Z]{1,3}[0-9]{1,4}$') not valid;
comment on column public.live_session_products.claim_code is
  'with which the product is claimed in the chat of the live session';

-- The codes are the server's to give; one that a product has stays its own for the live session.
create function private.give_claim_code() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.claim_code is null then
    select 'A' || coalesce(max(substring(claim_code from '^A([0-9]+)$')::integer), 0) + 1
    into new.claim_code
    from public.live_session_products where live_session_id = new.live_session_id;
  end if;
  return new;
end $$;
create trigger coded before insert on public.live_session_products
  for each row execute function private.give_claim_code();

-- Those that may still be on air; of what is over nobody claims anything.
update public.live_session_products s set claim_code = 'A' || n.place
from (select p.id, row_number() over (partition by p.live_session_id
                                      order by p.display_order, p.created_at, p.id) as place
      from public.live_session_products p
      join public.live_sessions l on l.id = p.live_session_id
      where l.status in ('scheduled', 'live', 'paused')) n
where s.id = n.id;

revoke execute on function private.give_claim_code() from public, anon, authenticated;
grant execute on function private.give_claim_code() to service_role;
