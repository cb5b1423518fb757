-- Forget a batch that Postgres holds. KEYS: the batch, pending. ARGV: the batch's id.
redis.call('DEL', KEYS[1])
return redis.call('SREM', KEYS[2], ARGV[1])
