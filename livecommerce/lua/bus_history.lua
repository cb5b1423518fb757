-- The newest events. KEYS: meta, stream. ARGV: how many.
-- Returns {epoch, {{id, {field, body}}, ...}}, newest first; epoch is "" when the bus holds nothing.
local epoch = redis.call('HGET', KEYS[1], 'epoch') or ''
return {epoch, redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', ARGV[1])}
