-- Apart from the categories themselves: the lock on products lasts as long as its file.

-- Of the column, which nothing has filled, there is nothing to validate.
-- squawk-ignore-file adding-foreign-key-constraint, constraint-missing-not-valid

alter table public.products add column category_id uuid references public.categories on delete set null;
