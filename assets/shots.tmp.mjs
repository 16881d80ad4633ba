import { launch } from "./test/support/browser.mjs";
const base = process.argv[2] ?? "http://localhost:4377";
const browser = await launch();
const out = "/tmp/insp/";
const visitor = await browser.newContext();
const page = await visitor.newPage();
const problems = [];
async function open(path, p = page) { await p.goto(base + path); await p.locator("[data-phx-main].phx-connected").waitFor(); }
for (let i = 0; i < 3; i++) for (const path of ["/users-fast", "/users-slow", "/counter"]) await open(path);
await page.click("#inc"); await page.click("#inc");
await open("/users-slow"); await page.click("#refresh");
const counter = await visitor.newPage(); await open("/counter", counter); await counter.click("#inc"); await counter.click("#dec");
for (const [scheme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]]) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } });
  const p = await context.newPage();
  p.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") problems.push(m.text()); });
  p.on("pageerror", (e) => problems.push(String(e)));
  const shot = async (name) => {
    const over = await p.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) problems.push(`${name} ${width} too wide by ${over}`);
    await p.screenshot({ path: `${out}${name}-${scheme}-${width}.png`, fullPage: true });
  };
  await open("/inspector", p); await shot("traces");
  await open("/inspector/compare", p); await shot("compare");
  await open("/inspector/live", p); await shot("live");
  await open("/inspector", p);
  await p.selectOption("select[name=route]", "/users-slow");
  await p.locator("#traces a", { hasText: "GET /users-slow" }).first().click();
  await p.locator("#trace-id").waitFor(); await p.locator("[data-phx-main].phx-connected").waitFor();
  await shot("trace");
  await p.goto(base + "/"); await shot("home");
}
console.log(problems);
await browser.close();
