-- What wrk sends: method, path, body, number of sessions, then names and values of headers.

local requests = {}
local turn = 0

function init(args)
  local method, path, body, sessions = args[1], args[2], args[3], tonumber(args[4])
  local headers = { ["content-type"] = "application/json" }
  for place = 5, #args, 2 do
    headers[args[place]] = args[place + 1]
  end
  if body == "" then
    body = nil
  end
  for number = 1, math.max(1, sessions) do
    if sessions > 0 then
      headers["x-nertwin-session"] = string.format("test-%d", number)
    end
    requests[number] = wrk.format(method, path, headers, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
