// Opens /docs as a person would, and says as JSON what was to be seen there.
import { chromium } from "playwright-core";

const [address, executablePath, screenshot] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
const wrong = [], asked = new Set();
page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
page.on("pageerror", (error) => wrong.push(String(error)));
page.on("request", (request) => asked.add(new URL(request.url()).origin));

await page.goto(`${address}/docs`);
await page.waitForSelector("details");
const operations = await page.locator("details").count();

await page.fill("#login [name=email]", "ada@example.org");
await page.fill("#login [name=password]", "correct horse battery");
await page.click("#login button");
await page.waitForFunction(() => document.querySelector("#login output").textContent !== "");
const signedIn = await page.locator("#login output").textContent();

async function sent(find, path, body) {
  await page.fill("#find", find);
  const part = page.locator("details:visible").filter({ has: page.locator(".path", { hasText: new RegExp(`^${path}$`) }) });
  await part.locator("summary").click();
  if (body) await part.locator("textarea").fill(body);
  await part.locator("form button").click();
  await part.locator("pre:not(:empty)").waitFor();
  return part.locator("pre").textContent();
}

async function brought(content) {
  await page.fill("#find", "POST imports");
  const part = page.locator("details:visible");
  await part.locator("summary").click();
  await part.locator("input[name=team]").fill("PLAT");
  await part.locator("input[name=format]").fill("csv");
  await part.locator("input[type=file]").setInputFiles({ name: "tasks.csv", mimeType: "text/csv", buffer: Buffer.from(content) });
  await part.locator("form button").click();
  await part.locator("pre:not(:empty)").waitFor();
  return part.locator("pre").textContent();
}

const created = await sent("POST found a team", "/v1/teams");
const refused = await sent("POST create a task", "/v1/tasks", '{"team_id": "PLAT", "title": " "}');
const imported = await brought("title\nShip it\n");
const groups = await page.locator("h2:visible").allTextContents();
await page.screenshot({ path: screenshot });
const found = await page.locator("details:visible").count();
console.log(JSON.stringify({ operations, signedIn, created, refused, imported, groups, found, wrong, asked: [...asked] }));
await browser.close();
