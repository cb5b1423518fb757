-- Columns that a trigger fills in when a client leaves them out, as the schema documentation's examples
-- do. Without a default, generators of client types (Supabase's and ours) take a column that is not
-- null for one that must be given. The values are never kept: the triggers run before the check.

alter table public.orders alter column order_number set default '';
-- A plain null would not be stored as a default.
alter table public.cart alter column variant_id set default nullif('', '')::uuid;
alter table public.cart alter column unit_price set default nullif('', '')::numeric;
