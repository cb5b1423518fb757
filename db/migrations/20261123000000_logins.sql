-- The two logins of the server, and the schema of the functions that they call.
--
-- livecommerce_api      what is done for a person: has no right of its own and becomes anon or
--                       authenticated for one transaction; may never become service_role.
-- livecommerce_service  the program's own work: inherits what service_role may do.
--
-- Neither owns anything or has BYPASSRLS, so row security holds for both. Roles belong to the cluster:
-- another database may have made them already. Their passwords are set by the runner, never here.

do $$
declare
  has_options boolean := current_setting('server_version_num')::int >= 160000;
  x text;
begin
  foreach x in array array['livecommerce_api noinherit', 'livecommerce_service inherit'] loop
    begin
      if not exists (select from pg_catalog.pg_roles where rolname = split_part(x, ' ', 1)) then
        execute format('create role %I login %s', split_part(x, ' ', 1), split_part(x, ' ', 2));
      end if;
    exception when duplicate_object or unique_violation then
      null; -- another database of the cluster made it in this moment
    end;
  end loop;

  -- Where the API roles are somebody else's, whether we may grant them is theirs to say; the server
  -- looks at its start and says what is missing.
  begin
    if not pg_has_role('livecommerce_api', 'anon', 'member')
       or not pg_has_role('livecommerce_api', 'authenticated', 'member') then
      execute 'grant anon, authenticated to livecommerce_api'
              || case when has_options then ' with inherit false, set true' else '' end;
    end if;
    if not pg_has_role('livecommerce_service', 'service_role', 'usage') then
      execute 'grant service_role to livecommerce_service'
              || case when has_options then ' with inherit true, set true' else '' end;
    end if;
  exception
    when insufficient_privilege then
      raise notice 'anon, authenticated and service_role are not ours to grant';
    when unique_violation then
      null;
  end;

  foreach x in array array['livecommerce_api', 'livecommerce_service'] loop
    if not has_database_privilege(x, current_database(), 'connect') then
      execute format('grant connect on database %I to %I', current_database(), x);
    end if;
  end loop;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Entry functions
--
-- An entry function does a whole use case in one statement: app.<what>_v1(claims text, ...), plpgsql,
-- security invoker, and its first statement is `perform app.act_as_v1(claims)`. It trusts its claims,
-- so nobody but the server may call it: the schema is not among those that Supabase's API exposes, and
-- each function is granted by name.

create schema if not exists app;
revoke all on schema app from public, anon, authenticated, service_role;
grant usage on schema app to livecommerce_api, livecommerce_service;
alter default privileges revoke execute on functions from public;

-- Makes the rest of the transaction run as the person of these claims. The switch outlives this
-- function and ends with the transaction. In plpgsql each statement after it is planned, and its rights
-- are checked, as the new role; in a plain statement beside it they would be those of the login.
create function app.act_as_v1(claims text) returns void
language plpgsql set search_path = '' as $$
declare
  api_role text;
begin
  -- As the server writes them the claims begin with the role. Reading them all would cost each request
  -- as much as the switch itself.
  if starts_with(claims, '{"role":"authenticated",') then
    perform set_config('request.jwt.claims', claims, true), set_config('role', 'authenticated', true);
    return;
  end if;
  api_role := claims::json ->> 'role';
  if api_role is distinct from 'authenticated' and api_role is distinct from 'anon' then
    raise exception 'nobody acts as %', coalesce(api_role, 'no role')
      using errcode = 'insufficient_privilege';
  end if;
  perform set_config('request.jwt.claims', claims, true), set_config('role', api_role, true);
end $$;

-- Who the database takes the caller for: shows that a login may switch, and to whom.
create function app.whoami_v1(claims text) returns table (database_role text, user_id uuid)
language plpgsql set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select current_user::text, auth.uid();
end $$;

revoke execute on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.act_as_v1(text), app.whoami_v1(text) to livecommerce_api;

-- ---------------------------------------------------------------------------------------------
-- What the roles may reach

-- After the switch the statements of an entry function look names up as the person's role. Only names:
-- no table of the schema is granted to these two, and its functions are granted one by one.
grant usage on schema private to anon, authenticated;

grant usage on schema public, private to service_role;
grant select, insert, update, delete on all tables in schema public, private to service_role;
grant usage, select on all sequences in schema public, private to service_role;
grant execute on all functions in schema private to service_role;
alter default privileges in schema public
  grant select, insert, update, delete on tables to service_role;
alter default privileges in schema private
  grant select, insert, update, delete on tables to service_role;
alter default privileges in schema public grant usage, select on sequences to service_role;
alter default privileges in schema private grant usage, select on sequences to service_role;
alter default privileges in schema private grant execute on functions to service_role;
-- The history of the schema is the owner's to write.
revoke insert, update, delete on private.schema_migrations from service_role;

do $$
declare
  t record;
begin
  for t in
    select n.nspname, c.relname
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private') and c.relkind in ('r', 'p') and c.relrowsecurity
      and not exists (select from pg_catalog.pg_policy p
                      where p.polrelid = c.oid and p.polname = 'service')
  loop
    if t.relname = 'schema_migrations' then
      create policy service on private.schema_migrations for select to service_role using (true);
    else
      execute format('create policy service on %I.%I for all to service_role '
                     'using (true) with check (true)', t.nspname, t.relname);
    end if;
  end loop;

  -- The accounts. On Supabase the table is not ours, but grants and policies on it may be allowed.
  begin
    grant select, insert, update on auth.users to service_role;
    if not exists (select from pg_catalog.pg_policy
                   where polrelid = 'auth.users'::regclass and polname = 'service') then
      create policy service on auth.users for all to service_role using (true) with check (true);
    end if;
  exception when insufficient_privilege then
    raise notice 'auth.users is not ours to grant';
  end;
end $$;
