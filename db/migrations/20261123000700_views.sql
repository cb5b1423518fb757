-- Views for common questions. All run with the rights of whoever asks (security_invoker): a customer
-- sees one line of customer_order_summary, a wholesaler one of wholesaler_product_summary.

create view public.customer_order_summary with (security_invoker = true) as
select c.id, c.first_name, c.last_name, c.email,
       count(o.id) as total_orders,
       coalesce(sum(o.total_amount), 0) as total_spent,
       max(o.created_at) as last_order_date
from public.customers c
left join public.orders o on o.customer_id = c.id and o.status = 'delivered'
group by c.id;
comment on view public.customer_order_summary is 'delivered orders of each customer';

create view public.wholesaler_product_summary with (security_invoker = true) as
select w.id, w.business_name, w.email,
       count(p.id) as total_products,
       count(p.id) filter (where p.is_active) as active_products,
       avg(p.retail_price) as average_price
from public.wholesalers w
left join public.products p on p.wholesaler_id = w.id
group by w.id;
comment on view public.wholesaler_product_summary is 'products of each wholesaler';

create view public.product_catalog with (security_invoker = true) as
select p.id, p.name, p.short_description, p.category, p.subcategory, p.category_id, p.brand, p.sku,
       p.images ->> 0 as image_url,
       coalesce(p.sale_price, p.retail_price) as price,
       case when p.retail_price > p.sale_price then p.retail_price end as compare_at_price,
       p.stock_quantity, p.status, p.average_rating, p.total_reviews, p.total_sales,
       p.wholesaler_id, w.name as wholesaler_name, p.created_at
from public.products p
join public.public_profiles w on w.id = p.wholesaler_id
where p.is_active and p.status in ('active', 'out_of_stock');
comment on view public.product_catalog is 'what is for sale, with its price outside live sessions';

create view public.live_sessions_with_influencer with (security_invoker = true) as
select l.id, l.session_code, l.title, l.description, l.status, l.visibility, l.thumbnail_url,
       l.scheduled_start_time, l.scheduled_end_time, l.actual_start_time, l.end_time,
       l.duration_minutes, l.peak_viewers, l.total_unique_viewers, l.influencer_id,
       i.name as influencer_name, i.is_verified as influencer_is_verified, i.followers_count
from public.live_sessions l
join public.public_profiles i on i.id = l.influencer_id;
comment on view public.live_sessions_with_influencer is 'live sessions with the public face of their influencer';

create view public.upcoming_live_sessions with (security_invoker = true) as
select * from public.live_sessions_with_influencer
where status = 'scheduled' and visibility = 'public'
  and scheduled_start_time > now() - interval '12 hours';
comment on view public.upcoming_live_sessions is 'what is announced and has not begun';

create view public.live_session_summary with (security_invoker = true) as
select l.id, l.influencer_id, l.title, l.status, l.actual_start_time, l.end_time, l.duration_minutes,
       l.total_joins, l.peak_viewers, l.total_unique_viewers, l.average_watch_time_minutes,
       l.total_messages, l.total_reactions, l.total_clicks, l.total_orders, l.total_sales_generated,
       l.conversion_rate,
       round(l.total_sales_generated / nullif(l.total_orders, 0), 2) as average_order_value
from public.live_sessions l;
comment on view public.live_session_summary is 'the figures of each live session';

create view public.influencer_summary with (security_invoker = true) as
select i.id, i.display_name, i.email, i.commission_rate, i.is_verified, i.total_live_sessions,
       i.total_viewers, i.average_session_duration, i.total_earnings, i.followers_count,
       coalesce((select max(l.peak_viewers) from public.live_sessions l where l.influencer_id = i.id), 0)
         as peak_viewers,
       (select count(*) from public.live_sessions l
        where l.influencer_id = i.id and l.end_time > now() - interval '30 days') as sessions_last_30_days,
       exists (select from public.live_sessions l
               where l.influencer_id = i.id and l.status in ('live', 'paused')) as is_on_air
from public.influencers i;
comment on view public.influencer_summary is 'influencers at a glance: one''s own, all for admins';

create view public.order_money with (security_invoker = true) as
select o.id, o.order_number, o.subtotal_minor, (o.tax_amount * 100)::bigint as tax_minor, o.shipping_minor,
       (o.discount_amount * 100)::bigint as discount_minor, o.total_minor,
       (o.influencer_commission * 100)::bigint as influencer_commission_minor, 'INR'::text as currency
from public.orders o;
comment on view public.order_money is 'the amounts of orders in paise';

create view public.order_item_money with (security_invoker = true) as
select i.id, i.order_id, i.unit_price_minor, i.total_price_minor,
       (i.wholesaler_commission * 100)::bigint as wholesaler_commission_minor,
       (i.influencer_commission * 100)::bigint as influencer_commission_minor, 'INR'::text as currency
from public.order_items i;
comment on view public.order_item_money is 'the amounts of order lines in paise';

revoke all on
  public.customer_order_summary, public.wholesaler_product_summary, public.product_catalog,
  public.live_sessions_with_influencer, public.upcoming_live_sessions, public.live_session_summary,
  public.influencer_summary, public.order_money, public.order_item_money
  from public, anon, authenticated, service_role;
grant select on
  public.customer_order_summary, public.wholesaler_product_summary, public.product_catalog,
  public.live_sessions_with_influencer, public.upcoming_live_sessions, public.live_session_summary,
  public.influencer_summary, public.order_money, public.order_item_money
  to authenticated, service_role;
grant select on
  public.product_catalog, public.live_sessions_with_influencer, public.upcoming_live_sessions
  to anon;
