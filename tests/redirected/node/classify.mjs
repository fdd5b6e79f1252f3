// An application that names only a model, with the release of the client that it is told.

const [release, text] = process.argv.slice(2);
const client = await import(release);
const model = "dslim/bert-base-NER";
const call = { model, inputs: text };
const token = "hf_not_a_token";

// The client's class has had two names.
const inference = new (client.InferenceClient ?? client.HfInference)(token);
const entities = await inference.tokenClassification(call);
console.log(JSON.stringify(entities.map((entity) => [entity.entity_group, entity.word])));
