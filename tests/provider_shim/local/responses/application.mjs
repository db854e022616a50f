// An application in Node: the OpenAI SDK from npm on the embedded API. Prints what a test looks at, as JSON.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [url, modules] = process.argv.slice(2);
const require = createRequire(`${modules}/package.json`);
const { default: OpenAI } = await import(pathToFileURL(require.resolve("openai")).href);
const client = new OpenAI({ baseURL: url, apiKey: "none", maxRetries: 0 });

const thread = await client.conversations.create({ metadata: { team: "support" } });
const answer = await client.responses.create({ model: "gpt-5", conversation: thread.id, input: "Hello" });

const kinds = [];
let said = "";
const stream = await client.responses.create({
  model: "gpt-5",
  conversation: thread.id,
  input: "Hello again",
  stream: true,
});
for await (const event of stream) {
  kinds.push(event.type);
  if (event.type === "response.output_text.delta") said += event.delta;
}

const tools = [{ type: "function", name: "find", strict: false, parameters: { type: "object" } }];
const called = await client.responses.create({ model: "gpt-5", input: "Find", tools, tool_choice: "required" });
const items = [];
for await (const item of client.conversations.items.list(thread.id, { order: "asc", limit: 1 })) items.push(item.type);
let refused = "";
try {
  await client.responses.create({ model: "gpt-5", input: "News", tools: [{ type: "web_search" }] });
} catch (error) {
  refused = `${error.status} ${error.code}`;
}
console.log(
  JSON.stringify({
    answer: answer.output_text,
    said,
    first: kinds[0],
    last: kinds.at(-1),
    call: called.output[0].type,
    items,
    found: (await client.responses.retrieve(answer.id)).output_text,
    models: (await client.models.list()).data.map((model) => model.id),
    refused,
  }),
);
