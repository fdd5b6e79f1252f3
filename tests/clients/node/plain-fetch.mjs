// No client: the documentation page's own JavaScript, with Node's fetch and its text/plain body.

import { base, given, model, redirected, report } from "./stand-in.mjs";

async function query(data) {
  const response = await redirected(`${base}/models/${model}`, {
    headers: { Authorization: "Bearer hf_not_a_token" },
    method: "POST",
    body: JSON.stringify(data),
  });
  return await response.json();
}

await report(() => query(given));
