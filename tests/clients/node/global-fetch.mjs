// The client is given a plain model id; the process has another globalThis.fetch.

import { InferenceClient } from "@huggingface/inference";
import { given, model, redirected, report } from "./stand-in.mjs";

globalThis.fetch = redirected;
const client = new InferenceClient("hf_not_a_token");

await report(() => client.tokenClassification({ model, ...given }));
