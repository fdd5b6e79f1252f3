-- What wrk sends: method, path, body, number of sessions, a seed, then names and values of
-- headers. %d in the body becomes another number each time, beginning with the seed.

local requests = {}
local turn = 0
local varied = false
local method, path, body, seed
local lines = {}

function init(args)
  local sessions = tonumber(args[4])
  method, path, body, seed = args[1], args[2], args[3], tonumber(args[5])
  varied = body:find("%d", 1, true) ~= nil
  if body == "" then
    body = nil
  end
  for number = 1, math.max(1, sessions) do
    local headers = { ["content-type"] = "application/json" }
    for place = 6, #args, 2 do
      headers[args[place]] = args[place + 1]
    end
    if sessions > 0 then
      headers["x-nertwin-session"] = string.format("test-%d", number)
    end
    lines[number] = headers
    requests[number] = wrk.format(method, path, headers, body)
  end
end

function request()
  turn = turn + 1
  local number = turn % #requests + 1
  if varied then
    return wrk.format(method, path, lines[number], (body:gsub("%%d", seed + turn)))
  end
  return requests[number]
end
