-- For projects whose accounts are Supabase's: the role of a person goes into the token.
--
-- The server believes `app_metadata.role` and nothing else (policies do, too). Supabase calls this
-- function for each token once it is named as the "Customize Access Token" hook, in the dashboard or as
-- auth.hook.custom_access_token in config.toml. A role that an admin set in app_metadata stays; else it
-- is that of the person's profile.

create function private.access_token_hook_v1(event jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_user_id uuid := case when event ->> 'user_id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                         then (event ->> 'user_id')::uuid end;
  v_metadata jsonb := event -> 'claims' -> 'app_metadata';
begin
  if jsonb_typeof(event -> 'claims') is distinct from 'object' then
    return event;  -- not of this kind: Supabase says what is wrong with it
  end if;
  -- Of metadata that is null or a list nothing could be kept.
  if jsonb_typeof(v_metadata) is distinct from 'object' then
    v_metadata := '{}';
  end if;
  if coalesce(v_metadata ->> 'role', '') = '' then
    v_metadata := v_metadata || jsonb_build_object('role', case
      when exists (select from public.influencers where user_id = v_user_id) then 'influencer'
      when exists (select from public.wholesalers where user_id = v_user_id) then 'wholesaler'
      else 'customer'
    end);
  end if;
  return jsonb_set(event, '{claims,app_metadata}', v_metadata);
end $$;

revoke execute on function private.access_token_hook_v1(jsonb) from public, anon, authenticated;
do $$
begin
  if exists (select from pg_catalog.pg_roles where rolname = 'supabase_auth_admin') then
    grant usage on schema private to supabase_auth_admin;
    grant execute on function private.access_token_hook_v1(jsonb) to supabase_auth_admin;
  end if;
end $$;
