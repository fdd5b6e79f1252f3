"""Scripts: what Redis does in one step for us, in its own language (Lua 5.1).

The keys below a prefix, which every script is given first, and what they hold:

    lock:ID      who is in the session now; it ends by itself after a lease
    waiting:ID   somebody has found the lock taken
    meta:ID      born (names this life of the session), seq (counts what was written), commit (who
                 wrote last), floor (older copies can't be brought up to date), rings, requests
    leaves:ID    the state, piece by piece: the name of each, and its bytes
    order:ID     the names by when each was written last
    gone:ID      the names of pieces that are no more, by when they went
    obituary:ID  when and why the session of that id was forgotten
    sessions     the ids by when each was used last
    sizes, bytes what each session takes, and all of them
    numbers      how many free ids have been given
    secret       what makes the digests of tokens, and the control token, equal on all servers

A script is all or nothing, and nothing else runs meanwhile. They build the names of keys
themselves, so a cluster of Redis servers can't run them; one primary can.
"""

from __future__ import annotations

_COMMON = """
local prefix, id = KEYS[1], ARGV[1]
local function key(kind, of) return prefix .. kind .. ':' .. (of or id) end
local clock = redis.call('TIME')
local now = clock[1] .. '.' .. string.format('%06d', clock[2])

local function forget(of, why)
  for _, kind in ipairs({'meta', 'leaves', 'order', 'gone'}) do redis.call('DEL', key(kind, of)) end
  redis.call('ZREM', prefix .. 'sessions', of)
  local size = redis.call('HGET', prefix .. 'sizes', of)
  if size then
    redis.call('HDEL', prefix .. 'sizes', of)
    redis.call('DECRBY', prefix .. 'bytes', size)
  end
  local seconds = why == 'removed' and 600 or 86400
  redis.call('SET', key('obituary', of), now .. ' ' .. why, 'EX', seconds)
end

local function forget_idle(ttl)
  local ended = string.format('%.6f', tonumber(now) - ttl)
  local idle = redis.call('ZRANGEBYSCORE', prefix .. 'sessions', '-inf', ended, 'LIMIT', 0, 50)
  for _, of in ipairs(idle) do
    if of == id or redis.call('EXISTS', key('lock', of)) == 0 then forget(of, 'idle') end
  end
end
"""

#: Go into a session, unless somebody is in it. Gives: 0 or 1, the time in seconds and
#: microseconds, the secret, born, seq, whether all is told, what was written (name, value, …)
#: since the copy that the caller has, what has gone since, and an obituary.
ENTER = (
    _COMMON
    + """
local owner, lease, born, seq, ttl, secret = unpack(ARGV, 2)
if not redis.call('SET', prefix .. 'secret', secret, 'NX') then
  secret = redis.call('GET', prefix .. 'secret')
end
local holder = redis.call('GET', key('lock'))
if holder and holder ~= owner then
  redis.call('SET', key('waiting'), '1', 'PX', 1000)
  return {0, clock[1], clock[2], secret}
end
-- The lock comes last: what fails before, as on a key of another kind, must keep nobody out.
local function lock() redis.call('SET', key('lock'), owner, 'PX', lease) end
forget_idle(tonumber(ttl))
local there = redis.call('HMGET', key('meta'), 'born', 'seq', 'floor')
if not there[1] then
  local obituary = redis.call('GET', key('obituary')) or ''
  lock()
  return {1, clock[1], clock[2], secret, '', '0', 1, {}, {}, obituary}
end
local is_whole = there[1] ~= born or tonumber(seq) < tonumber(there[3])
local since = is_whole and '-inf' or '(' .. seq
local written, gone = {}, {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', key('order'), since, '+inf')) do
  written[#written + 1] = name
  written[#written + 1] = redis.call('HGET', key('leaves'), name) or ''
end
if not is_whole then gone = redis.call('ZRANGEBYSCORE', key('gone'), since, '+inf') end
lock()
return {1, clock[1], clock[2], secret, there[1], there[2], is_whole and 1 or 0, written, gone, ''}
"""
)

