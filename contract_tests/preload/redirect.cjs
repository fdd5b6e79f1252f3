// What programs of Node, Bun and Deno below `nertwin run` start with: their calls to the API go to
// the stand-in, and what else would leave for Hugging Face's hosts is refused and told.
"use strict";

const dns = require("node:dns");
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const net = require("node:net");
const { syncBuiltinESMExports } = require("node:module");
const { urlToHttpOptions } = require("node:url");

const VARIABLE = "REDIRECTED_BY_NERTWIN";
// More than one variable may name this file to a runtime.
const LOADED = Symbol.for("nertwin.redirected");
const orders = globalThis[LOADED] ? null : readOrders();
globalThis[LOADED] = true;

// Deno lets a program do what it was given leave for, and asks its user about the rest. Without
// leave this file keeps out of the way, and what asks the proxy is redirected still.
function readOrders() {
  if (!isGranted({ name: "env", variable: VARIABLE })) return null;
  const found = JSON.parse(process.env[VARIABLE] || "null");
  if (found === null || !isGranted({ name: "write", path: found.attempts })) return null;
  return !found.url || isGranted({ name: "net", host: new URL(found.url).host }) ? found : null;
}

function isGranted(permission) {
  const { Deno } = globalThis;
  return !Deno || Deno.permissions.querySync(permission).state === "granted";
}

// The same as redirecting/hosts.py has.
const API_HOSTS = [
  "api-inference.huggingface.co",
  "router.huggingface.co",
  "huggingface.co",
  "www.huggingface.co",
  "hf.co",
];
const OWNED = ["huggingface.co", "hf.co", "huggingface.cloud", "hf.space"];
const LOCAL = ["localhost", "ip6-localhost", "::1", "::", "0.0.0.0", ""];

const plain = (host) => String(host).replace(/^\[|\]$/g, "").replace(/\.$/, "").toLowerCase();
const isApi = (host) => API_HOSTS.includes(host) || host.endsWith(".endpoints.huggingface.cloud");
const isOwned = (host) => OWNED.some((owned) => host === owned || host.endsWith(`.${owned}`));
const isLocal = (host) =>
  LOCAL.includes(host) || /^(::ffff:)?127(\.\d+){3}$/.test(host) || host.endsWith(".localhost");

function refuses(host) {
  return orders.guard === "any" ? !isLocal(host) : orders.guard === "api" && isOwned(host);
}

function refusal(host, method, target) {
  const path = target.replace(/hf_[A-Za-z0-9]{16,}/g, "***");
  fs.appendFileSync(orders.attempts, JSON.stringify({ host, method, path }) + "\n");
  const error = new Error(`nertwin refused ${method} ${host}${path}: its guard lets nothing out`);
  return Object.assign(error, { code: "ECONNREFUSED" });
}

