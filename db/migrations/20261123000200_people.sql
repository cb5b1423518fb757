-- People: who is asking, a profile for everybody who signs up, and what of a profile is public.

-- Wholesalers and influencers are thousands: to look at each of their rows takes milliseconds.
-- squawk-ignore-file changing-column-type, constraint-missing-not-valid

-- ---------------------------------------------------------------------------------------------
-- Who is asking. Policies call these as `(select private.f())`, once per statement. They see past
-- row security (definer), so that no policy has to ask another table's policy for leave.
-- plpgsql keeps their plans; a function in SQL that cannot be inlined is planned at each call before
-- PostgreSQL 18.

create function private.my_customer_id() returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select id from public.customers where user_id = (select auth.uid()) and is_active);
end $$;

create function private.my_wholesaler_id() returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select id from public.wholesalers where user_id = (select auth.uid()) and is_active);
end $$;

create function private.my_influencer_id() returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select id from public.influencers where user_id = (select auth.uid()) and is_active);
end $$;

-- From app_metadata, which only the issuer of tokens writes; user_metadata is the person's own.
create function private.is_admin() returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'admin', false);
end $$;

-- ---------------------------------------------------------------------------------------------
-- What wholesalers and influencers are paid by: sealed by the application, never in clear here.

alter table public.wholesalers
  alter column gst_number type text,
  alter column pan_number type text,
  alter column bank_account_number type text,
  alter column ifsc_code type text,
  add constraint wholesalers_sealed check (
    (gst_number is null or gst_number like 'sealed:v1:%')
    and (pan_number is null or pan_number like 'sealed:v1:%')
    and (bank_account_number is null or bank_account_number like 'sealed:v1:%')
    and (ifsc_code is null or ifsc_code like 'sealed:v1:%'));

alter table public.influencers
  add column gst_number text,
  add column pan_number text,
  add column bank_account_number text,
  add column bank_name varchar(100),
  add column ifsc_code text,
  add column upi_id text,
  add column verification_date timestamptz,
  add constraint influencers_sealed check (
    (gst_number is null or gst_number like 'sealed:v1:%')
    and (pan_number is null or pan_number like 'sealed:v1:%')
    and (bank_account_number is null or bank_account_number like 'sealed:v1:%')
    and (ifsc_code is null or ifsc_code like 'sealed:v1:%')
    and (upi_id is null or upi_id like 'sealed:v1:%'));

comment on column public.wholesalers.gst_number is 'sealed by the application';
comment on column public.wholesalers.pan_number is 'sealed by the application';
comment on column public.wholesalers.bank_account_number is 'sealed by the application';
comment on column public.wholesalers.ifsc_code is 'sealed by the application';
comment on column public.influencers.gst_number is 'sealed by the application';
comment on column public.influencers.pan_number is 'sealed by the application';
comment on column public.influencers.bank_account_number is 'sealed by the application';
comment on column public.influencers.ifsc_code is 'sealed by the application';
comment on column public.influencers.upi_id is 'sealed by the application';

comment on table public.customers is 'who buys; one per account';
comment on table public.wholesalers is 'who owns products and ships them; one per account';
comment on table public.influencers is 'who broadcasts and earns; one per account';
comment on table public.products is 'the catalogue; prices in rupees, taxes included';
comment on table public.product_variants is 'what of a product can be bought; every product has one';
comment on table public.live_sessions is 'a scheduled broadcast, from announcement to replay';
comment on table public.live_session_products is 'what a live session shows, and at what price';
comment on table public.cart is 'what a customer means to buy; priced by the server';
comment on table public.orders is 'what a customer bought; written by the server only';
comment on table public.order_items is 'the lines of an order, as they were sold';
comment on table public.queries is 'questions and complaints to support, with their deadlines';

-- ---------------------------------------------------------------------------------------------
-- The public face of an influencer or wholesaler. A table and not a view: the rows of influencers
-- and wholesalers are their owners' own, and a view that saw past that would see too much.

