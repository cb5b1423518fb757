-- What the tables of the files before have to do with orders, and what orders gain.
--
-- In a file of its own, because it locks the two tables that every checkout writes to: it does nothing
-- that takes time, and takes its locks first, in the order in which a checkout does. In another order a
-- shop that never pauses would be in the way of each attempt. The tables that refer to them are new, so
-- there is nothing to validate.
-- squawk-ignore-file adding-foreign-key-constraint, constraint-missing-not-valid

lock table public.orders in access exclusive mode;
lock table public.order_items in share row exclusive mode;

alter table public.influencer_earnings add constraint influencer_earnings_order_id_fkey
  foreign key (order_id) references public.orders on delete restrict;
alter table public.influencer_earnings add constraint influencer_earnings_order_item_id_fkey
  foreign key (order_item_id) references public.order_items on delete restrict;
alter table public.returns add constraint returns_order_id_fkey
  foreign key (order_id) references public.orders on delete restrict;
alter table public.refunds add constraint refunds_order_id_fkey
  foreign key (order_id) references public.orders on delete restrict;
alter table public.reviews add constraint reviews_order_item_id_fkey
  foreign key (order_item_id) references public.order_items on delete restrict;
alter table public.return_items add constraint return_items_order_item_id_fkey
  foreign key (order_item_id) references public.order_items on delete restrict;

alter table public.orders add column archived_at timestamptz;
comment on column public.orders.archived_at is
  'set by maintenance: out of the everyday lists, still readable';

create trigger internal_notes before insert or update of internal_notes on public.orders
  for each row when (new.internal_notes is not null) execute function private.move_internal_notes();
comment on column public.orders.internal_notes is 'always empty: what is written here goes to staff_notes';

create trigger audited after update on public.orders for each row
  when ((old.status, old.payment_status, old.total_amount)
        is distinct from (new.status, new.payment_status, new.total_amount))
  execute function private.audit_change('status', 'payment_status', 'total_amount');
