-- What a search looks at, and the extension that finds parts of words.

do $$
declare
  v_schema name := (select n.nspname from pg_catalog.pg_extension e
                    join pg_catalog.pg_namespace n on n.oid = e.extnamespace
                    where e.extname = 'pg_trgm');
begin
  if v_schema is null then
    if not exists (select from pg_catalog.pg_available_extensions where name = 'pg_trgm') then
      raise exception 'this Postgres lacks the extension pg_trgm'
        using hint = 'it is among the contrib modules, e.g. of the package postgresql-contrib';
    end if;
    create extension if not exists pg_trgm with schema extensions;
  elsif v_schema <> 'extensions' then
    raise exception 'the extension pg_trgm is in schema %', v_schema
      using hint = 'move it: alter extension pg_trgm set schema extensions';
  end if;
end $$;

-- The words that a product is found by. An index is built over it: a change of what it answers needs
-- another function and another index.
create function private.product_words(p_name text, p_category text, p_subcategory text, p_brand text)
returns text
language sql immutable parallel safe set search_path = '' as $$
  select lower(p_name || ' ' || coalesce(p_category, '') || ' ' || coalesce(p_subcategory, '') || ' '
               || coalesce(p_brand, ''))
$$;
revoke execute on function private.product_words(text, text, text, text)
  from public, anon, authenticated;
-- Whoever writes a product computes its place in the index.
grant execute on function private.product_words(text, text, text, text) to authenticated, service_role;
