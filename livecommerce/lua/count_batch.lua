-- Take in the numbered batches of one source, each once, with the viewers it saw.
-- KEYS: batches of the live session (a list), its sources (a hash), its viewers (a HyperLogLog), its
-- latest taps (a sorted set).
-- ARGV: source, the newest number that the source thinks is here, bytes that may wait, seconds to
-- remember sources and viewers, then number, body, viewers and taps (16 bytes each) per batch, in order.
-- Returns the newest number that is here and the newest that Postgres holds. Is the first less than
-- the source thinks, nothing was taken in: what was lost has to come first. When too much waits for
-- Postgres, nothing is taken in either.
local TAPS_MAX, TAPS_S = 100000, 120
local source = ARGV[1]
local told = tonumber(redis.call('HGET', KEYS[2], source .. ':told') or 0)
local flushed = tonumber(redis.call('HGET', KEYS[2], source .. ':flushed') or 0)
if told < tonumber(ARGV[2]) then
  return {told, flushed}
end

local function ids_of(text)
  local ids = {}
  for at = 1, #text, 16 do
    ids[#ids + 1] = string.sub(text, at, at + 15)
  end
  return ids
end

-- The places, from 0, of the taps that came before, by whatever process. Beyond TAPS_MAX they are
-- not looked at.
local function repeated_of(taps)
  local now = tonumber(redis.call('TIME')[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - TAPS_S)
  local places = {}
  if redis.call('ZCARD', KEYS[4]) > TAPS_MAX then
    return places
  end
  for place, id in ipairs(ids_of(taps)) do
    if redis.call('ZADD', KEYS[4], 'NX', now, id) == 0 then
      places[#places + 1] = place - 1
    end
  end
  redis.call('EXPIRE', KEYS[4], TAPS_S)
  return places
end

local first = told
local bytes = tonumber(redis.call('HGET', KEYS[2], 'bytes') or 0)
for i = 5, #ARGV, 4 do
  local number, body, viewers, taps = tonumber(ARGV[i]), ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if bytes > tonumber(ARGV[3]) then
    break
  end
  if number > told then
    local repeated = ''
    if #taps > 0 then
      repeated = table.concat(repeated_of(taps), ',')
    end
    if #viewers > 0 then
      redis.call('PFADD', KEYS[3], unpack(ids_of(viewers)))
      redis.call('EXPIRE', KEYS[3], ARGV[4])
    end
    local batch = source .. '|' .. ARGV[i] .. '|' .. repeated .. '|' .. body
    redis.call('RPUSH', KEYS[1], batch)
    bytes = bytes + #batch
    told = number
  end
end
if told > first then
  redis.call('HSET', KEYS[2], source .. ':told', told, 'bytes', bytes)
  redis.call('EXPIRE', KEYS[2], ARGV[4])
end
return {told, flushed}
