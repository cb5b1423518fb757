-- Demo data. Accounts, profiles of known ids and verification are the service's to write; products and
-- live sessions are written by their people, through row security as any client of the schema would. Each statement takes the rows of
-- one table as a JSON array and leaves rows that are there already as they are, so that a second run
-- changes nothing.

-- name: users
insert into auth.users (id, aud, role, email, email_confirmed_at, raw_app_meta_data,
                        raw_user_meta_data)
select r.id, 'authenticated', 'authenticated', r.email, now(),
       jsonb_build_object('role', r.role, 'provider', 'email'),
       jsonb_build_object('display_name', r.name)
from jsonb_to_recordset($1::jsonb) r (id uuid, email text, role text, name text)
on conflict (id) do nothing

-- name: categories
insert into public.categories (id, slug, name, display_order)
select r.id, r.slug, r.name, r.display_order
from jsonb_to_recordset($1::jsonb) r (id uuid, slug text, name text, display_order integer)
on conflict (id) do nothing

-- name: customers
-- The profile that the sign-up made gives way to this one.
insert into public.customers (id, user_id, email, first_name, city, state)
select r.id, r.user_id, r.email, r.name, r.city, r.state
from jsonb_to_recordset($1::jsonb) r (id uuid, user_id uuid, email text, name text, city text,
                                      state text)
where not exists (select from public.customers c where c.id = r.id)

-- name: wholesalers
insert into public.wholesalers (id, user_id, email, business_name, city, state)
select r.id, r.user_id, r.email, r.name, r.city, r.state
from jsonb_to_recordset($1::jsonb) r (id uuid, user_id uuid, email text, name text, city text,
                                      state text)
where not exists (select from public.wholesalers w where w.id = r.id)

-- name: influencers
insert into public.influencers (id, user_id, email, display_name, category, bio)
select r.id, r.user_id, r.email, r.name, r.category, r.bio
from jsonb_to_recordset($1::jsonb) r (id uuid, user_id uuid, email text, name text, category text,
                                      bio text)
where not exists (select from public.influencers i where i.id = r.id)

-- name: verify_wholesalers
update public.wholesalers
set is_verified = true, verification_status = 'verified', verification_date = now()
where id in (select r.id from jsonb_to_recordset($1::jsonb) r (id uuid))
  and verification_status = 'pending'

-- name: verify_influencers
-- Followers come from where the influencer was before.
update public.influencers i
set is_verified = true, verification_status = 'verified', verification_date = now(),
    followers_count = r.followers
from jsonb_to_recordset($1::jsonb) r (id uuid, followers integer)
where i.id = r.id and i.verification_status = 'pending'

-- name: products
insert into public.products (
  id, wholesaler_id, name, short_description, description, sku, category, subcategory, category_id,
  brand, tags, wholesale_price, retail_price, sale_price, discount_percentage, images)
select r.id, r.wholesaler_id, r.name, r.short, r.short, r.sku, r.category, r.subcategory,
       (select c.id from public.categories c where c.name = r.category), r.brand,
       array(select jsonb_array_elements_text(r.tags)),
       round(r.price * 0.6, 2), r.mrp, r.price, round(100 - 100 * r.price / r.mrp, 2),
       jsonb_build_array(r.image_url)
from jsonb_to_recordset($1::jsonb) r (
  id uuid, wholesaler_id uuid, name text, short text, sku text, category text, subcategory text,
  brand text, tags jsonb, mrp numeric, price numeric, image_url text)
on conflict (id) do nothing

-- name: product_taxes
-- What the law asks of a product; the service's to write.
update public.products p
set hsn_code = r.hsn_code, tax_rate = r.gst, country_of_origin = 'India'
from jsonb_to_recordset($1::jsonb) r (id uuid, hsn_code text, gst numeric)
where p.id = r.id and p.hsn_code is null

-- name: product_translations
insert into public.product_translations (product_id, locale, name, short_description, description)
select r.product_id, r.locale, r.name, r.short, r.short
from jsonb_to_recordset($1::jsonb) r (product_id uuid, locale text, name text, short text)
on conflict (product_id, locale) do nothing

-- name: variants
insert into public.product_variants (id, product_id, sku, label, color, size, price, position)
select r.id, r.product_id, r.sku, r.label, r.color, r.size, r.price, r.position
from jsonb_to_recordset($1::jsonb) r (
  id uuid, product_id uuid, sku text, label text, color text, size text, price numeric,
  position integer)
on conflict (id) do nothing

-- name: stock
insert into public.product_stock (variant_id, product_id, on_hand)
select r.id, r.product_id, r.stock
from jsonb_to_recordset($1::jsonb) r (id uuid, product_id uuid, stock integer)
on conflict (variant_id) do nothing

-- name: live_session_states
-- The live sessions of one influencer, to know whether the demo's own has been ended.
select id, status from public.live_sessions where influencer_id = $1

-- name: live_sessions
-- A planned one whose time has passed without a start is moved to its next date.
insert into public.live_sessions (id, influencer_id, title, description, scheduled_start_time)
select r.id, r.influencer_id, r.title, r.description, r.scheduled_start_time
from jsonb_to_recordset($1::jsonb) r (id uuid, influencer_id uuid, title text, description text,
                                      scheduled_start_time timestamptz)
on conflict (id) do update set scheduled_start_time = excluded.scheduled_start_time
  where live_sessions.status = 'scheduled' and live_sessions.scheduled_start_time < $2

-- name: live_session_products
insert into public.live_session_products (id, live_session_id, product_id, display_order)
select r.id, r.live_session_id, r.product_id, r.display_order
from jsonb_to_recordset($1::jsonb) r (id uuid, live_session_id uuid, product_id uuid,
                                      display_order integer)
on conflict (id) do nothing

-- name: special_prices
-- Prices of a live session are the server's to write.
update public.live_session_products s set special_price = r.special_price
from jsonb_to_recordset($1::jsonb) r (id uuid, special_price numeric)
where s.id = r.id and s.special_price is null and r.special_price is not null
