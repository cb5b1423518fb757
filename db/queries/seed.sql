-- Demo data. Each statement takes all rows of one table as a JSON array and leaves rows that are
-- there already as they are, so that a second run changes nothing.

-- name: users
insert into auth.users (id, aud, role, email, email_confirmed_at, raw_app_meta_data,
                        raw_user_meta_data)
select r.id, 'authenticated', 'authenticated', r.email, now(),
       jsonb_build_object('role', r.role, 'provider', 'email'),
       jsonb_build_object('display_name', r.name)
from jsonb_to_recordset($1::jsonb) r (id uuid, email text, role text, name text)
on conflict (id) do nothing

-- name: customers
insert into public.customers (id, user_id, email, first_name, city, state)
select r.id, r.user_id, r.email, r.name, r.city, r.state
from jsonb_to_recordset($1::jsonb) r (id uuid, user_id uuid, email text, name text, city text,
                                      state text)
on conflict (id) do nothing

-- name: wholesalers
insert into public.wholesalers (id, user_id, email, business_name, city, state, is_verified,
                                verification_status, verification_date)
select r.id, r.user_id, r.email, r.name, r.city, r.state, true, 'verified', now()
from jsonb_to_recordset($1::jsonb) r (id uuid, user_id uuid, email text, name text, city text,
                                      state text)
on conflict (id) do nothing

-- name: influencers
insert into public.influencers (id, user_id, email, display_name, category, followers_count, bio,
                                is_verified, verification_status)
select r.id, r.user_id, r.email, r.name, r.category, r.followers, r.bio, true, 'verified'
from jsonb_to_recordset($1::jsonb) r (id uuid, user_id uuid, email text, name text, category text,
                                      followers integer, bio text)
on conflict (id) do nothing

-- name: products
insert into public.products (
  id, wholesaler_id, name, short_description, description, sku, category, subcategory, brand, tags,
  wholesale_price, retail_price, sale_price, discount_percentage, images)
select r.id, r.wholesaler_id, r.name, r.short, r.short, r.sku, r.category, r.subcategory, r.brand,
       array(select jsonb_array_elements_text(r.tags)),
       round(r.price * 0.6, 2), r.mrp, r.price, round(100 - 100 * r.price / r.mrp, 2),
       jsonb_build_array(r.image_url)
from jsonb_to_recordset($1::jsonb) r (
  id uuid, wholesaler_id uuid, name text, short text, sku text, category text, subcategory text,
  brand text, tags jsonb, mrp numeric, price numeric, image_url text)
on conflict (id) do nothing

-- name: variants
insert into public.product_variants (id, product_id, sku, label, color, size, price,
                                     stock_quantity, position)
select r.id, r.product_id, r.sku, r.label, r.color, r.size, r.price, r.stock, r.position
from jsonb_to_recordset($1::jsonb) r (
  id uuid, product_id uuid, sku text, label text, color text, size text, price numeric,
  stock integer, position integer)
on conflict (id) do nothing

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
insert into public.live_session_products (id, live_session_id, product_id, display_order,
                                          special_price)
select r.id, r.live_session_id, r.product_id, r.display_order, r.special_price
from jsonb_to_recordset($1::jsonb) r (id uuid, live_session_id uuid, product_id uuid,
                                      display_order integer, special_price numeric)
on conflict (id) do nothing
