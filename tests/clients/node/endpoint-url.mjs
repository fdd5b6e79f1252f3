// The client is given the stand-in's URL as its endpoint.

import { InferenceClient } from "@huggingface/inference";
import { base, given, model, redirected, report } from "./stand-in.mjs";

globalThis.fetch = redirected;
const client = new InferenceClient("hf_not_a_token", { endpointUrl: `${base}/models/${model}` });

await report(() => client.tokenClassification(given));
