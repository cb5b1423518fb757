-- Payment details of wholesalers and influencers, which are sealed by the application: no statement
-- here ever carries one in clear. Reading acts as who asks, so row security decides; writing is the
-- service's.

-- name: lock_keys
-- While a transaction holds this, no sealing key is taken out; so what it seals stays readable.
select pg_advisory_xact_lock_shared(hashtextextended('sealing.keys', 0));

-- name: lock_keys_alone
-- Waits for every transaction that is sealing something, and keeps new ones waiting.
select pg_advisory_xact_lock(hashtextextended('sealing.keys', 0));

-- name: wholesaler_details
-- Of the wholesaler whose account ($1) or own id ($2) this is, as far as the asking person may see
-- it; no row otherwise. details has what is set.
select w.id, jsonb_strip_nulls(jsonb_build_object(
         'gst_number', w.gst_number, 'pan_number', w.pan_number,
         'bank_account_number', w.bank_account_number, 'ifsc_code', w.ifsc_code,
         'bank_name', w.bank_name)) as details
from public.wholesalers w
where w.user_id = $1::uuid or w.id = $2::uuid;

-- name: influencer_details
-- The same of an influencer.
select i.id, jsonb_strip_nulls(jsonb_build_object(
         'gst_number', i.gst_number, 'pan_number', i.pan_number,
         'bank_account_number', i.bank_account_number, 'ifsc_code', i.ifsc_code,
         'upi_id', i.upi_id, 'bank_name', i.bank_name)) as details
from public.influencers i
where i.user_id = $1::uuid or i.id = $2::uuid;

-- name: lock_wholesaler_details
-- As wholesaler_details of an account; nobody else changes them until the transaction ends. No row
-- when the account is no wholesaler, or one that was switched off.
select w.id, jsonb_strip_nulls(jsonb_build_object(
         'gst_number', w.gst_number, 'pan_number', w.pan_number,
         'bank_account_number', w.bank_account_number, 'ifsc_code', w.ifsc_code,
         'bank_name', w.bank_name)) as details
from public.wholesalers w
where w.user_id = $1::uuid and w.is_active
for no key update;

-- name: lock_influencer_details
-- The same of an influencer.
select i.id, jsonb_strip_nulls(jsonb_build_object(
         'gst_number', i.gst_number, 'pan_number', i.pan_number,
         'bank_account_number', i.bank_account_number, 'ifsc_code', i.ifsc_code,
         'upi_id', i.upi_id, 'bank_name', i.bank_name)) as details
from public.influencers i
where i.user_id = $1::uuid and i.is_active
for no key update;

-- name: put_wholesaler_details
-- Sets all of them to what $2 has, and to null what it has not.
update public.wholesalers
set gst_number = $2::jsonb ->> 'gst_number', pan_number = $2::jsonb ->> 'pan_number',
    bank_account_number = $2::jsonb ->> 'bank_account_number',
    ifsc_code = $2::jsonb ->> 'ifsc_code', bank_name = $2::jsonb ->> 'bank_name'
where id = $1::uuid;

-- name: put_influencer_details
-- The same of an influencer.
update public.influencers
set gst_number = $2::jsonb ->> 'gst_number', pan_number = $2::jsonb ->> 'pan_number',
    bank_account_number = $2::jsonb ->> 'bank_account_number',
    ifsc_code = $2::jsonb ->> 'ifsc_code', upi_id = $2::jsonb ->> 'upi_id',
    bank_name = $2::jsonb ->> 'bank_name'
where id = $1::uuid;

-- name: values_by_key
-- How many sealed values there are under each key.
select split_part(sealed.value, ':', 3) as key_id, count(*)::integer as count
from (
  select unnest(array[gst_number, pan_number, bank_account_number, ifsc_code])
  from public.wholesalers
  union all
  select unnest(array[gst_number, pan_number, bank_account_number, ifsc_code, upi_id])
  from public.influencers
) sealed (value)
where sealed.value is not null
group by 1 order by 1;

-- name: wholesalers_to_reseal
-- The next $3 wholesalers after $2 that have a value under another key than $1.
select w.id, jsonb_strip_nulls(jsonb_build_object(
         'gst_number', w.gst_number, 'pan_number', w.pan_number,
         'bank_account_number', w.bank_account_number, 'ifsc_code', w.ifsc_code)) as details
from public.wholesalers w
where w.id > $2::uuid
  and exists (
    select from unnest(array[w.gst_number, w.pan_number, w.bank_account_number, w.ifsc_code]) value
    where split_part(value, ':', 3) <> $1::text)
order by w.id limit $3::integer;

-- name: influencers_to_reseal
-- The same of influencers.
select i.id, jsonb_strip_nulls(jsonb_build_object(
         'gst_number', i.gst_number, 'pan_number', i.pan_number,
         'bank_account_number', i.bank_account_number, 'ifsc_code', i.ifsc_code,
         'upi_id', i.upi_id)) as details
from public.influencers i
where i.id > $2::uuid
  and exists (
    select from unnest(array[i.gst_number, i.pan_number, i.bank_account_number, i.ifsc_code,
                             i.upi_id]) value
    where split_part(value, ':', 3) <> $1::text)
order by i.id limit $3::integer;

-- name: put_resealed_wholesalers
-- $1 is a list of {id, before, after}. A row that is no longer as before is left alone: somebody
-- has given other details meanwhile. The ids of those that were written.
update public.wholesalers w
set gst_number = r.after ->> 'gst_number', pan_number = r.after ->> 'pan_number',
    bank_account_number = r.after ->> 'bank_account_number', ifsc_code = r.after ->> 'ifsc_code'
from jsonb_to_recordset($1::jsonb) r (id uuid, before jsonb, after jsonb)
where w.id = r.id
  and (w.gst_number, w.pan_number, w.bank_account_number, w.ifsc_code) is not distinct from
      (r.before ->> 'gst_number', r.before ->> 'pan_number',
       r.before ->> 'bank_account_number', r.before ->> 'ifsc_code')
returning w.id;

-- name: put_resealed_influencers
-- The same of influencers.
update public.influencers i
set gst_number = r.after ->> 'gst_number', pan_number = r.after ->> 'pan_number',
    bank_account_number = r.after ->> 'bank_account_number', ifsc_code = r.after ->> 'ifsc_code',
    upi_id = r.after ->> 'upi_id'
from jsonb_to_recordset($1::jsonb) r (id uuid, before jsonb, after jsonb)
where i.id = r.id
  and (i.gst_number, i.pan_number, i.bank_account_number, i.ifsc_code, i.upi_id)
      is not distinct from
      (r.before ->> 'gst_number', r.before ->> 'pan_number',
       r.before ->> 'bank_account_number', r.before ->> 'ifsc_code', r.before ->> 'upi_id')
returning i.id;
