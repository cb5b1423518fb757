-- The address book of a customer, and what they paid with the last time they said so.

create table private.addresses (
  id uuid primary key,
  customer_id uuid not null references public.customers on delete cascade,
  label text check (length(label) between 1 and 40),
  -- As shop/address.py keeps it: {name, phone, line1, line2, landmark, city, state, postal_code, country}.
  address jsonb not null,
  -- GST code of the State: the place of supply of what is sent there.
  state_code varchar(2) not null check (state_code ~ '^[0-9]{2}$'),
  is_default boolean not null default false,
  used_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index addresses_customer_id on private.addresses (customer_id, used_at desc);
create unique index addresses_one_default on private.addresses (customer_id) where is_default;
comment on table private.addresses is 'where a customer has parcels sent';
alter table private.addresses enable row level security;
revoke all on private.addresses from public, anon, authenticated, service_role;
grant select, insert, update, delete on private.addresses to service_role;
create policy service on private.addresses for all to service_role using (true) with check (true);
create trigger updated_at before update on private.addresses
  for each row execute function public.handle_updated_at();

alter table public.customers
  add column payment_method_choice varchar(20),
  add constraint customers_payment_method_choice_check check (
    payment_method_choice in ('cod', 'test', 'upi', 'stripe', 'razorpay')) not valid;
comment on column public.customers.payment_method_choice is 'chosen in the address book; NULL = never';

-- Writes an address, new or known; 'done' or why not. The customer's row is locked, so that of two
-- devices one comes after the other: there is one default, and never more than p_most.
create function private.keep_address_v1(
  p_user_id uuid, p_id uuid, p_is_new boolean, p_label text, p_address jsonb, p_state_code text,
  p_is_default boolean, p_most integer)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_customer_id uuid;
  v_count integer;
begin
  select c.id into v_customer_id from public.customers c
  where c.user_id = p_user_id and c.is_active for no key update;
  if not found then
    return 'not_customer';
  end if;
  v_count := (select count(*) from private.addresses a where a.customer_id = v_customer_id);
  if exists (select from private.addresses a where a.id = p_id and a.customer_id <> v_customer_id) then
    return 'not_found';
  elsif not exists (select from private.addresses a where a.id = p_id) then
    if not p_is_new then
      return 'not_found';
    elsif v_count >= p_most then
      return 'too_many';
    end if;
    insert into private.addresses (id, customer_id, label, address, state_code)
    values (p_id, v_customer_id, p_label, p_address, p_state_code);
  else
    update private.addresses set label = p_label, address = p_address, state_code = p_state_code
    where id = p_id;
  end if;
  if p_is_default or v_count = 0 then
    perform private.choose_address_v1(p_user_id, p_id);
  end if;
  return 'done';
end $$;

create function private.choose_address_v1(p_user_id uuid, p_id uuid) returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_customer_id uuid;
begin
  select c.id into v_customer_id from public.customers c
  where c.user_id = p_user_id and c.is_active for no key update;
  if not exists (select from private.addresses a where a.id = p_id and a.customer_id = v_customer_id) then
    return 'not_found';
  end if;
  -- The other one first: at no moment there are two.
  update private.addresses set is_default = false
  where customer_id = v_customer_id and is_default and id <> p_id;
  update private.addresses set is_default = true, used_at = now() where id = p_id;
  return 'done';
end $$;

-- The default goes to the one that was used last.
create function private.remove_address_v1(p_user_id uuid, p_id uuid) returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_customer_id uuid;
  v_was_default boolean;
begin
  select c.id into v_customer_id from public.customers c
  where c.user_id = p_user_id and c.is_active for no key update;
  delete from private.addresses where id = p_id and customer_id = v_customer_id
  returning is_default into v_was_default;
  if not found then
    return 'not_found';
  end if;
  if v_was_default then
    update private.addresses set is_default = true
    where id = (select a.id from private.addresses a where a.customer_id = v_customer_id
                order by a.used_at desc, a.id limit 1);
  end if;
  return 'done';
end $$;

revoke execute on function
  private.keep_address_v1(uuid, uuid, boolean, text, jsonb, text, boolean, integer),
  private.choose_address_v1(uuid, uuid), private.remove_address_v1(uuid, uuid)
  from public, anon, authenticated;
