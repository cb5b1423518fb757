-- The catalogue of schema `public`, for `livecommerce types`. Partitions are left out (their parent
-- stands for them), and so is what an extension has made: it differs from installation to installation.

-- name: relations
-- Tables (also partitioned and foreign ones) and views (also materialized ones).
-- is_updatable: a view that takes updates and deletes without further ado.
select c.relname::text as name,
       c.relkind in ('v', 'm') as is_view,
       pg_relation_is_updatable(c.oid, false) & 20 = 20 as is_updatable
from pg_class c
where c.relnamespace = 'public'::regnamespace
  and c.relkind in ('r', 'p', 'f', 'v', 'm') and not c.relispartition
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass
                  and d.objid = c.oid and d.deptype = 'e');

-- name: columns
-- The columns of these relations. type: the name of the type, of the base type for a domain; an
-- array has an underscore before it. identity: '', 'a' (always) or 'd' (by default).
select c.relname::text as relation, a.attname::text as name,
       coalesce(base.typname, t.typname)::text as type,
       not (a.attnotnull or t.typtype = 'd' and t.typnotnull) as is_nullable,
       a.atthasdef or t.typdefault is not null as has_default,
       a.attidentity::text as identity,
       a.attgenerated <> '' as is_generated,
       pg_column_is_updatable(c.oid, a.attnum, false) as is_updatable
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_type base on base.oid = t.typbasetype and t.typtype = 'd'
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'f', 'v', 'm');

-- name: foreign_keys
-- Foreign keys between tables of the schema. is_one_to_one: the referencing columns are unique.
select k.conname::text as name, c.relname::text as relation,
       (select array_agg(a.attname::text order by u.position)
        from unnest(k.conkey) with ordinality u (number, position)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number) as columns,
       exists (select from pg_index i
               where i.indrelid = k.conrelid and i.indisunique and i.indpred is null
                 and (select array_agg(n order by n)
                      from unnest((i.indkey::smallint[])[0:i.indnkeyatts - 1]) n)
                   = (select array_agg(n order by n) from unnest(k.conkey) n)) as is_one_to_one,
       r.relname::text as referenced_relation,
       (select array_agg(a.attname::text order by u.position)
        from unnest(k.confkey) with ordinality u (number, position)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number)
         as referenced_columns
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_class r on r.oid = k.confrelid
where k.contype = 'f' and k.conparentid = 0
  and c.relnamespace = 'public'::regnamespace and r.relnamespace = 'public'::regnamespace;

-- name: view_rules
-- How each view is computed, as the rewriter keeps it; oids of relations and numbers of columns in
-- it are those of `column_numbers`.
select c.relname::text as view, w.ev_action::text as action
from pg_class c join pg_rewrite w on w.ev_class = c.oid and w.rulename = '_RETURN'
where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm');

-- name: column_numbers
-- The oid of each relation and the number of each of its columns.
select c.oid::bigint as relation_oid, c.relname::text as relation,
       a.attnum::integer as number, a.attname::text as name
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'f', 'v', 'm');

-- name: enums
-- Enumerated types and their values in their order.
select t.typname::text as name, array_agg(e.enumlabel::text order by e.enumsortorder) as values
from pg_type t join pg_enum e on e.enumtypid = t.oid
where t.typnamespace = 'public'::regnamespace
group by t.oid, t.typname;

-- name: composites
-- The attributes of composite types, one a row, in their order.
select c.relname::text as composite, a.attname::text as name, t.typname::text as type
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
where c.relnamespace = 'public'::regnamespace and c.relkind = 'c'
order by c.relname, a.attnum;

-- name: functions
-- Functions that a client could call: no triggers, and every argument that goes in has a name.
-- The lists of arguments are parallel; modes are those of pg_proc (i, o, b, v, t). returns_relation:
-- the table, view or composite type whose row comes back, else null.
select p.proname::text as name,
       pg_get_function_identity_arguments(p.oid) as signature,
       f.names as argument_names, f.types as argument_types, f.modes as argument_modes,
       p.pronargs::integer as inputs, p.pronargdefaults::integer as defaults,
       t.typname::text as return_type,
       r.relname::text as returns_relation,
       p.proretset as returns_set,
       p.prorows > 1 as returns_many
from pg_proc p
join pg_type t on t.oid = p.prorettype
left join pg_class r on r.oid = t.typrelid and t.typrelid <> 0
cross join lateral (
  select coalesce(array_agg(coalesce(p.proargnames[u.position], '') order by u.position), '{}')
           as names,
         coalesce(array_agg(a.typname::text order by u.position), '{}') as types,
         coalesce(array_agg(coalesce(p.proargmodes[u.position]::text, 'i') order by u.position),
                  '{}') as modes
  from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality u (type, position)
  join pg_type a on a.oid = u.type) f
where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
  and t.typname not in ('trigger', 'event_trigger')
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass
                  and d.objid = p.oid and d.deptype = 'e');

-- name: checks
-- Check constraints on one column that hold for every row, as Postgres would write them.
select c.relname::text as relation, a.attname::text as column_name,
       pg_get_constraintdef(k.oid) as definition
from pg_constraint k
join pg_class c on c.oid = k.conrelid and not c.relispartition
join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
where k.contype = 'c' and k.convalidated and cardinality(k.conkey) = 1
  and c.relnamespace = 'public'::regnamespace
order by c.relname, a.attname, k.conname;
