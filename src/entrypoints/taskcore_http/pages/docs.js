// The service's description, to read and to try. No framework, nothing from elsewhere.
const described = await (await fetch("/openapi.json")).json();
const find = document.querySelector("#find");
const home = document.querySelector("#operations");
const login = document.querySelector("#login");
let token = sessionStorage.getItem("token") ?? "";

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const referenced = (thing) =>
  thing?.$ref ? thing.$ref.slice(2).split("/").reduce((at, key) => at[key], described) : thing;

function field(parameter) {
  const input = element("input", { name: parameter.name, "data-in": parameter.in });
  if (parameter.required) input.required = true;
  return element("label", {}, parameter.name, input, element("small", {}, parameter.description ?? ""));
}

function responses(operation) {
  const rows = Object.entries(operation.responses).map(([status, answer]) =>
    element("tr", {}, element("td", {}, status), element("td", {}, referenced(answer).description)));
  return element("table", {}, ...rows);
}

function asText(headers, body) {
  const shown = ["etag", "location", "link", "content-type", "x-request-id"]
    .filter((name) => headers.has(name)).map((name) => `${name}: ${headers.get(name)}`).join("\n");
  try { body = JSON.stringify(JSON.parse(body), null, 2); } catch { /* shown as it is */ }
  return `${shown}\n\n${body}`;
}

async function send(method, path, form) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("input")) {
    if (!input.value) continue;
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    if (input.dataset.in === "query") query.append(input.name, input.value);
    if (input.dataset.in === "header") headers[input.name] = input.value;
  }
  const whole = form.querySelector("[data-in=form]") && new FormData(form);
  if (whole) for (const [name, value] of [...whole]) if (!value || form.querySelector(`[name=${name}]`)?.dataset.in !== "form") whole.delete(name);
  const body = whole || form.querySelector("textarea")?.value || undefined;
  if (body && !whole) headers["content-type"] = "application/json";
  const address = query.size ? `${path}?${query}` : path;
  const answer = await fetch(address, { method, headers, body });
  return `${method} ${address}\n${answer.status} ${answer.statusText}\n${asText(answer.headers, await answer.text())}`;
}

function operationPart(method, path, operation) {
  const form = element("form", {}, ...operation.parameters.map(referenced).map(field));
  const content = operation.requestBody?.content["application/json"];
  if (content) {
    const text = element("textarea", { spellcheck: "false", "aria-label": "Body" });
    text.value = JSON.stringify(content.example ?? {}, null, 2);
    form.append(element("label", { class: "wide" }, "Body", text));
  }
  const parts = operation.requestBody?.content["multipart/form-data"]?.schema.properties ?? {};
  for (const name of Object.keys(parts)) {
    const input = element("input", { name, "data-in": "form", type: name === "file" ? "file" : "text" });
    form.append(element("label", {}, name, input, element("small", {}, parts[name].enum?.join(", ") ?? "")));
  }
  const output = element("pre", { hidden: "" });
  form.append(element("button", {}, "Send"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    output.hidden = false;
    output.textContent = await send(method, path, form).catch(String);
  });
  const summary = element("summary", {}, element("span", { class: `method ${method}` }, method),
    element("span", { class: "path" }, path), element("span", {}, operation.summary));
  const part = element("details", {}, summary, element("p", {}, operation.description), form, output, responses(operation));
  part.dataset.words = `${method} ${path} ${operation.summary}`.toLowerCase();
  return part;
}

login.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData(login)));
  const answer = await fetch("/v1/auth/login", { method: "POST", headers: { "content-type": "application/json" }, body });
  const said = await answer.json();
  token = said.access_token ?? "";
  sessionStorage.setItem("token", token);
  login.querySelector("output").textContent = token ? `Signed in as ${said.user.name}` : said.detail;
});

find.addEventListener("input", () => {
  const words = find.value.toLowerCase().split(/\s+/);
  for (const part of home.querySelectorAll("details"))
    part.hidden = !words.every((word) => part.dataset.words.includes(word));
  for (const group of home.querySelectorAll("section"))
    group.hidden = !group.querySelector("details:not([hidden])");
});

document.querySelector("#about").textContent = described.info.description;
home.replaceChildren(...described.tags.map(({ name }) => element("section", {},
  element("h2", {}, name),
  ...Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, operation]) => operation.tags[0] === name)
      .map(([method, operation]) => operationPart(method.toUpperCase(), path, operation))),
)));
