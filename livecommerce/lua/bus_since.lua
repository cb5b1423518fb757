-- What came after an offset. KEYS: meta, stream. ARGV: offset, how many at most.
-- Returns {epoch, top offset, {{id, {field, body}}, ...}}; epoch is "" when the bus holds nothing.
local epoch = redis.call('HGET', KEYS[1], 'epoch') or ''
local offset = redis.call('HGET', KEYS[1], 'offset') or '0'
local from = '(' .. ARGV[1] .. '-1'
return {epoch, offset, redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', ARGV[2])}
