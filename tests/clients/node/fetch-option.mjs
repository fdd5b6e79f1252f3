// The client is given a plain model id and a fetch of the caller's.

import { InferenceClient } from "@huggingface/inference";
import { given, model, redirected, report } from "./stand-in.mjs";

const client = new InferenceClient("hf_not_a_token");

await report(() => client.tokenClassification({ model, ...given }, { fetch: redirected }));
