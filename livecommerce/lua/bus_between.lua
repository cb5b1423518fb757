-- What came after an offset. KEYS: meta, stream. ARGV: offset, how many at most.
-- Returns {epoch, {{id, {field, body, field, mark}}, ...}}; epoch is "" when the bus holds nothing, and when
-- the server was started since or is another one, until a process has looked (see bus_since).
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
local known = redis.call('HMGET', KEYS[1], 'epoch', 'server')
if not known[1] or known[2] ~= server then
  return {'', {}}
end
local from = '(' .. ARGV[1] .. '-1'
return {known[1], redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', ARGV[2])}
