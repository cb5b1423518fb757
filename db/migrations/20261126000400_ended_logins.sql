-- Log-ins that were ended before their access tokens ran out. Every process that believes such tokens
-- looks here every other second, so that one is worth nothing within a few.

create table private.ended_logins (
  id bigint generated always as identity primary key,
  -- Without a reference: of an account that was deleted it must be known too.
  user_id uuid not null,
  login_id uuid,
  ended_at timestamptz not null default clock_timestamp()
);
create index ended_logins_ended_at on private.ended_logins (ended_at);
comment on table private.ended_logins is
  'log-ins whose access tokens are worth nothing any more: by log-out, a change of password or role, a closed account';
comment on column private.ended_logins.login_id is
  'the family of refresh tokens; null for all log-ins of the person that began by then';

alter table private.ended_logins enable row level security;
revoke all on private.ended_logins from public, anon, authenticated, service_role;
grant select, insert, update, delete on private.ended_logins to service_role;
create policy service on private.ended_logins for all to service_role using (true) with check (true);

create function private.end_logins() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' then
    insert into private.ended_logins (user_id) values (old.id);
    return null;
  end if;
  insert into private.ended_logins (user_id) values (new.id);
  if old.encrypted_password is distinct from new.encrypted_password then
    -- Whoever knew the former one is out for good, not only until the next refresh.
    update private.refresh_tokens set revoked_at = clock_timestamp()
    where user_id = new.id and revoked_at is null;
  end if;
  return null;
end $$;

create function private.end_logins_of_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.ended_logins (user_id) select new.user_id where new.user_id is not null;
  return null;
end $$;

create trigger livecommerce_logins_end after update on auth.users
  for each row when (
    (old.encrypted_password is not null and old.encrypted_password is distinct from new.encrypted_password)
    or (old.deleted_at is null and new.deleted_at is not null)
    or (new.banned_until is distinct from old.banned_until and new.banned_until > now())
    or (old.raw_app_meta_data ->> 'role' is distinct from new.raw_app_meta_data ->> 'role'))
  execute function private.end_logins();
create trigger livecommerce_logins_end_with_account after delete on auth.users
  for each row execute function private.end_logins();
create trigger logins_end after update of is_active on public.influencers
  for each row when (old.is_active and not new.is_active) execute function private.end_logins_of_profile();
create trigger logins_end after update of is_active on public.wholesalers
  for each row when (old.is_active and not new.is_active) execute function private.end_logins_of_profile();
create trigger logins_end after update of is_active on public.customers
  for each row when (old.is_active and not new.is_active) execute function private.end_logins_of_profile();