// Where a URL goes instead, or null where it may go on; throws where the guard refuses it.
function redirected(method, url) {
  const host = plain(url.hostname);
  if (orders.url && isApi(host)) {
    const path = url.pathname.replace(/^\/api\/inference-proxy\//, "/");
    return new URL(orders.url + path + url.search);
  }
  if (refuses(host)) throw refusal(host, method, url.pathname);
  return null;
}

function wrapFetch(fetch) {
  return async function (resource, options) {
    const isRequest = typeof Request !== "undefined" && resource instanceof Request;
    const url = new URL(isRequest ? resource.url : String(resource));
    const method = (options && options.method) || (isRequest ? resource.method : "GET");
    if (!/^https?:$/.test(url.protocol)) return fetch(resource, options);
    const there = redirected(method.toUpperCase(), url);
    if (there === null) return fetch(resource, options);
    const answer = await fetch(isRequest ? new Request(there, resource) : there, options);
    Object.defineProperty(answer, "url", { value: url.href });
    return answer;
  };
}

// http.request(options), http.request(url, options), each with a callback or without.
function wrapRequest(request, protocol) {
  return function (...given) {
    const rest = [...given];
    const isUrl = typeof rest[0] === "string" || rest[0] instanceof URL;
    const base = isUrl ? urlToHttpOptions(new URL(rest.shift())) : {};
    const options = { ...base, ...(typeof rest[0] === "object" ? rest.shift() : {}) };
    const url = urlOf(options, protocol);
    const method = (options.method || "GET").toUpperCase();
    let there = null;
    try {
      if (!options.socketPath) there = redirected(method, url);
    } catch (error) {
      const createConnection = (_, done) => done(error);
      return plainRequest.call(http, { method, agent: false, createConnection }, rest[0]);
    }
    if (there === null) return request.apply(this, given);
    const { agent, host, hostname, port, protocol: _, createConnection, ...kept } = options;
    const headers = Array.isArray(options.headers) ? options.headers : { ...options.headers };
    if (!Array.isArray(headers) && !Object.keys(headers).some((name) => /^host$/i.test(name))) {
      headers.Host = url.host;
    }
    const path = there.pathname + there.search;
    const changed = { ...kept, headers, method, host: there.hostname, port: there.port, path };
    return plainRequest.call(http, changed, rest[0]);
  };
}

function urlOf(options, protocol) {
  const host = options.hostname || String(options.host || "localhost").replace(/:\d+$/, "");
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  const port = options.port ? `:${options.port}` : "";
  const path = options.path || "/";
  if (/^https?:/.test(path)) return new URL(path);
  return new URL(`${protocol}//${name}${port}${path}`);
}

function wrapGet(request) {
  return function (...given) {
    const sent = request.apply(this, given);
    sent.end();
    return sent;
  };
}

function refusesSocket(host) {
  return refuses(host) && !(orders.is_named && isApi(host));
}

// Whatever else looks a name up: sockets, other clients.
function wrapLookup(lookup) {
  return function (host, options, callback) {
    const answer = typeof options === "function" ? options : callback;
    const name = plain(host || "");
    if (!refusesSocket(name)) return lookup.call(this, host, options, callback);
    process.nextTick(answer, refusal(name, "", ""));
    return {};
  };
}

function wrapLookupOfPromises(lookup) {
  return async function (host, options) {
    const name = plain(host || "");
    if (refusesSocket(name)) throw refusal(name, "", "");
    return lookup.call(this, host, options);
  };
}

// Sockets of clients that look names up by themselves: connect(options), connect(port, host), or
// what net.connect makes of either, a list.
function wrapConnect(connect) {
  return function (...given) {
    const [first, second] = Array.isArray(given[0]) ? given[0] : given;
    const host = first !== null && typeof first === "object" ? first.host : second;
    const name = typeof host === "string" ? plain(host) : "";
    if (!refusesSocket(name)) return connect.apply(this, given);
    process.nextTick(() => this.destroy(refusal(name, "", "")));
    return this;
  };
}

// What Deno and Bun have besides Node's modules.
function wrapNativeConnect(connect) {
  return async function (options, ...rest) {
    const name = plain((options && options.hostname) || "");
    if (refusesSocket(name)) throw refusal(name, "", "");
    return connect.call(this, options, ...rest);
  };
}

const plainRequest = http.request;
if (orders !== null) {
  if (typeof globalThis.fetch === "function") globalThis.fetch = wrapFetch(globalThis.fetch);
  http.request = wrapRequest(http.request, "http:");
  http.get = wrapGet(http.request);
  https.request = wrapRequest(https.request, "https:");
  https.get = wrapGet(https.request);
  dns.lookup = wrapLookup(dns.lookup);
  dns.promises.lookup = wrapLookupOfPromises(dns.promises.lookup);
  net.Socket.prototype.connect = wrapConnect(net.Socket.prototype.connect);
  for (const name of ["connect", "connectTls"]) {
    for (const runtime of [globalThis.Deno, globalThis.Bun]) {
      if (runtime && runtime[name]) runtime[name] = wrapNativeConnect(runtime[name]);
    }
  }
  try {
    syncBuiltinESMExports();
  } catch {
    // Deno before 2.9 has it not implemented; who imports names of node:https is not redirected.
  }
}
