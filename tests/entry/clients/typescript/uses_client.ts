// What somebody writes against the types that were generated from the description; checked by tsc too.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Task = components["schemas"]["Task"];
type Problem = components["schemas"]["Problem"];

const [address] = process.argv.slice(2);
const api = createClient<paths>({ baseUrl: address });

function right(holds: boolean, what: unknown): asserts holds {
  if (!holds) throw new Error(JSON.stringify(what));
}

function got<T>(said: { data?: T; error?: Problem }): T {
  right(said.data !== undefined, said.error);
  return said.data;
}

const account = { email: "ts@example.org", name: "Ts", password: "correct horse battery" };
got(await api.POST("/v1/auth/signup", { body: account }));
const signed = got(await api.POST("/v1/auth/login", { body: { email: account.email, password: account.password } }));
api.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${signed.access_token}`);
    return request;
  },
});

const team = got(await api.POST("/v1/teams", { body: { name: "TypeScript", key: "TS" } }));
const tasks: Task[] = [];
for (const title of ["one", "two", "three"])
  tasks.push(got(await api.POST("/v1/tasks", { body: { team_id: team.id, title, priority: "high", due_on: "2026-12-01" } })));

const found: string[] = [];
let cursor: string | undefined;
do {
  const query = { team: [team.key], sort: ["number" as const], limit: 2, ...(cursor ? { cursor } : {}) };
  const page = got(await api.GET("/v1/tasks", { params: { query } }));
  found.push(...page.items.map((task) => task.title));
  cursor = page.next_cursor ?? undefined;
} while (cursor);
right(found.join() === "one,two,three", found);

const task = tasks[0]!.key;
const read = await api.GET("/v1/tasks/{task}", { params: { path: { task } } });
const header = { "If-Match": read.response.headers.get("etag")! };
const started = { params: { path: { task }, header }, body: { status: "in_progress" as const, due_on: null } };
const changed = got(await api.PATCH("/v1/tasks/{task}", started));
right(changed.status === "in_progress" && changed.due_on === null && changed.version === 2, changed);

const stale = await api.PATCH("/v1/tasks/{task}", started);
right(stale.error?.code === "version_conflict" && stale.error.status === 412, stale.error);
right(stale.response.headers.get("content-type") === "application/problem+json", stale.error);
const refused = await api.PATCH("/v1/tasks/{task}", { params: { path: { task } }, body: { title: " " } });
right(refused.error?.errors?.[0]?.pointer === "/title", refused.error);

// What the description forbids does not compile.
async function neverCalled() {
  // @ts-expect-error no such field
  const wrong: components["schemas"]["NewTask"] = { team_id: team.id, title: "x", titel: "y" };
  await api.POST("/v1/tasks", { body: wrong });
  // @ts-expect-error no such status
  await api.PATCH("/v1/tasks/{task}", { params: { path: { task } }, body: { status: "quite" } });
  // @ts-expect-error a title is needed
  await api.POST("/v1/tasks", { body: { team_id: team.id } });
  // @ts-expect-error no such route
  await api.GET("/v1/nothing");
}
void neverCalled;
console.log("used");
