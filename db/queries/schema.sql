-- The catalogue of all that our migrations make, for db/schema.sql and docs/schema.md. Every text comes
-- out the same on each version of Postgres; search_path is empty, so that names carry their schema.
-- Partitions are left out (their parent stands for them), and so is what an extension has made.

-- name: qualify_names
-- Has to come first in the transaction; one row of no interest.
select set_config('search_path', '', true);

-- name: schemas
-- Schemas that are not Postgres's own.
select n.nspname::text as name, obj_description(n.oid, 'pg_namespace') as comment
from pg_namespace n
where n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and not exists (select from pg_depend d where d.objid = n.oid and d.deptype = 'e');

-- name: extensions
-- Extensions beside plpgsql, which every database has.
select e.extname::text as name, n.nspname::text as schema
from pg_extension e join pg_namespace n on n.oid = e.extnamespace
where e.extname <> 'plpgsql';

-- name: relations
-- Tables, partitioned tables and views. kind: r, p, v or m. partition_key, definition: of those
-- that have one.
select n.nspname::text as schema, c.relname::text as name, c.relkind::text as kind,
       coalesce(c.reloptions, '{}') as options,
       c.relrowsecurity as has_row_security,
       c.relforcerowsecurity as forces_row_security,
       case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as partition_key,
       case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid, true) end as definition,
       obj_description(c.oid, 'pg_class') as comment
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
  and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass
                  and d.objid = c.oid and d.deptype = 'e');

-- name: columns
-- Their columns. identity: '', a (always) or d (by default). generated: '', s (stored) or v.
select n.nspname::text as schema, c.relname::text as relation, a.attname::text as name,
       a.attnum::int as position,
       format_type(a.atttypid, a.atttypmod) as type,
       t.typname::text as short_type,
       case when a.attcollation <> t.typcollation then l.collname::text end as collation,
       a.attnotnull as is_required,
       a.attidentity::text as identity,
       a.attgenerated::text as generated,
       pg_get_expr(f.adbin, f.adrelid) as expression,
       col_description(c.oid, a.attnum) as comment
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_collation l on l.oid = a.attcollation
left join pg_attrdef f on f.adrelid = c.oid and f.adnum = a.attnum
where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
  and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass
                  and d.objid = c.oid and d.deptype = 'e');

-- name: constraints
-- Constraints of tables, without NOT NULL, which only newer versions keep here. kind: p, u, f, c, x
-- or t. For a foreign key also what it leads to, and whether its columns may be null or are unique.
select n.nspname::text as schema, c.relname::text as relation, k.conname::text as name,
       k.contype::text as kind,
       pg_get_constraintdef(k.oid) as definition,
       coalesce((select array_agg(a.attname::text order by u.position)
                 from unnest(k.conkey) with ordinality u (number, position)
                 join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number),
                '{}') as columns,
       fn.nspname::text as foreign_schema, fc.relname::text as foreign_relation,
       k.contype = 'f' and exists (
         select from pg_attribute a
         where a.attrelid = k.conrelid and a.attnum = any (k.conkey) and not a.attnotnull
       ) as is_optional,
       k.contype = 'f' and exists (
         select from pg_index i
         where i.indrelid = k.conrelid and i.indisunique and i.indpred is null
           and (select array_agg(x order by x)
                from unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) x)
             = (select array_agg(x order by x) from unnest(k.conkey) x)
       ) as is_one_to_one,
       obj_description(k.oid, 'pg_constraint') as comment
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_class fc on fc.oid = k.confrelid
left join pg_namespace fn on fn.oid = fc.relnamespace
where k.contype in ('p', 'u', 'f', 'c', 'x') and not c.relispartition and k.conparentid = 0
  and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass
                  and d.objid = c.oid and d.deptype = 'e');

-- name: indexes
-- Indexes that no constraint has made, and extended statistics.
select n.nspname::text as schema, c.relname::text as relation, i.relname::text as name,
       pg_get_indexdef(x.indexrelid) as definition,
       obj_description(i.oid, 'pg_class') as comment
from pg_index x
join pg_class i on i.oid = x.indexrelid
join pg_class c on c.oid = x.indrelid
join pg_namespace n on n.oid = c.relnamespace
where not c.relispartition and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and not exists (select from pg_constraint k where k.conindid = x.indexrelid
                  and k.contype in ('p', 'u', 'x'))
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass
                  and d.objid = c.oid and d.deptype = 'e')
union all
select n.nspname::text, c.relname::text, s.stxname::text, pg_get_statisticsobjdef(s.oid), null
from pg_statistic_ext s
join pg_class c on c.oid = s.stxrelid
join pg_namespace n on n.oid = c.relnamespace
where not c.relispartition;

-- name: triggers
-- Triggers that a migration has made. is_on: fires in ordinary sessions.
select n.nspname::text as schema, c.relname::text as relation, t.tgname::text as name,
       pg_get_triggerdef(t.oid) as definition, t.tgenabled in ('O', 'A') as is_on
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
join pg_namespace n on n.oid = c.relnamespace
where not t.tgisinternal and t.tgparentid = 0 and not c.relispartition
  and n.nspname <> 'information_schema' and n.nspname !~ '^pg_';