#: Write what has changed and leave. Gives "kept", "lost" where the session is no more as it was
#: when the caller entered, and then seq and whether somebody waits.
LEAVE = (
    _COMMON
    + """
local owner, born, seq, action, new_born = unpack(ARGV, 2, 6)
local meta, leaves, order, gone = key('meta'), key('leaves'), key('order'), key('gone')
if redis.call('GET', key('lock')) ~= owner then
  -- An answer that was lost on its way is asked for again.
  local last = redis.call('HMGET', meta, 'commit', 'seq')
  if last[1] == owner then return {'kept', last[2], 0} end
  return {'lost', '0', 0}
end
redis.call('DEL', key('lock'))
local waits = redis.call('DEL', key('waiting'))
local there = redis.call('HMGET', meta, 'born', 'seq')
if (there[1] or '') ~= born or (there[2] or '0') ~= seq then return {'lost', '0', waits} end
if action == 'look' then return {'kept', seq, waits} end
if action == 'remove' then
  forget(id, 'removed')
  return {'kept', '0', waits}
end

local ttl, most, most_bytes, size, rings, requests, count = unpack(ARGV, 7, 13)
local expires = math.min(math.ceil(tonumber(ttl)), 1000000000) + 3600
local at, last = 14, tonumber(seq)
if new_born ~= '' then  -- Of an older one somebody may have removed a part.
  redis.call('DEL', meta, leaves, order, gone, key('obituary'))
  redis.call('HSET', meta, 'born', new_born, 'floor', '0')
end
for _ = 1, tonumber(count) do  -- What was written: the name, 1, the bytes; or the name, 0.
  local name, has_value = ARGV[at], ARGV[at + 1] == '1'
  last = last + 1
  if has_value then redis.call('HSET', leaves, name, ARGV[at + 2]) end
  redis.call('ZADD', order, last, name)
  redis.call('ZREM', gone, name)
  at = at + (has_value and 3 or 2)
end
for place = at, #ARGV do
  last = last + 1
  redis.call('HDEL', leaves, ARGV[place])
  redis.call('ZREM', order, ARGV[place])
  redis.call('ZADD', gone, last, ARGV[place])
end
if redis.call('ZCARD', gone) > 1000 then
  redis.call('HSET', meta, 'floor', redis.call('ZRANGE', gone, 499, 499, 'WITHSCORES')[2])
  redis.call('ZREMRANGEBYRANK', gone, 0, 499)
end
last = string.format('%.0f', last)
redis.call('HSET', meta, 'seq', last, 'commit', owner, 'rings', rings, 'requests', requests)
redis.call('ZADD', prefix .. 'sessions', now, id)
redis.call('INCRBY', prefix .. 'bytes', size - (redis.call('HGET', prefix .. 'sizes', id) or 0))
redis.call('HSET', prefix .. 'sizes', id, size)
-- Nobody asks for the last session of a server that is no more.
for _, name in ipairs({meta, leaves, order, gone, prefix .. 'sessions', prefix .. 'sizes',
                       prefix .. 'bytes'}) do
  redis.call('EXPIRE', name, expires)
end

local function forget_idlest(why)
  for _, of in ipairs(redis.call('ZRANGE', prefix .. 'sessions', 0, 99)) do
    if of ~= id and redis.call('EXISTS', key('lock', of)) == 0 then
      forget(of, why)
      return true
    end
  end
  return false
end
while redis.call('ZCARD', prefix .. 'sessions') > tonumber(most) and forget_idlest('number') do end
while tonumber(redis.call('GET', prefix .. 'bytes')) > tonumber(most_bytes)
  and forget_idlest('bytes') do end
return {'kept', last, waits}
"""
)

#: Forget a session as it is, whatever its keys hold, unless somebody is in it. Gives how many of
#: its keys there were, or -1.
DISCARD = (
    _COMMON
    + """
if redis.call('EXISTS', key('lock')) == 1 then
  redis.call('SET', key('waiting'), '1', 'PX', 1000)
  return -1
end
local keys = redis.call('EXISTS', key('meta'), key('leaves'), key('order'), key('gone'))
if keys > 0 then forget(id, 'removed') end
return keys
"""
)

#: All sessions, the one that was idle longest first: id, requests, and when it was used last.
LIST = (
    _COMMON
    + """
forget_idle(tonumber(ARGV[2]))
local listed = {}
local known = redis.call('ZRANGE', prefix .. 'sessions', 0, -1, 'WITHSCORES')
for at = 1, #known, 2 do
  local requests = redis.call('HGET', key('meta', known[at]), 'requests')
  if requests then listed[#listed + 1] = {known[at], requests, known[at + 1]} end
end
return listed
"""
)

#: An id that no session has, of which there was none before.
FREE_ID = """
while true do
  local id = 'session-' .. redis.call('INCR', KEYS[1] .. 'numbers')
  if redis.call('EXISTS', KEYS[1] .. 'meta:' .. id) == 0 then return id end
end
"""

ALL = (ENTER, LEAVE, DISCARD, LIST, FREE_ID)
