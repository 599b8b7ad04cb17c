// What a program does with the types that openapi-typescript makes of the description, and openapi-fetch.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };

const [base, token] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: `${base}/api/v1`, headers: { Authorization: `Bearer ${token}` } });

function is<T>(there: T, wanted: T): void {
  const [one, other] = [JSON.stringify(there), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${one} is not ${other}`);
}

type Problem = components["schemas"]["Problem"];

function good<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

good(await client.POST("/projects", { body: { key: "TS", name: "TypeScript" } }));
const change = { params: { path: { key: "TS" } }, body: { name: "From TypeScript" } };
is(good(await client.PATCH("/projects/{key}", change)).name, "From TypeScript");
is(good(await client.GET("/mailboxes")).items, []);

const google: components["schemas"]["NewIntegration"] = {
  provider: "google", name: "From TypeScript", client_id: "id", client_secret: "secret",
};
const integration = good(await client.POST("/integrations", { body: google }));
is(integration.provider, "google");
is(integration.client_secret_set, true);

const again = await client.POST("/integrations", { body: google });
const problem: Problem | undefined = again.error;
is([again.response.status, problem?.code, problem?.errors?.[0]?.pointer], [409, "name_taken", "/name"]);

for (let number = 0; number < 5; number++) {
  good(await client.POST("/issues", { body: { project: "TS", summary: `Issue ${number}` } }));
}
const summaries: string[] = [];
let cursor: string | null | undefined;
do {
  const query = { project: "TS", limit: 2, ...(cursor ? { cursor } : {}) };
  const page = good(await client.GET("/issues", { params: { query } }));
  page.items.forEach((item) => is(item.status, "open"));
  summaries.push(...page.items.map((item) => item.summary));
  cursor = page.next_cursor;
} while (cursor);
is(summaries, [4, 3, 2, 1, 0].map((number) => `Issue ${number}`));
const held = await client.DELETE("/projects/{key}", { params: { path: { key: "TS" } } });
is(held.error?.code, "in_use");
console.log("done");
