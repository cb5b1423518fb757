-- A media process carries this live session from now on.
-- KEYS: source of the live session. ARGV: source, node.
redis.call('HSET', KEYS[1], 'source', ARGV[1], 'node', ARGV[2], 'available', 1)
return 1
