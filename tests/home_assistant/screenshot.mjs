// Pictures of the example cards in a real Home Assistant, for docs/. By hand, while `run.py --stay` is running; see README.md beside this file.
//
// Usage: node screenshot.mjs ADDRESS_OF_HOME_ASSISTANT FOLDER   (needs puppeteer-core and a Chromium at /usr/bin/chromium or $CHROMIUM)
// Writes home-assistant-desktop.png and home-assistant-phone.png and says how many cards there are and which show an error.

import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "package.json"));
const puppeteer = require("puppeteer-core");
const [base, folder] = process.argv.slice(2);
const client_id = "http://127.0.0.1/";

const post = async (where, data) => (await fetch(base + where, { method: "POST", body: JSON.stringify(data) })).json();

async function tokens() {
  const flow = await post("/auth/login_flow", { client_id, handler: ["homeassistant", null], redirect_uri: client_id });
  const done = await post(`/auth/login_flow/${flow.flow_id}`, { client_id, username: "test", password: "only-a-test" });
  const body = new URLSearchParams({ grant_type: "authorization_code", code: done.result, client_id });
  const answer = await (await fetch(`${base}/auth/token`, { method: "POST", body })).json();
  return { ...answer, hassUrl: base, clientId: client_id, expires: Date.now() + answer.expires_in * 1000 };
}

// Home Assistant nests shadow roots: everything below a node, through all of them.
const cardsAndErrors = () => {
  const found = [];
  let cards = 0;
  const walk = (node) => {
    for (const child of node.querySelectorAll("*")) {
      cards += child.localName === "hui-card" ? 1 : 0;
      if (/^hui-(error-card|warning|warning-element)$/.test(child.localName)) found.push(child.shadowRoot?.textContent ?? child.localName);
      if (child.shadowRoot) walk(child.shadowRoot);
    }
  };
  walk(document);
  return { cards, errors: found.map((text) => text.replace(/\s+/g, " ").trim()) };
};

const access = await tokens();
// run.py leaves this step of the welcome out, because it adds a weather service.
await fetch(`${base}/api/onboarding/core_config`, { method: "POST", body: "{}", headers: { Authorization: `Bearer ${access.access_token}` } });

const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--lang=en"] });
const page = await browser.newPage();
page.on("pageerror", (error) => console.log("page:", error.message ?? JSON.stringify(error)));
await page.goto(`${base}/manifest.json`);
await page.evaluate((t) => {
  localStorage.setItem("hassTokens", JSON.stringify(t));
  localStorage.setItem("dockedSidebar", JSON.stringify("always_hidden"));
}, access);
for (const [name, width, height, scale] of [["desktop", 1000, 1000, 1], ["phone", 400, 1000, 1]]) {
  await page.setViewport({ width, height, deviceScaleFactor: scale });
  await page.goto(`${base}/leg-cramps/0`, { waitUntil: "networkidle2" });
  let seen;
  for (let wait_s = 0; wait_s < 60; wait_s += 5) {
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const before = seen?.cards;
    seen = await page.evaluate(cardsAndErrors);
    if (seen.cards > 0 && seen.cards === before) break;
  }
  console.log(name, JSON.stringify(seen));
  await page.screenshot({ path: path.join(folder, `home-assistant-${name}.png`) });
}
await browser.close();
