import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";

import { sanitise } from "#sanitiser";

const MODEL = "models/dslim/bert-base-NER";
let server;
let standIn;

before(async () => {
  server = spawn("nertwin", ["serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  standIn = line.replace("nertwin listening on ", "");
});

after(async () => {
  server.kill();
  await once(server, "exit");
});

// A session of its own for each test: nothing of one is seen by another.
async function session() {
  const response = await control("sessions", { settings: { clock: "frozen" } });
  return { id: response.id, url: `${standIn}/s/${response.id}/${MODEL}` };
}

async function control(path, body) {
  const response = await fetch(`${standIn}/_nertwin/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, await response.clone().text());
  return response.json();
}

const say = (id, markup) => control(`sessions/${id}/rules`, { say: markup });

test("a name is taken out", async () => {
  const { id, url } = await session();
  await say(id, "[Ada](PER) met [Bob](PER)");

  assert.equal(await sanitise("Ada met Bob", url), "*** met ***");
});

test("a text without names stays", async () => {
  const { url } = await session();

  assert.equal(await sanitise("it rains", url), "it rains");
});

test("a name behind an emoji is taken out", async () => {
  const { id, url } = await session();
  await say(id, "😀 [Ada](PER) smiles");

  assert.equal(await sanitise("😀 Ada smiles", url), "😀 *** smiles");
});

test("a name behind many emoji is taken out", async () => {
  const { id, url } = await session();
  await say(id, "👩‍🚀🚀😀😀😀 [Ada](PER) and [Bob](PER) fly");

  assert.equal(await sanitise("👩‍🚀🚀😀😀😀 Ada and Bob fly", url), "👩‍🚀🚀😀😀😀 *** and *** fly");
});

test("nothing is handed on when the service refuses", async () => {
  const { id, url } = await session();
  await control(`sessions/${id}/faults`, { kind: "429", times: 9 });

  await assert.rejects(sanitise("Ada met Bob", url), /429/);
});
