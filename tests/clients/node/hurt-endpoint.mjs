// The client is given the stand-in's URL as its endpoint, and each of its calls asks for a fault.

import { InferenceClient } from "@huggingface/inference";
import { base, given, model, redirected, report } from "./stand-in.mjs";

const { fault, ...call } = given;
globalThis.fetch = (url, init) => {
  const hurt = { ...init.headers, ...(fault && { "x-nertwin-fault": fault }) };
  return redirected(url, { ...init, headers: hurt });
};
const client = new InferenceClient("hf_not_a_token", { endpointUrl: `${base}/models/${model}` });

await report(() => client.tokenClassification(call));
