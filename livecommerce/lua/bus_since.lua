-- What came after the last event that a process has told, and whether Redis still holds that one.
-- KEYS: meta, stream. ARGV: epoch, offset and mark of that event, how many at most, an epoch to start
-- with, seconds to keep, 1 when the process has told more since under an epoch of its own.
-- Returns {epoch, top offset, mark of the event at that offset, {{id, {field, body, field, mark}}, ...}};
-- the mark is "" when it is not known.
-- When the event is not there any more, or is another one, or the server is another one or was started
-- since, then some process may have told what Redis has lost: another epoch begins. Who knows the mark
-- goes on in it from the same offset. So it is when a process has told more: the same place would
-- stand for what was heard before that and after it.
local epoch, offset, mark = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
local known = redis.call('HMGET', KEYS[1], 'epoch', 'offset', 'mark', 'server')
local top = tonumber(known[2] or 0)
if not known[1] then
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'offset', 0)
  top = 0
end

-- The second value: it is only too old to be kept.
local function mark_there()
  if offset > top then
    return '', false
  elseif offset == 0 then
    return '', false
  elseif offset == top then
    return known[3] or '', false
  end
  local found = redis.call('XRANGE', KEYS[2], offset .. '-1', '+', 'COUNT', 1)
  if not found[1] or found[1][1] ~= offset .. '-1' then
    local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
    return '', first[1] and tonumber(string.match(first[1][1], '^%d+')) > offset
  end
  return found[1][2][4] or '', false
end

local there, is_trimmed = mark_there()
local is_torn = known[1] == epoch and there ~= mark and not is_trimmed
local is_doubled = known[1] == epoch and ARGV[7] == '1'
if not known[1] or known[4] ~= server or is_torn or is_doubled then
  redis.call('HSET', KEYS[1], 'epoch', ARGV[5], 'server', server)
  redis.call('EXPIRE', KEYS[1], ARGV[6])
  known[1] = ARGV[5]
end
local entries = redis.call('XRANGE', KEYS[2], '(' .. offset .. '-1', '+', 'COUNT', ARGV[4])
return {known[1], top, there, entries}
