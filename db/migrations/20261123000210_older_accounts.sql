-- Profiles for accounts from before profiles were made automatically; apart, because it looks at all
-- accounts, and the file before holds tables that checkouts read.

insert into public.customers (id, user_id, email, first_name)
select private.automatic_profile_id(u.id), u.id, coalesce(u.email, ''),
       left(coalesce(private.first_text(u.raw_user_meta_data, 'display_name'),
                     nullif(split_part(coalesce(u.email, ''), '@', 1), ''), 'Member'), 50)
from auth.users u
where private.sign_up_kind(coalesce(u.raw_app_meta_data, '{}'), coalesce(u.raw_user_meta_data, '{}'))
        = 'customer'
  and not u.is_anonymous and u.deleted_at is null
  and not exists (select from public.customers c where c.user_id = u.id)
  and not exists (select from public.wholesalers w where w.user_id = u.id)
  and not exists (select from public.influencers i where i.user_id = u.id);