-- name: policies
-- Row security policies. command: r, a, w, d or *.
select n.nspname::text as schema, c.relname::text as relation, p.polname::text as name,
       p.polcmd::text as command, p.polpermissive as is_permissive,
       array(select case r when 0 then 'public' else pg_get_userbyid(r)::text end
             from unnest(p.polroles) r) as roles,
       pg_get_expr(p.polqual, p.polrelid) as using_expression,
       pg_get_expr(p.polwithcheck, p.polrelid) as check_expression
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
where not c.relispartition and n.nspname <> 'information_schema' and n.nspname !~ '^pg_';

-- name: functions
-- Functions and procedures. signature: name and types of the arguments.
select n.nspname::text as schema, p.proname::text as name,
       format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
         as signature,
       pg_get_functiondef(p.oid) as definition,
       obj_description(p.oid, 'pg_proc') as comment
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.prokind in ('f', 'p') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass
                  and d.objid = p.oid and d.deptype = 'e');

-- name: types
-- Enums, domains and composite types, as far as no table stands behind them.
select n.nspname::text as schema, t.typname::text as name,
       case t.typtype
         when 'e' then (select format('enum (%s)', string_agg(quote_literal(e.enumlabel), ', '
                                                              order by e.enumsortorder))
                        from pg_enum e where e.enumtypid = t.oid)
         when 'd' then concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
                                 'default ' || t.typdefault,
                                 case when t.typnotnull then 'not null' end,
                                 (select string_agg(pg_get_constraintdef(k.oid), ' ' order by k.conname)
                                  from pg_constraint k
                                  where k.contypid = t.oid and k.contype = 'c'))
         else (select format('(%s)', string_agg(format('%I %s', a.attname,
                                                       format_type(a.atttypid, a.atttypmod)), ', '
                                                order by a.attnum))
               from pg_attribute a where a.attrelid = t.typrelid and not a.attisdropped)
       end as definition,
       t.typtype = 'd' as is_domain,
       obj_description(t.oid, 'pg_type') as comment
from pg_type t
join pg_namespace n on n.oid = t.typnamespace
left join pg_class c on c.oid = t.typrelid
where (t.typtype in ('e', 'd') or c.relkind = 'c')
  and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and not exists (select from pg_depend d where d.classid = 'pg_type'::regclass
                  and d.objid = t.oid and d.deptype = 'e');

-- name: sequences
-- Sequences beside those of identity columns. owner: the column that it goes away with.
select n.nspname::text as schema, c.relname::text as name,
       format_type(s.seqtypid, null) as type,
       s.seqstart as starts_at, s.seqincrement as step, s.seqcache as cached, s.seqcycle as cycles,
       (select format('%I.%I.%I', tn.nspname, tc.relname, a.attname)
        from pg_depend d
        join pg_class tc on tc.oid = d.refobjid
        join pg_namespace tn on tn.oid = tc.relnamespace
        join pg_attribute a on a.attrelid = tc.oid and a.attnum = d.refobjsubid
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'a') as owner
from pg_sequence s
join pg_class c on c.oid = s.seqrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass
                  and d.objid = c.oid and d.deptype in ('i', 'e'));

-- name: grants
-- What others than the owner may do, defaults included. kind: schema, table, column, function or
-- sequence; object: its name, for a function its signature; column_name: for kind column. MAINTAIN is
-- not told, since only newer versions have it.
with objects as (
  select 'schema' as kind, n.nspname as schema, n.nspname::text as object,
         null::name as column_name, coalesce(n.nspacl, acldefault('n', n.nspowner)) as acl,
         n.nspowner as owner
  from pg_namespace n
  union all
  select case c.relkind when 'S' then 'sequence' else 'table' end, n.nspname,
         c.relname, null,
         coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end,
                                       c.relowner)), c.relowner
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S') and not c.relispartition
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass
                    and d.objid = c.oid and d.deptype = 'e')
  union all
  select 'column', n.nspname, c.relname, a.attname, a.attacl, c.relowner
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  where a.attacl is not null and not a.attisdropped and not c.relispartition
  union all
  select 'function', n.nspname,
         format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), null,
         coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where p.prokind in ('f', 'p')
    and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass
                    and d.objid = p.oid and d.deptype = 'e'))
select o.kind, o.schema::text as schema, o.object, o.column_name::text as column_name,
       case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee)::text end as grantee,
       a.privilege_type as privilege, a.is_grantable
from objects o cross join lateral aclexplode(o.acl) a
where a.grantee <> o.owner and a.privilege_type <> 'MAINTAIN'
  and o.schema <> 'information_schema' and o.schema !~ '^pg_';

-- name: default_privileges
-- What later objects of the owner are granted to others; grantee is null where that is nothing.
-- schema: '' for any. kind: r, S, f, T or n.
select coalesce(n.nspname, '')::text as schema, d.defaclobjtype::text as kind,
       a.grantee, a.privilege
from pg_default_acl d
left join pg_namespace n on n.oid = d.defaclnamespace
left join lateral (
  select case x.grantee when 0 then 'public' else pg_get_userbyid(x.grantee)::text end as grantee,
         x.privilege_type as privilege
  from aclexplode(d.defaclacl) x
  where x.grantee <> d.defaclrole and x.privilege_type <> 'MAINTAIN') a on true;
