"""The scripts of the driver location index. `redis_driver_commands` tells of its keys."""

from __future__ import annotations

from shared.adapters.redis_script import Script
from shared.tracking.domain import ONLINE

_LEAVE = """
local function leave(uid, cell)
  local set = 'geo:{' .. cell .. '}'
  redis.call('ZREM', set, uid)
  redis.call('HDEL', set .. ':drivers', uid)
end
"""

_PLACE = f"""{_LEAVE}
local function place(uid, cell, lat, lng, located, status, load, load_cap, rating, acceptance)
  local has, room = tonumber(load), tonumber(load_cap)
  if status == '{ONLINE}' and has and room and has < room and rating and acceptance then
    local set = 'geo:{{' .. cell .. '}}'
    redis.call('GEOADD', set, lng, lat, uid)
    redis.call('HSET', set .. ':drivers', uid,
               table.concat({{located, lat, lng, load, load_cap, rating, acceptance}}, ' '))
  else
    leave(uid, cell)
  end
end
"""
"""Enters an available driver into the set and the records of a region, and takes any other driver out."""

UPSERT_PROFILE = Script(f"""{_PLACE}
local known = redis.call('HMGET', KEYS[1], 'version', 'region', 'lat', 'lng', 'located_at')
if known[1] and tonumber(known[1]) > tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'status', ARGV[4], 'load', ARGV[5], 'load_cap', ARGV[6],
           'rating', ARGV[7], 'acceptance', ARGV[8])
redis.call('EXPIRE', KEYS[1], ARGV[2])
if known[2] and known[3] and known[4] and known[5] then
  place(ARGV[1], known[2], known[3], known[4], known[5], unpack(ARGV, 4, 8))
end
return 1
""")
"""Stores a driver's availability, unless a later version is there."""

RECORD = Script(f"""{_PLACE}
local known = redis.call('HMGET', KEYS[1], 'status', 'recorded_at', 'lat', 'lng', 'region',
                         'load', 'load_cap', 'looked_up_at',
                         'located_at', 'clock_received_at', 'clock_recorded_at',
                         'jumps', 'jump_lat', 'jump_lng', 'jump_at', 'rating', 'acceptance')
if not known[1] then return false end
local recorded, received = tonumber(ARGV[1]), tonumber(ARGV[6])
local located, elapsed, in_step = received, nil, false
if known[10] then
  elapsed = received - tonumber(known[10])
  local drift = math.abs(recorded - tonumber(known[11]) - elapsed)
  in_step = elapsed >= tonumber(ARGV[7]) and drift <= tonumber(ARGV[8])
end
if known[2] and known[9] and not in_step then
  local later = recorded - tonumber(known[2])
  located = later > 0 and math.min(received, tonumber(known[9]) + later)
end
local function is_jump(lat, lng, at)
  local a, b = math.rad(tonumber(lat)), math.rad(tonumber(ARGV[2]))
  local d_lat, d_lng = b - a, math.rad(tonumber(ARGV[3]) - tonumber(lng))
  local h = math.sin(d_lat / 2) ^ 2 + math.cos(a) * math.cos(b) * math.sin(d_lng / 2) ^ 2
  local metres = 2 * tonumber(ARGV[9]) * math.asin(math.min(1, math.sqrt(h)))
  return metres > tonumber(ARGV[10]) * math.max(1, (located - tonumber(at)) / 1000)
end
local jump = false
if located and known[3] and known[9] and is_jump(known[3], known[4], known[9]) then
  local jumps = tonumber(known[12] or '0') + 1
  local confirmed = known[15] and located > tonumber(known[15])
                    and not is_jump(known[13], known[14], known[15])
  jump = jumps <= tonumber(ARGV[11]) and not confirmed
  if jump then
    redis.call('HSET', KEYS[1], 'jumps', jumps, 'jump_lat', ARGV[2], 'jump_lng', ARGV[3],
               'jump_at', string.format('%.0f', located))
  end
end
if located and not jump then
  if known[5] and known[5] ~= ARGV[4] then leave(ARGV[12], known[5]) end
  known[3], known[4], known[5], known[9] = ARGV[2], ARGV[3], ARGV[4], string.format('%.0f', located)
  redis.call('HSET', KEYS[1], 'recorded_at', ARGV[1], 'lat', ARGV[2], 'lng', ARGV[3], 'region', ARGV[4],
             'located_at', known[9])
  if known[12] then redis.call('HDEL', KEYS[1], 'jumps', 'jump_lat', 'jump_lng', 'jump_at') end
end
if not elapsed or elapsed >= tonumber(ARGV[7]) then
  redis.call('HSET', KEYS[1], 'clock_received_at', ARGV[6], 'clock_recorded_at', ARGV[1])
end
redis.call('EXPIRE', KEYS[1], ARGV[5])
if known[3] and known[4] and known[5] and known[9] then
  place(ARGV[12], known[5], known[3], known[4], known[9],
        known[1], known[6], known[7], known[16], known[17])
end
return {{known[1], known[6], known[7], known[8], jump and 1 or 0}}
""")
"""Moves a known driver by the rule of `shared.tracking.ports.Positions.record`; returns what was known of
their availability, and whether the position was ignored as a jump."""

