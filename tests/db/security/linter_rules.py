"""The rules of Supabase's database linter, and a few of our own, as questions to the catalogue.

Each rule is a statement that names what breaks it, and a piece of SQL that breaks it, to prove that
the statement sees it. The numbers and the meaning are the linter's; the statements are ours. Left
out: 0005 (unused indexes) and 0020 (bloat), which ask about use and not about the schema, and 0012,
which is about a setting of the platform.

"Exposed" is what an API client may name: the schema `public`, as the roles anon and authenticated.
"""

from dataclasses import dataclass

SYSTEM = (
    "('information_schema', 'auth', 'extensions', 'storage', 'realtime', 'graphql',"
    " 'graphql_public', 'cron', 'vault', 'pgmq', 'pgmq_public')"
)
OURS = f"n.nspname !~ '^pg_' and n.nspname not in {SYSTEM}"
IN_NO_EXTENSION = "not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')"
# Someone of the API may select from the relation c, or from some columns of it.
READABLE = (
    "(has_any_column_privilege('anon', c.oid, 'select')"
    " or has_any_column_privilege('authenticated', c.oid, 'select'))"
)
RELATIONS = "pg_class c join pg_namespace n on n.oid = c.relnamespace"
POLICIES = (
    "pg_policy p join pg_class c on c.oid = p.polrelid"
    " join pg_namespace n on n.oid = c.relnamespace"
)
# Everything that a policy says.
POLICY_TEXT = (
    "concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))"
)
API_ROLES = "array['anon'::regrole::oid, 'authenticated'::regrole::oid, 0::oid]"
SECRET_COLUMNS = (
    "password|passwd|passphrase|secret|private_key|api_key|token|session_id|otp|ssn|pan_number"
    "|gst_number|bank_account|account_number|ifsc|iban|swift|upi_id|credit_card|card_number|cvv"
)


@dataclass(frozen=True)
class Rule:
    name: str
    finds: str
    """Selects one text column: what breaks the rule."""
    broken_by: str
    """SQL that breaks it once."""


