-- no-transaction
create index concurrently if not exists payments_capture_reference
  on private.payments (provider, capture_reference) where capture_reference is not null;
