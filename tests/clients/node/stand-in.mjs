// What the programs share: where requests go, and how a call's outcome is printed.

const HOSTS = ["https://huggingface.co", "https://router.huggingface.co"];

/** The stand-in's URL, the model and further arguments of the call, from the command line. */
export const [base, model, given] = process.argv.slice(2).map((text, place) =>
  place === 2 ? JSON.parse(text) : text,
);

export const asked = [];

const send = globalThis.fetch;

/** A fetch that sends what is meant for the hub or the router to the stand-in, and no more. */
export async function redirected(url, init) {
  asked.push(`${init?.method ?? "GET"} ${url}`);
  const origin = [base, ...HOSTS].find((known) => url === known || url.startsWith(`${known}/`));
  if (origin === undefined) {
    throw new Error(`the client wants to reach ${url}; only the stand-in may be called`);
  }
  return send(base + url.slice(origin.length), init);
}

/** Print the answer, or the error with the server's reply, and the requests as one JSON object. */
export async function report(call) {
  const outcome = { answer: null, error: null, asked };
  try {
    outcome.answer = await call();
  } catch (error) {
    const { name, message, httpResponse } = error;
    outcome.error = { class: error.constructor.name, name, message, httpResponse };
  }
  console.log(JSON.stringify(outcome));
}
