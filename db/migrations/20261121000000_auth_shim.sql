-- What a Supabase project has before its first migration, made where it is missing: the schemas, the
-- three API roles, auth.users and the four functions that read the claims of the caller.
--
-- Each object is guarded by its own existence and never by the name of the platform, so that the file
-- does nothing on Supabase, fills the gaps of a half-equipped server, and may run twice. Only what
-- Supabase fixes may be used of it: auth.users(id), auth.uid() and auth.jwt().

do $$
declare
  -- Before PostgreSQL 16 only a superuser may hand out BYPASSRLS; a managed server has neither, and
  -- gets a service_role that policies have to name.
  can_bypass boolean := (
    select rolsuper or (rolbypassrls and current_setting('server_version_num')::int >= 160000)
    from pg_roles where rolname = current_user);
  x text;
  fn text[];
begin
  foreach x in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_roles where rolname = x) then
      execute format('create role %I nologin noinherit', x);
      if x = 'service_role' and can_bypass then
        alter role service_role bypassrls;
      end if;
    end if;
  end loop;

  foreach x in array array['auth', 'extensions', 'private'] loop
    if to_regnamespace(x) is null then
      execute format('create schema %I', x);
    end if;
  end loop;

  if to_regclass('auth.users') is null then
    create table auth.users (
      id uuid primary key,
      aud varchar(255),
      role varchar(255),
      email varchar(255) unique,
      phone text unique,
      encrypted_password varchar(255),
      email_confirmed_at timestamptz,
      last_sign_in_at timestamptz,
      raw_app_meta_data jsonb,
      raw_user_meta_data jsonb,
      is_anonymous boolean not null default false,
      banned_until timestamptz,
      deleted_at timestamptz,
      created_at timestamptz default now(),
      updated_at timestamptz default now());
    -- Row security without a policy: nobody but the owner reads it.
    alter table auth.users enable row level security;
  end if;

  foreach fn slice 1 in array array[
    ['jwt', 'jsonb', $q$select nullif(current_setting('request.jwt.claims', true), '')::jsonb$q$],
    ['uid', 'uuid', $q$select nullif(auth.jwt() ->> 'sub', '')::uuid$q$],
    ['role', 'text', $q$select auth.jwt() ->> 'role'$q$],
    ['email', 'text', $q$select auth.jwt() ->> 'email'$q$]]
  loop
    if to_regprocedure(format('auth.%I()', fn[1])) is null then
      execute format('create function auth.%I() returns %s language sql stable as %L',
                     fn[1], fn[2], fn[3]);
    end if;
  end loop;

  -- Grants only where the schema is ours to grant on.
  if pg_get_userbyid((select nspowner from pg_namespace where nspname = 'auth')) = current_user then
    revoke all on all tables in schema auth from public, anon, authenticated;
    grant usage on schema auth to anon, authenticated, service_role;
    revoke execute on all functions in schema auth from public;
    grant execute on all functions in schema auth to anon, authenticated, service_role;
  end if;

  -- From PostgreSQL 16 the creator of a role may not SET ROLE to it until granted in so many words.
  -- Where the roles are somebody else's, whether we may is theirs to say.
  begin
    if not (select rolsuper from pg_roles where rolname = current_user) then
      execute format('grant anon, authenticated to %I', current_user);
    end if;
  exception when insufficient_privilege then
    raise notice 'anon and authenticated are not ours to grant';
  end;
end $$;

grant usage on schema public to anon, authenticated, service_role;
revoke create on schema public from public;
revoke all on schema private from public, anon, authenticated;

-- New tables and functions start closed; each grant is written where the table is made.
alter default privileges in schema public revoke all on tables from public, anon, authenticated;
alter default privileges in schema public revoke all on sequences from public, anon, authenticated;
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke execute on functions from anon, authenticated;