create table public.public_profiles (
  id uuid primary key,
  kind varchar(10) not null check (kind in ('influencer', 'wholesaler')),
  name varchar(255) not null,
  bio text,
  category varchar(50),
  city varchar(100),
  state varchar(100),
  instagram_handle varchar(100),
  youtube_channel varchar(100),
  tiktok_handle varchar(100),
  followers_count integer,
  is_verified boolean not null,
  updated_at timestamptz not null default now()
);
comment on table public.public_profiles is
  'what everybody may know of an active influencer or wholesaler (same id); kept by trigger';

create function private.show_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' then
    delete from public.public_profiles where id = old.id and kind = rtrim(tg_table_name, 's');
    return null;
  end if;
  if not coalesce(new.is_active, false) then
    delete from public.public_profiles where id = new.id and kind = rtrim(tg_table_name, 's');
  elsif tg_table_name = 'influencers' then
    insert into public.public_profiles (id, kind, name, bio, category, instagram_handle,
                                        youtube_channel, tiktok_handle, followers_count, is_verified)
    values (new.id, 'influencer',
            coalesce(nullif(new.display_name, ''),
                     nullif(concat_ws(' ', new.first_name, new.last_name), ''), 'Influencer'),
            new.bio, new.category, new.instagram_handle, new.youtube_channel, new.tiktok_handle,
            new.followers_count, coalesce(new.is_verified, false))
    on conflict (id) do update
    set name = excluded.name, bio = excluded.bio, category = excluded.category,
        instagram_handle = excluded.instagram_handle, youtube_channel = excluded.youtube_channel,
        tiktok_handle = excluded.tiktok_handle, followers_count = excluded.followers_count,
        is_verified = excluded.is_verified, updated_at = now()
    where public_profiles.kind = excluded.kind;
  else
    insert into public.public_profiles (id, kind, name, city, state, is_verified)
    values (new.id, 'wholesaler', new.business_name, new.city, new.state,
            coalesce(new.is_verified, false))
    on conflict (id) do update
    set name = excluded.name, city = excluded.city, state = excluded.state,
        is_verified = excluded.is_verified, updated_at = now()
    where public_profiles.kind = excluded.kind;
  end if;
  return null;
end $$;

create trigger shown after insert or delete on public.influencers
  for each row execute function private.show_profile();
create trigger shown_again after update on public.influencers
  for each row when (
    (old.display_name, old.first_name, old.last_name, old.bio, old.category, old.instagram_handle,
     old.youtube_channel, old.tiktok_handle, old.followers_count, old.is_verified, old.is_active)
    is distinct from
    (new.display_name, new.first_name, new.last_name, new.bio, new.category, new.instagram_handle,
     new.youtube_channel, new.tiktok_handle, new.followers_count, new.is_verified, new.is_active))
  execute function private.show_profile();
create trigger shown after insert or delete on public.wholesalers
  for each row execute function private.show_profile();
create trigger shown_again after update on public.wholesalers
  for each row when (
    (old.business_name, old.city, old.state, old.is_verified, old.is_active)
    is distinct from (new.business_name, new.city, new.state, new.is_verified, new.is_active))
  execute function private.show_profile();

insert into public.public_profiles (id, kind, name, bio, category, instagram_handle, youtube_channel,
                                    tiktok_handle, followers_count, is_verified)
select id, 'influencer',
       coalesce(nullif(display_name, ''), nullif(concat_ws(' ', first_name, last_name), ''),
                'Influencer'),
       bio, category, instagram_handle, youtube_channel, tiktok_handle, followers_count,
       coalesce(is_verified, false)
from public.influencers where is_active;
insert into public.public_profiles (id, kind, name, city, state, is_verified)
select id, 'wholesaler', business_name, city, state, coalesce(is_verified, false)
from public.wholesalers where is_active;

-- ---------------------------------------------------------------------------------------------
-- A profile for everybody who signs up, here or through Supabase.
--
-- What kind is the account's role in app_metadata where the issuer set one; else what the person
-- asked for in user_metadata (`role` or `user_type`), which gives nothing that is not open to
-- everybody: new wholesalers and influencers are unverified. Admins have no profile. It must never
-- raise, or nobody could sign up.