CLAIM_LOOKUP = Script("""
local known = redis.call('HMGET', KEYS[1], 'status', 'looked_up_at')
if not known[1] then return 0 end
if known[2] and math.abs(tonumber(ARGV[1]) - tonumber(known[2])) < tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'looked_up_at', ARGV[1])
return 1
""")
"""Lets one of all concurrent callers look up a known driver, by `shared.tracking.domain.is_lookup_due`."""

UPSERT_POSITION = Script(f"""{_PLACE}
local known = redis.call('HMGET', KEYS[1], 'region', 'status', 'load', 'load_cap', 'rating', 'acceptance')
if known[1] and known[1] ~= ARGV[4] then leave(ARGV[1], known[1]) end
redis.call('HSET', KEYS[1], 'lat', ARGV[2], 'lng', ARGV[3], 'region', ARGV[4], 'located_at', ARGV[6])
redis.call('HDEL', KEYS[1], 'recorded_at', 'clock_received_at', 'clock_recorded_at',
           'jumps', 'jump_lat', 'jump_lng', 'jump_at')
redis.call('EXPIRE', KEYS[1], ARGV[5])
place(ARGV[1], ARGV[4], ARGV[2], ARGV[3], ARGV[6], unpack(known, 2, 6))
""")
"""Stores a driver's position at the server's time, and forgets the times of the device."""

REMOVE = Script(f"""{_LEAVE}
local cell = redis.call('HGET', KEYS[1], 'region')
redis.call('DEL', KEYS[1])
if cell then leave(ARGV[1], cell) end
""")
"""Removes a driver from the index."""

RESERVE = Script("""
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
""")
"""Reserves a driver for an offer that is the first, or was before."""

RELEASE = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
""")

MARK = Script("for _, key in ipairs(KEYS) do redis.call('SET', key, 1, 'PX', ARGV[1]) end")
"""Sets all keys for a time."""

_FOUND = """
local PAGE = 5000
local function paged(names, handle)
  for first = 1, #names, PAGE do
    handle(unpack(names, first, math.min(first + PAGE - 1, #names)))
  end
end
local function drop(set, gone)
  paged(gone, function(...)
    redis.call('ZREM', set, ...)
    redis.call('HDEL', set .. ':drivers', ...)
  end)
end
local function is_fresh(record) return record and record >= ARGV[1] end
local function answer(uids, records)
  local names, offers = {}, {}
  for n = 1, #uids do names[n] = 'driver:{' .. uids[n] .. '}:outstanding_offer' end
  paged(names, function(...)
    for _, offer in ipairs(redis.call('MGET', ...)) do offers[#offers + 1] = offer end
  end)
  return {uids, records, offers}
end
"""
"""A page is below the number of values that Lua can unpack. A record begins with its time."""

NEAREST = Script(f"""{_FOUND}
local wanted, ROUNDING_M = tonumber(ARGV[4]), 2
local function nearest(set, radius, count, rows)
  local near = redis.call('GEOSEARCH', set, 'FROMLONLAT', ARGV[2], ARGV[3], 'BYRADIUS', radius, 'm',
                          'ASC', 'COUNT', count, 'WITHDIST')
  local uids, gone, at = {{}}, {{}}, 0
  for n = 1, #near do uids[n] = near[n][1] end
  paged(uids, function(...)
    local records = redis.call('HMGET', set .. ':drivers', ...)
    for n = 1, #records do
      at = at + 1
      if is_fresh(records[n]) then
        rows[#rows + 1] = {{tonumber(near[at][2]), uids[at], records[n]}}
      else
        gone[#gone + 1] = uids[at]
      end
    end
  end)
  if #gone > 0 then drop(set, gone) end
  return #near == count and tonumber(near[count][2]) or math.huge
end
local function search(radius, regions)
  local count, rows, seen, far = wanted + 5
  repeat
    rows, seen = {{}}, math.huge
    for n = 1, regions do seen = math.min(seen, nearest(KEYS[n], radius, count, rows)) end
    if regions > 1 then table.sort(rows, function(a, b) return a[1] < b[1] end) end
    far = rows[wanted] and rows[wanted][1] + ROUNDING_M or math.huge
    count = count * 8
  until far < seen or seen == math.huge
  return rows, far
end
local rows, far
for at = 5, #ARGV, 2 do
  rows, far = search(ARGV[at], tonumber(ARGV[at + 1]))
  if far < tonumber(ARGV[at]) then break end
end
local uids, records = {{}}, {{}}
for n = 1, #rows do
  if rows[n][1] > far then break end
  uids[n], records[n] = rows[n][2], rows[n][3]
end
return answer(uids, records)
""")
"""Searches circles, each wider than the one before and in so many of the regions, until it has the nearest
that are wanted. Returns ids, records and outstanding offers: of these and of all who are as near, since Redis
rounds positions, or of all in the last circle."""

REGION = Script(f"""{_FOUND}
local all, uids, records, gone = redis.call('HGETALL', KEYS[1] .. ':drivers'), {{}}, {{}}, {{}}
for n = 1, #all, 2 do
  if is_fresh(all[n + 1]) then
    uids[#uids + 1], records[#records + 1] = all[n], all[n + 1]
  else
    gone[#gone + 1] = all[n]
  end
end
drop(KEYS[1], gone)
return answer(uids, records)
""")
"""Returns the ids, records and outstanding offers of all drivers of a region."""
