-- Who may do what. Everything is closed until a line here opens it:
--
-- * a GRANT says which columns of a table a database role may touch at all;
-- * one policy per table, role and command says which rows;
-- * admins (a claim in app_metadata) read everything through the policies and write nothing: what an
--   admin changes goes through the server, which logs it;
-- * the server's own work runs as service_role, which the policy `service` lets at every row, so that
--   nothing here needs BYPASSRLS;
-- * functions that decide stand in `private`: no API reaches that schema.
--
-- Price, totals, rates, verification, tier, state, counters and replies are in no grant: only the
-- server writes them. tests/db/security/truth_table.toml says the same as data, and a test compares.

-- ---------------------------------------------------------------------------------------------
-- Definer functions that policies ask about other tables. Policies of two tables that query each other
-- would recurse; these see past row security and answer one question each.

create function private.order_has_items_of(
  p_order_id uuid, p_wholesaler_id uuid, p_influencer_id uuid)
returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (select from public.order_items
                   where order_id = p_order_id
                     and (wholesaler_id = p_wholesaler_id or influencer_id = p_influencer_id));
end $$;

create function private.is_order_of(p_order_id uuid, p_customer_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (select from public.orders where id = p_order_id and customer_id = p_customer_id);
end $$;

-- Of a return of a mixed order each wholesaler is concerned by its own items only.
create function private.return_has_items_of(p_return_id uuid, p_wholesaler_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (select from public.return_items t
                   join public.order_items i on i.id = t.order_item_id
                   where t.return_id = p_return_id and i.wholesaler_id = p_wholesaler_id);
end $$;

create function private.my_shown_product_ids() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select s.product_id
  from public.live_session_products s
  join public.live_sessions l on l.id = s.live_session_id
  where l.influencer_id = (select private.my_influencer_id())
$$;

-- ---------------------------------------------------------------------------------------------
-- Closed, and the service let in

do $$
declare
  t record;
begin
  for t in
    select n.nspname, c.relname, c.relkind, c.relispartition
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private') and c.relkind in ('r', 'p')
      and c.relname <> 'schema_migrations'
  loop
    execute format('alter table %I.%I enable row level security', t.nspname, t.relname);
    -- From service_role, too: a platform's default privileges may have given it TRUNCATE.
    execute format('revoke all on %I.%I from public, anon, authenticated, service_role',
                   t.nspname, t.relname);
    execute format('grant select, insert, update, delete on %I.%I to service_role', t.nspname, t.relname);
    if not exists (select from pg_catalog.pg_policies p
                   where p.schemaname = t.nspname and p.tablename = t.relname
                     and p.policyname = 'service') then
      execute format('create policy service on %I.%I for all to service_role '
                     'using (true) with check (true)', t.nspname, t.relname);
    end if;
  end loop;
end $$;
-- Append-only, for the service too.
revoke update, delete on public.audit_log, public.audit_chain, private.stock_moves from service_role;
revoke insert, update, delete on private.audit_unsealed from service_role;

revoke all on all sequences in schema public, private from public, anon, authenticated;
grant usage on all sequences in schema public, private to service_role;
revoke execute on all functions in schema public, private from public, anon, authenticated;
grant usage on schema private to anon, authenticated, service_role;
grant execute on all functions in schema public, private to service_role;

grant execute on function
  private.my_customer_id(), private.my_wholesaler_id(), private.my_influencer_id(), private.is_admin(),
  private.order_has_items_of(uuid, uuid, uuid), private.is_order_of(uuid, uuid),
  private.return_has_items_of(uuid, uuid), private.my_shown_product_ids()
  to authenticated;
grant execute on function private.unit_price_minor_v1(bigint, bigint, bigint, boolean)
  to anon, authenticated;
grant execute on function private.order_json_v1(uuid), private.new_session_code() to authenticated;

-- ---------------------------------------------------------------------------------------------
-- What everybody may read

grant select on
  public.products, public.product_variants, public.product_stock, public.categories,
  public.product_translations, public.public_profiles, public.live_sessions,
  public.live_session_products, public.reviews
  to anon, authenticated;
-- Of the chat, what was on the screen: not which account wrote it, nor what moderators noted.
grant select (id, live_session_id, username, message, message_type, is_influencer, is_moderator,
              is_deleted, reactions, parent_message_id, sent_at, edited_at)
  on public.live_session_chat to anon, authenticated;

create policy read_public on public.products for select to anon using (is_active);
create policy read on public.products for select to authenticated using (
  is_active
  or wholesaler_id = (select private.my_wholesaler_id())
  or (select private.is_admin())
  or ((select private.my_influencer_id()) is not null
      and id in (select private.my_shown_product_ids())));
create policy read_public on public.product_variants for select to anon using (
  exists (select from public.products p where p.id = product_id));
create policy read on public.product_variants for select to authenticated using (
  exists (select from public.products p where p.id = product_id));
create policy read_public on public.product_stock for select to anon using (
  exists (select from public.products p where p.id = product_id));
create policy read on public.product_stock for select to authenticated using (
  exists (select from public.products p where p.id = product_id));
create policy read_public on public.product_translations for select to anon using (
  exists (select from public.products p where p.id = product_id));
create policy read on public.product_translations for select to authenticated using (
  exists (select from public.products p where p.id = product_id));
create policy read_public on public.categories for select to anon using (is_active);
create policy read on public.categories for select to authenticated using (
  is_active or (select private.is_admin()));
create policy read_public on public.public_profiles for select to anon using (true);
create policy read on public.public_profiles for select to authenticated using (true);
create policy read_public on public.reviews for select to anon using (status = 'published');
create policy read on public.reviews for select to authenticated using (
  status = 'published'
  or customer_id = (select private.my_customer_id())
  or (select private.is_admin()));

-- Row security cannot tell who has the link: unlisted live sessions are read through the server, which
-- asks for it. Were they readable here, whoever lists the table would find them.
create policy read_public on public.live_sessions for select to anon using (visibility = 'public');
create policy read on public.live_sessions for select to authenticated using (
  visibility = 'public'
  or influencer_id = (select private.my_influencer_id())
  or (select private.is_admin()));
create policy read_public on public.live_session_products for select to anon using (
  exists (select from public.live_sessions l where l.id = live_session_id));
create policy read on public.live_session_products for select to authenticated using (
  exists (select from public.live_sessions l where l.id = live_session_id));
create policy read_public on public.live_session_chat for select to anon using (
  not is_deleted and exists (select from public.live_sessions l where l.id = live_session_id));
create policy read on public.live_session_chat for select to authenticated using (
  (not is_deleted and exists (select from public.live_sessions l where l.id = live_session_id))
  or (select private.is_admin()));

-- ---------------------------------------------------------------------------------------------
-- Profiles
--
-- The id is never the person's to choose: influencers and wholesalers share the ids of public_profiles,
-- so whoever could take the id of another would take the place of its public face.

grant select,
  insert (user_id, first_name, last_name, email, phone, date_of_birth, gender, address_line_1,
          address_line_2, city, state, postal_code, country, preferred_language,
          notification_preferences),
  update (first_name, last_name, email, phone, date_of_birth, gender, address_line_1,
          address_line_2, city, state, postal_code, country, preferred_language,
          notification_preferences)
  on public.customers to authenticated;
create policy read on public.customers for select to authenticated using (
  user_id = (select auth.uid()) or (select private.is_admin()));
create policy add on public.customers for insert to authenticated
  with check (user_id = (select auth.uid()));
create policy change on public.customers for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

-- The address of a profile is that of its account, whatever a client writes: by it the shop answers
-- and support knows who is asking.
create function private.keep_account_email() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not private.is_service_caller() and new.user_id = (select auth.uid()) then
    new.email := coalesce((select email from auth.users where id = new.user_id), '');
  end if;
  return new;
end $$;
create trigger of_the_account before insert or update of email on public.customers
  for each row execute function private.keep_account_email();
create trigger of_the_account before insert or update of email on public.wholesalers
  for each row execute function private.keep_account_email();
create trigger of_the_account before insert or update of email on public.influencers
  for each row execute function private.keep_account_email();

-- An upsert, as supabase-js sends it, sets every column that it brings, customer_id included.
grant select, delete,
  insert (id, customer_id, product_id, variant_id, live_session_id, quantity, unit_price,
          selected_color, selected_size, product_options),
  update (id, customer_id, product_id, variant_id, live_session_id, quantity, unit_price,
          selected_color, selected_size, product_options)
  on public.cart to authenticated;
create policy read on public.cart for select to authenticated using (
  customer_id = (select private.my_customer_id()) or (select private.is_admin()));
create policy add on public.cart for insert to authenticated
  with check (customer_id = (select private.my_customer_id()));
create policy change on public.cart for update to authenticated
  using (customer_id = (select private.my_customer_id()))
  with check (customer_id = (select private.my_customer_id()));
create policy remove on public.cart for delete to authenticated
  using (customer_id = (select private.my_customer_id()));

grant select, delete, insert (id, customer_id, product_id) on public.wishlist to authenticated;
create policy read on public.wishlist for select to authenticated using (
  customer_id = (select private.my_customer_id()) or (select private.is_admin()));
create policy add on public.wishlist for insert to authenticated
  with check (customer_id = (select private.my_customer_id()));
create policy remove on public.wishlist for delete to authenticated
  using (customer_id = (select private.my_customer_id()));

grant delete, insert (id, product_id, customer_id, rating, title, body, images),
  update (rating, title, body, images) on public.reviews to authenticated;
create policy add on public.reviews for insert to authenticated
  with check (customer_id = (select private.my_customer_id()));
create policy change on public.reviews for update to authenticated
  using (customer_id = (select private.my_customer_id()))
  with check (customer_id = (select private.my_customer_id()));
create policy remove on public.reviews for delete to authenticated
  using (customer_id = (select private.my_customer_id()));

grant select, delete, insert (user_id, influencer_id, is_notified), update (is_notified)
  on public.follows to authenticated;
create policy read on public.follows for select to authenticated using (
  user_id = (select auth.uid()) or (select private.is_admin()));
create policy add on public.follows for insert to authenticated
  with check (user_id = (select auth.uid()));
create policy change on public.follows for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy remove on public.follows for delete to authenticated
  using (user_id = (select auth.uid()));

grant select, update (is_read, read_at, is_deleted, deleted_at) on public.notifications to authenticated;
create policy read on public.notifications for select to authenticated using (
  user_id = (select auth.uid()) or (select private.is_admin()));
create policy change on public.notifications for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

-- ---------------------------------------------------------------------------------------------
-- Orders: read by those they concern, written by the server. INSERT is granted without a policy, so
-- that a client who tries gets the sentence of the trigger and not "permission denied".

grant select, insert on public.orders, public.order_items to authenticated;
create policy read on public.orders for select to authenticated using (
  customer_id = (select private.my_customer_id())
  or influencer_id = (select private.my_influencer_id())
  or (select private.is_admin())
  or (((select private.my_wholesaler_id()) is not null or (select private.my_influencer_id()) is not null)
      and private.order_has_items_of(id, (select private.my_wholesaler_id()),
                                     (select private.my_influencer_id()))));
create policy read on public.order_items for select to authenticated using (
  wholesaler_id = (select private.my_wholesaler_id())
  or influencer_id = (select private.my_influencer_id())
  or (select private.is_admin())
  or ((select private.my_customer_id()) is not null
      and private.is_order_of(order_id, (select private.my_customer_id()))));

grant select, insert (id, order_id, customer_id, reason, comment) on public.returns to authenticated;
create policy read on public.returns for select to authenticated using (
  customer_id = (select private.my_customer_id())
  or (select private.is_admin())
  or ((select private.my_wholesaler_id()) is not null
      and private.return_has_items_of(id, (select private.my_wholesaler_id()))));
create policy add on public.returns for insert to authenticated
  with check (customer_id = (select private.my_customer_id()));
grant select, insert (id, return_id, order_item_id, quantity) on public.return_items to authenticated;
create policy read on public.return_items for select to authenticated using (
  exists (select from public.returns r where r.id = return_id)
  and exists (select from public.order_items i where i.id = order_item_id));
create policy add on public.return_items for insert to authenticated
  with check (exists (select from public.returns r where r.id = return_id and r.status = 'requested'
                        and r.customer_id = (select private.my_customer_id())));
grant select on public.refunds to authenticated;
create policy read on public.refunds for select to authenticated using (
  (select private.is_admin())
  or ((select private.my_customer_id()) is not null
      and private.is_order_of(order_id, (select private.my_customer_id()))));

-- ---------------------------------------------------------------------------------------------
-- Support

grant select,
  insert (id, customer_id, order_id, subject, message, category, customer_email, customer_phone)
  on public.queries to authenticated;
create policy read on public.queries for select to authenticated using (
  customer_id = (select private.my_customer_id()) or (select private.is_admin()));
create policy add on public.queries for insert to authenticated
  with check (customer_id = (select private.my_customer_id()));
grant select, insert (id, query_id, author_kind, body) on public.query_messages to authenticated;
create policy read on public.query_messages for select to authenticated using (
  exists (select from public.queries q where q.id = query_id));
create policy add on public.query_messages for insert to authenticated
  with check (author_kind = 'customer'
              and exists (select from public.queries q where q.id = query_id
                            and q.customer_id = (select private.my_customer_id())));

-- ---------------------------------------------------------------------------------------------
-- Wholesalers

grant select,
  insert (user_id, business_name, contact_person_name, email, phone, business_registration_number,
          business_type, business_address_line_1, business_address_line_2, city, state, postal_code,
          country, bank_name, bank_branch),
  update (business_name, contact_person_name, email, phone, business_registration_number,
          business_type, business_address_line_1, business_address_line_2, city, state, postal_code,
          country, bank_name, bank_branch)
  on public.wholesalers to authenticated;
create policy read on public.wholesalers for select to authenticated using (
  user_id = (select auth.uid()) or (select private.is_admin()));
create policy add on public.wholesalers for insert to authenticated
  with check (user_id = (select auth.uid()));
create policy change on public.wholesalers for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

grant delete,
  insert (id, wholesaler_id, name, description, short_description, sku, barcode, category, subcategory,
          category_id, brand, tags, wholesale_price, retail_price, sale_price, discount_percentage,
          stock_quantity, min_stock_level, max_stock_level, weight, dimensions, color, size, images,
          videos, meta_title, meta_description, keywords, is_active, is_live_stream_eligible, status),
  update (name, description, short_description, sku, barcode, category, subcategory,
          category_id, brand, tags, wholesale_price, retail_price, sale_price, discount_percentage,
          stock_quantity, min_stock_level, max_stock_level, weight, dimensions, color, size, images,
          videos, meta_title, meta_description, keywords, is_active, is_live_stream_eligible, status)
  on public.products to authenticated;
create policy add on public.products for insert to authenticated
  with check (wholesaler_id = (select private.my_wholesaler_id()));
create policy change on public.products for update to authenticated
  using (wholesaler_id = (select private.my_wholesaler_id()))
  with check (wholesaler_id = (select private.my_wholesaler_id()));
create policy remove on public.products for delete to authenticated
  using (wholesaler_id = (select private.my_wholesaler_id()));

grant delete, insert (id, product_id, sku, color, size, label, price, position),
  update (sku, color, size, label, price, position) on public.product_variants to authenticated;
grant insert (variant_id, product_id, on_hand), update (variant_id, product_id, on_hand)
  on public.product_stock to authenticated;
grant delete,
  insert (product_id, locale, name, short_description, description, meta_title, meta_description),
  update (product_id, locale, name, short_description, description, meta_title, meta_description)
  on public.product_translations to authenticated;
do $$
declare
  t text;
  own constant text := '(exists (select from public.products p where p.id = product_id '
                       'and p.wholesaler_id = (select private.my_wholesaler_id())))';
begin
  foreach t in array array['product_variants', 'product_stock', 'product_translations'] loop
    execute format('create policy add on public.%I for insert to authenticated with check %s', t, own);
    execute format('create policy change on public.%I for update to authenticated using %s with check %s',
                   t, own, own);
    if t <> 'product_stock' then
      execute format('create policy remove on public.%I for delete to authenticated using %s', t, own);
    end if;
  end loop;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Influencers

grant select,
  insert (user_id, first_name, last_name, display_name, email, phone, instagram_handle,
          youtube_channel, tiktok_handle, bio, category, experience_years, bank_name),
  update (first_name, last_name, display_name, email, phone, instagram_handle,
          youtube_channel, tiktok_handle, bio, category, experience_years, bank_name)
  on public.influencers to authenticated;
create policy read on public.influencers for select to authenticated using (
  user_id = (select auth.uid()) or (select private.is_admin()));
create policy add on public.influencers for insert to authenticated
  with check (user_id = (select auth.uid()));
create policy change on public.influencers for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

grant delete,
  insert (id, influencer_id, title, description, scheduled_start_time, scheduled_end_time, visibility,
          thumbnail_url, max_viewers, is_recording_enabled, is_chat_enabled, is_products_showcase,
          stream_quality),
  update (title, description, scheduled_start_time, scheduled_end_time, visibility,
          thumbnail_url, max_viewers, is_recording_enabled, is_chat_enabled, is_products_showcase,
          stream_quality)
  on public.live_sessions to authenticated;
create policy add on public.live_sessions for insert to authenticated
  with check (influencer_id = (select private.my_influencer_id()));
create policy change on public.live_sessions for update to authenticated
  using (influencer_id = (select private.my_influencer_id()))
  with check (influencer_id = (select private.my_influencer_id()));
-- What has been on air is history.
create policy remove on public.live_sessions for delete to authenticated
  using (influencer_id = (select private.my_influencer_id()) and status = 'scheduled');

-- The price of a product in a live session concerns its wholesaler, too: the server writes it.
grant delete, insert (id, live_session_id, product_id, display_order),
  update (display_order) on public.live_session_products to authenticated;
create policy add on public.live_session_products for insert to authenticated with check (
  exists (select from public.live_sessions l where l.id = live_session_id
            and l.influencer_id = (select private.my_influencer_id()))
  and exists (select from public.products p where p.id = product_id
                and p.is_active and p.is_live_stream_eligible));
create policy change on public.live_session_products for update to authenticated
  using (exists (select from public.live_sessions l where l.id = live_session_id
                   and l.influencer_id = (select private.my_influencer_id())))
  with check (exists (select from public.live_sessions l where l.id = live_session_id
                        and l.influencer_id = (select private.my_influencer_id())));
create policy remove on public.live_session_products for delete to authenticated
  using (exists (select from public.live_sessions l where l.id = live_session_id
                   and l.influencer_id = (select private.my_influencer_id())));

grant select on public.live_session_viewers, public.live_session_analytics to authenticated;
create policy read on public.live_session_viewers for select to authenticated using (
  user_id = (select auth.uid())
  or (select private.is_admin())
  or exists (select from public.live_sessions l where l.id = live_session_id
               and l.influencer_id = (select private.my_influencer_id())));
create policy read on public.live_session_analytics for select to authenticated using (
  (select private.is_admin())
  or exists (select from public.live_sessions l where l.id = live_session_id
               and l.influencer_id = (select private.my_influencer_id())));

grant select, delete,
  insert (id, influencer_id, title, description, thumbnail_url, first_date, start_time, end_time,
          timezone, is_recurring, recurrence_pattern, recurrence_end_date, days_of_week, product_ids,
          category, target_audience, promotion_message, status),
  update (title, description, thumbnail_url, first_date, start_time, end_time,
          timezone, is_recurring, recurrence_pattern, recurrence_end_date, days_of_week, product_ids,
          category, target_audience, promotion_message, status)
  on public.live_session_schedules to authenticated;
grant select,
  insert (influencer_id, email_notifications, push_notifications, sms_notifications,
          notification_frequency, auto_record, stream_quality, chat_moderation_level,
          profile_visibility, show_earnings, show_follower_count, goal_period, goal_reminder,
          dashboard_theme, preferred_currency, timezone),
  update (influencer_id, email_notifications, push_notifications, sms_notifications,
          notification_frequency, auto_record, stream_quality, chat_moderation_level,
          profile_visibility, show_earnings, show_follower_count, goal_period, goal_reminder,
          dashboard_theme, preferred_currency, timezone)
  on public.influencer_settings to authenticated;
grant select, delete,
  insert (id, influencer_id, goal_type, title, period_type, start_date, end_date, target_value, unit),
  update (title, period_type, start_date, end_date, target_value, unit)
  on public.influencer_goals to authenticated;
grant select on public.influencer_achievements, public.influencer_earnings, public.influencer_analytics
  to authenticated;
do $$
declare
  t text;
  own constant text := '(influencer_id = (select private.my_influencer_id()))';
begin
  foreach t in array array['live_session_schedules', 'influencer_settings', 'influencer_goals',
                           'influencer_achievements', 'influencer_earnings', 'influencer_analytics'] loop
    execute format('create policy read on public.%I for select to authenticated using '
                   '(influencer_id = (select private.my_influencer_id()) or (select private.is_admin()))', t);
  end loop;
  foreach t in array array['live_session_schedules', 'influencer_settings', 'influencer_goals'] loop
    execute format('create policy add on public.%I for insert to authenticated with check %s', t, own);
    execute format('create policy change on public.%I for update to authenticated using %s with check %s',
                   t, own, own);
  end loop;
  foreach t in array array['live_session_schedules', 'influencer_goals'] loop
    execute format('create policy remove on public.%I for delete to authenticated using %s', t, own);
  end loop;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Admins

grant select on public.staff_notes, public.audit_log, public.audit_chain to authenticated;
create policy read on public.staff_notes for select to authenticated using ((select private.is_admin()));
create policy read on public.audit_log for select to authenticated using ((select private.is_admin()));
create policy read on public.audit_chain for select to authenticated using ((select private.is_admin()));

-- ---------------------------------------------------------------------------------------------
-- What the tables behind the tables are for

comment on table private.idempotency is
  'one row per answered order.place: whoever sends the same key gets the same answer';
comment on table private.login_links is 'one-time log-in links, by their hash';
comment on table private.metric_batches is
  'batches of counters that are in the tables already: none is added twice';
comment on table private.outbox is
  'what the live sessions are to hear of, written with the fact itself and sent afterwards';
comment on table private.refresh_tokens is 'long-lived tokens of people who are logged in, by their hash';
comment on table private.schema_migrations is 'which migrations have run, with their checksums';
comment on table private.stock_holds is 'stock that is promised for a time';