create function private.sign_up_kind(app_metadata jsonb, user_metadata jsonb) returns text
language sql immutable set search_path = '' as $$
  select case
    when asked in ('wholesaler', 'influencer', 'admin') then asked
    else 'customer'
  end
  from (select coalesce(
          app_metadata ->> 'role',
          nullif(coalesce(user_metadata ->> 'role', user_metadata ->> 'user_type'), 'admin')) as asked) a
$$;

-- The id of a profile that was made automatically: by it one is known that its person did not write.
create function private.automatic_profile_id(p_user_id uuid) returns uuid
language sql immutable set search_path = '' as $$
  select encode(substring(sha256(convert_to('profile of ' || p_user_id, 'UTF8')) from 1 for 16),
                'hex')::uuid
$$;

-- The first of these metadata that is a text with something in it: anybody may put anything there.
create function private.first_text(p_metadata jsonb, variadic p_keys text[]) returns text
language sql immutable set search_path = '' as $$
  select btrim(p_metadata ->> k.name)
  from unnest(p_keys) with ordinality k (name, place)
  where jsonb_typeof(p_metadata -> k.name) = 'string' and btrim(p_metadata ->> k.name) <> ''
  order by k.place limit 1
$$;

create function private.make_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.automatic_profile_id(new.id);
  v_meta jsonb := coalesce(new.raw_user_meta_data, '{}');
  v_email text := left(coalesce(new.email, ''), 255);
  v_first_name text := private.first_text(v_meta, 'first_name');
  v_last_name text := private.first_text(v_meta, 'last_name');
  v_name text := coalesce(
    private.first_text(v_meta, 'display_name', 'full_name', 'name'),
    nullif(concat_ws(' ', v_first_name, v_last_name), ''),
    nullif(split_part(coalesce(new.email, ''), '@', 1), ''), 'Member');
begin
  if new.is_anonymous or new.deleted_at is not null then
    return null;
  end if;
  case private.sign_up_kind(coalesce(new.raw_app_meta_data, '{}'), v_meta)
    when 'customer' then
      insert into public.customers (id, user_id, email, first_name, last_name, phone)
      values (v_id, new.id, v_email, left(coalesce(v_first_name, v_name), 50), left(v_last_name, 50),
              left(new.phone, 20))
      on conflict (user_id) do nothing;
    when 'wholesaler' then
      insert into public.wholesalers (id, user_id, email, business_name, phone)
      values (v_id, new.id, v_email,
              left(coalesce(private.first_text(v_meta, 'business_name'), v_name), 255),
              left(new.phone, 20))
      on conflict (user_id) do nothing;
    when 'influencer' then
      insert into public.influencers (id, user_id, email, display_name, first_name, last_name, phone)
      values (v_id, new.id, v_email, left(v_name, 100), left(v_first_name, 50), left(v_last_name, 50),
              left(new.phone, 20))
      on conflict (user_id) do nothing;
    else
      null;
  end case;
  return null;
exception
  -- Those are over when it is tried again.
  when transaction_rollback or lock_not_available then
    raise;
  -- An account without a profile can be mended; who cannot sign up is gone.
  when others then
    raise warning 'the account % has no profile: %', new.id, sqlerrm;
    return null;
end $$;

-- The address of a profile is that of its account.
create function private.mirror_email() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.customers set email = coalesce(new.email, '') where user_id = new.id;
  update public.wholesalers set email = coalesce(new.email, '') where user_id = new.id;
  update public.influencers set email = coalesce(new.email, '') where user_id = new.id;
  return null;
end $$;

create trigger livecommerce_profile after insert on auth.users
  for each row execute function private.make_profile();
create trigger livecommerce_profile_later after update of is_anonymous on auth.users
  for each row when (old.is_anonymous and not new.is_anonymous)
  execute function private.make_profile();
create trigger livecommerce_email after update of email on auth.users
  for each row when (old.email is distinct from new.email)
  execute function private.mirror_email();