RULES = (
    Rule(
        "0001_unindexed_foreign_keys",
        f"""
        select k.conrelid::regclass || '.' || k.conname
        from pg_constraint k join pg_class c on c.oid = k.conrelid
        join pg_namespace n on n.oid = c.relnamespace
        where k.contype = 'f' and k.conparentid = 0 and {OURS} and not exists (
          select from pg_index i where i.indrelid = k.conrelid and i.indisvalid
            and i.indpred is null
            and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] = k.conkey)""",
        "create table public.x (id int primary key, p uuid references public.products)",
    ),
    Rule(
        "0002_auth_users_exposed",
        f"""
        select c.oid::regclass::text from {RELATIONS}
        where n.nspname = 'public' and c.relkind in ('v', 'm') and {READABLE} and exists (
          select from pg_rewrite w join pg_depend d on d.objid = w.oid
          where w.ev_class = c.oid and d.refobjid = 'auth.users'::regclass)""",
        "create view public.x with (security_invoker = true) as select id from auth.users;"
        " grant select on public.x to authenticated",
    ),
    Rule(
        "0003_auth_rls_initplan",
        f"""
        select c.oid::regclass || '.' || p.polname from {POLICIES}
        where {OURS} and regexp_replace(
          {POLICY_TEXT},
          'select\\s+(auth\\.(uid|jwt|role|email)\\(|current_setting\\()', '', 'gi')
          ~* '(auth\\.(uid|jwt|role|email)\\(|current_setting\\()'""",
        "create policy x on public.cart for select to anon using (auth.uid() = customer_id)",
    ),
    Rule(
        "0004_no_primary_key",
        f"""
        select c.oid::regclass::text from {RELATIONS}
        where {OURS} and c.relkind in ('r', 'p') and {IN_NO_EXTENSION} and not exists (
          select from pg_index i where i.indrelid = c.oid and i.indisprimary)""",
        "create table private.x (id int)",
    ),
    Rule(
        "0006_multiple_permissive_policies",
        f"""
        select c.oid::regclass || ' ' || r.rolname || ' ' || command
        from {POLICIES}
        cross join lateral unnest(case p.polcmd when '*' then array['r', 'a', 'w', 'd']
                                  else array[p.polcmd::text] end) command
        join pg_roles r on r.oid = any (p.polroles)
          or (0 = any (p.polroles) and not r.rolbypassrls and not r.rolsuper
              and r.rolname !~ '^pg_')
        where {OURS} and p.polpermissive
        group by c.oid, r.rolname, command having count(*) > 1""",
        "create policy x on public.cart for all to authenticated using (false)",
    ),
    Rule(
        "0007_policy_exists_rls_disabled",
        f"""
        select c.oid::regclass || '.' || p.polname from {POLICIES}
        where {OURS} and not c.relrowsecurity""",
        "alter table public.cart disable row level security",
    ),
    Rule(
        "0008_rls_enabled_no_policy",
        f"""
        select c.oid::regclass::text from {RELATIONS}
        where {OURS} and c.relkind in ('r', 'p') and c.relrowsecurity
          and not exists (select from pg_policy p where p.polrelid = c.oid)""",
        "create table public.x (id int primary key);"
        " alter table public.x enable row level security",
    ),
    Rule(
        "0009_duplicate_index",
        f"""
        select string_agg(i.indexname, ', ' order by i.indexname)
        from pg_indexes i join pg_namespace n on n.nspname = i.schemaname where {OURS}
        group by i.schemaname, i.tablename, replace(i.indexdef, i.indexname, '')
        having count(*) > 1""",
        "create index x on public.cart (updated_at)",
    ),
    Rule(
        "0010_security_definer_view",
        f"""
        select c.oid::regclass::text from {RELATIONS}
        where n.nspname = 'public' and c.relkind = 'v' and {READABLE}
          and not coalesce(c.reloptions, '{{}}')
                  && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1']""",
        "create view public.x as select * from public.customers;"
        " grant select on public.x to authenticated",
    ),
    Rule(
        "0011_function_search_path_mutable",
        f"""
        select c.oid::regprocedure::text
        from pg_proc c join pg_namespace n on n.oid = c.pronamespace
        where {OURS} and {IN_NO_EXTENSION} and c.prokind <> 'a' and not exists (
          select from unnest(c.proconfig) s where s like 'search_path=%')""",
        "create function private.x() returns int language sql as 'select 1'",
    ),
    Rule(
        "0013_rls_disabled_in_public",
        f"""
        select c.oid::regclass::text from {RELATIONS}
        where n.nspname = 'public' and c.relkind in ('r', 'p') and {READABLE}
          and not c.relrowsecurity""",
        "create table public.x (id int primary key); grant select on public.x to anon",
    ),
    Rule(
        "0014_extension_in_public",
        """
        select e.extname::text from pg_extension e join pg_namespace n on n.oid = e.extnamespace
        where n.nspname = 'public'""",
        "drop extension if exists pg_trgm cascade; create extension pg_trgm with schema public",
    ),
    Rule(
        "0015_rls_references_user_metadata",
        f"""
        select c.oid::regclass || '.' || p.polname from {POLICIES}
        where {OURS} and {POLICY_TEXT} ~* 'user_metadata'""",
        "create policy x on public.cart for select to anon"
        " using ((select auth.jwt()) -> 'user_metadata' ->> 'role' = 'admin')",
    ),
    Rule(
        "0016_materialized_view_in_api",
        f"""
        select c.oid::regclass::text from {RELATIONS}
        where n.nspname = 'public' and c.relkind = 'm' and {READABLE}""",
        "create materialized view public.x as select 1 as one; grant select on public.x to anon",
    ),
    Rule(
        "0017_foreign_table_in_api",
        f"""
        select c.oid::regclass::text from {RELATIONS}
        where n.nspname = 'public' and c.relkind = 'f' and {READABLE}""",
        "create foreign data wrapper w; create server s foreign data wrapper w;"
        " create foreign table public.x (id int) server s; grant select on public.x to anon",
    ),
    Rule(
        "0018_unsupported_reg_types",
        f"""
        select c.oid::regclass || '.' || a.attname from {RELATIONS}
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where {OURS} and c.relkind in ('r', 'p') and a.atttypid = any (array[
          'regcollation'::regtype, 'regconfig'::regtype, 'regdictionary'::regtype,
          'regnamespace'::regtype, 'regoper'::regtype, 'regoperator'::regtype,
          'regproc'::regtype, 'regprocedure'::regtype])""",
        "create table private.x (id int primary key, f regproc)",
    ),
    Rule(
        "0019_insecure_queue_exposed_in_api",
        f"""
        select n.nspname || '.' || c.relname from {RELATIONS}
        where n.nspname = 'pgmq' and c.relname like 'q\\_%' and c.relkind = 'r'
          and not c.relrowsecurity and to_regnamespace('pgmq_public') is not null""",
        "create schema pgmq; create schema pgmq_public; create table pgmq.q_mail (id int)",
    ),
    Rule(
        "0021_fkey_to_auth_unique",
        f"""
        select k.conrelid::regclass || '.' || k.conname
        from pg_constraint k join pg_class c on c.oid = k.conrelid
        join pg_namespace n on n.oid = c.relnamespace
        join pg_class a on a.oid = k.confrelid
        join pg_index i on i.indexrelid = k.conindid
        where {OURS} and k.contype = 'f' and a.relnamespace = 'auth'::regnamespace
          and not i.indisprimary""",
        "create table private.x (phone text primary key references auth.users (phone))",
    ),
    Rule(
        "0022_extension_versions_outdated",
        """
        select e.extname::text from pg_extension e
        join pg_available_extensions a on a.name = e.extname
        where a.default_version <> e.extversion""",
        "set local allow_system_table_mods = on;"
        " update pg_extension set extversion = '0.1' where extname = 'plpgsql'",
    ),
    Rule(
        "0023_sensitive_columns_exposed",
        f"""
        select c.oid::regclass || '.' || a.attname from {RELATIONS}
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relrowsecurity
          and {READABLE} and a.attname ~* '({SECRET_COLUMNS})'""",
        "alter table public.wholesalers disable row level security",
    ),
    Rule(
        "0024_rls_policy_always_true",
        f"""
        select c.oid::regclass || '.' || p.polname from {POLICIES}
        where {OURS} and p.polpermissive and p.polroles && {API_ROLES}
          and (p.polcmd in ('w', 'd', '*')
                 and coalesce(pg_get_expr(p.polqual, p.polrelid), 'true') = 'true'
               or p.polcmd in ('a', 'w', '*')
                 and coalesce(pg_get_expr(p.polwithcheck, p.polrelid),
                              pg_get_expr(p.polqual, p.polrelid), 'true') = 'true')""",
        "create policy x on public.cart for insert to anon with check (true)",
    ),
    Rule(
        "0025_public_bucket_allows_listing",
        f"""
        select p.polname::text from {POLICIES}
        where n.nspname = 'storage' and c.relname = 'objects' and p.polcmd in ('r', '*')
          and p.polroles && {API_ROLES}
          and pg_get_expr(p.polqual, p.polrelid) !~ 'owner|auth\\.'""",
        "create schema storage; create table storage.objects (bucket_id text);"
        " create policy x on storage.objects for select to anon using (bucket_id = 'pictures')",
    ),
    Rule(
        "0026_0027_pg_graphql_table_exposed",
        f"""
        select c.oid::regclass::text from {RELATIONS}
        where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f') and {READABLE}
          and exists (select from pg_extension where extname = 'pg_graphql')""",
        "set local allow_system_table_mods = on;"
        " insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable,"
        " extversion) values (999999, 'pg_graphql', 10, 'extensions'::regnamespace, false, '1.5')",
    ),
    Rule(
        "0028_anon_security_definer_function_executable",
        """
        select c.oid::regprocedure::text from pg_proc c
        where c.pronamespace = 'public'::regnamespace and c.prosecdef
          and has_function_privilege('anon', c.oid, 'execute')""",
        "create function public.x() returns int language sql security definer"
        " set search_path = '' as 'select 1'; grant execute on function public.x() to anon",
    ),
    Rule(
        "0029_authenticated_security_definer_function_executable",
        """
        select c.oid::regprocedure::text from pg_proc c
        where c.pronamespace = 'public'::regnamespace and c.prosecdef
          and has_function_privilege('authenticated', c.oid, 'execute')""",
        "create function public.x() returns int language sql security definer"
        " set search_path = '' as 'select 1';"
        " grant execute on function public.x() to authenticated",
    ),
    # ------------------------------------------------------------------------------------ our own
    Rule(
        "row_security_on_every_table_and_partition",
        f"""
        select c.oid::regclass::text from {RELATIONS}
        where {OURS} and c.relkind in ('r', 'p') and not c.relrowsecurity""",
        "create table private.x partition of public.live_session_chat"
        " for values from ('2020-01-01') to ('2020-02-01')",
    ),
    Rule(
        # Definer functions would see nothing where the owner is no superuser.
        "no_forced_row_security",
        f"select c.oid::regclass::text from {RELATIONS} where {OURS} and c.relforcerowsecurity",
        "alter table public.cart force row level security",
    ),
    Rule(
        "partitions_are_out_of_reach",
        f"""
        select c.oid::regclass::text from {RELATIONS}
        where c.relispartition and {OURS} and (n.nspname = 'public' or {READABLE})""",
        "create table public.x partition of public.live_session_chat"
        " for values from ('2020-01-01') to ('2020-02-01')",
    ),
    Rule(
        "views_run_as_their_reader",
        f"""
        select c.oid::regclass::text from {RELATIONS}
        where {OURS} and c.relkind = 'v'
          and not coalesce(c.reloptions, '{{}}') && array['security_invoker=true']""",
        "create view private.x as select * from public.customers",
    ),
    Rule(
        "every_policy_is_for_a_role",
        f"select c.oid::regclass || '.' || p.polname from {POLICIES}"
        f" where {OURS} and 0 = any (p.polroles)",
        "create policy x on public.cart for delete using (false)",
    ),
    Rule(
        "no_foreign_key_into_a_hot_table",
        """
        select k.conrelid::regclass || '.' || k.conname from pg_constraint k
        where k.contype = 'f' and k.conparentid = 0 and k.confrelid = any (array[
          'public.product_stock', 'public.live_session_viewers', 'public.live_session_chat',
          'private.stock_moves', 'private.outbox', 'private.product_changes']::regclass[])""",
        "create table private.x (v uuid primary key references public.product_stock)",
    ),
    Rule(
        "no_foreign_key_from_what_grows_with_viewers",
        """
        select k.conrelid::regclass || '.' || k.conname from pg_constraint k
        where k.contype = 'f' and k.conrelid = any (array[
          'public.live_session_viewers', 'public.live_session_chat']::regclass[])""",
        "alter table public.live_session_chat add foreign key (live_session_id)"
        " references public.live_sessions",
    ),
    Rule(
        "no_truncate_references_or_trigger_for_roles",
        f"""
        select c.oid::regclass || ' ' || a.privilege_type || ' ' || a.grantee::regrole
        from {RELATIONS} cross join aclexplode(c.relacl) a
        where {OURS} and a.grantee <> c.relowner and c.relkind <> 'S'
          and a.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')""",
        "grant truncate on public.cart to service_role",
    ),
    Rule(
        "nobody_creates_in_our_schemas",
        f"""
        select n.nspname || ' ' || r.rolname from pg_namespace n cross join pg_roles r
        where {OURS} and r.rolname in (
          'anon', 'authenticated', 'service_role', 'livecommerce_api', 'livecommerce_service')
          and has_schema_privilege(r.oid, n.oid, 'create')""",
        "grant create on schema public to service_role",
    ),
    Rule(
        "logins_own_nothing_and_are_held_by_row_security",
        """
        select r.rolname || ': ' || x.what from pg_roles r
        cross join lateral (values
          ('owns a table', exists (select from pg_class c where c.relowner = r.oid)),
          ('owns a function', exists (select from pg_proc f where f.proowner = r.oid)),
          ('owns a schema', exists (select from pg_namespace s where s.nspowner = r.oid)),
          ('is a superuser', r.rolsuper), ('bypasses row security', r.rolbypassrls),
          ('makes roles', r.rolcreaterole), ('makes databases', r.rolcreatedb),
          ('replicates', r.rolreplication),
          ('creates in the database', has_database_privilege(r.oid, current_database(), 'create')),
          ('may become the service', r.rolname = 'livecommerce_api'
             and pg_has_role(r.oid, 'service_role', 'member')),
          ('inherits a person', r.rolname = 'livecommerce_api'
             and pg_has_role(r.oid, 'authenticated', 'usage'))) x (what, so)
        where r.rolname in ('livecommerce_api', 'livecommerce_service') and x.so""",
        "alter table public.cart owner to livecommerce_service",
    ),
    Rule(
        "entry_functions_are_the_servers_alone",
        """
        select c.oid::regprocedure::text from pg_proc c
        where c.pronamespace = 'app'::regnamespace
          and (c.prosecdef or exists (
            select from aclexplode(coalesce(c.proacl, acldefault('f', c.proowner))) a
            where a.grantee not in (c.proowner, 'livecommerce_api'::regrole)))""",
        "grant execute on function app.whoami_v1(text) to authenticated",
    ),
    Rule(
        "entry_functions_become_the_person_first",
        """
        select c.oid::regprocedure::text from pg_proc c
        where c.pronamespace = 'app'::regnamespace and c.proname <> 'act_as_v1'
          and c.prosrc !~ '\\ybegin\\s+perform app\\.act_as_v1\\(claims\\);'""",
        "create function app.x_v1(claims text) returns int language plpgsql set search_path = ''"
        " as 'begin return 1; end'; revoke execute on function app.x_v1(text) from public",
    ),
    Rule(
        "entry_functions_are_versioned",
        """
        select c.oid::regprocedure::text from pg_proc c
        where c.pronamespace = 'app'::regnamespace and c.proname !~ '_v[0-9]+$'""",
        "create function app.x(claims text) returns int language sql set search_path = ''"
        " as 'select 1'",
    ),
    Rule(
        "policies_call_no_function_that_persons_may_not",
        f"""
        select c.oid::regclass || '.' || p.polname || ': ' || f.oid::regprocedure from {POLICIES}
        join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
        join pg_proc f on f.oid = d.refobjid and d.refclassid = 'pg_proc'::regclass
        cross join lateral unnest(p.polroles) role
        where {OURS} and role <> 0 and not has_function_privilege(role, f.oid, 'execute')""",
        "create policy x on public.cart for delete to anon using (private.is_admin())",
    ),
    Rule(
        "sealed_columns_are_the_servers_to_write",
        """
        select a.attrelid::regclass || '.' || a.attname from pg_attribute a
        where a.attrelid in ('public.wholesalers'::regclass, 'public.influencers'::regclass)
          and col_description(a.attrelid, a.attnum) = 'sealed by the application'
          and (has_column_privilege('authenticated', a.attrelid, a.attnum, 'insert')
               or has_column_privilege('authenticated', a.attrelid, a.attnum, 'update'))""",
        "grant update (pan_number) on public.wholesalers to authenticated",
    ),
)
