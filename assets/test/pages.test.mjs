// What holds for every page: policy, titles, and how it looks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, hasTitle, inEachLook, screenshot, startApp } from "./support/app.mjs";

const app = await startApp();

const PAGES = {
  home: "/",
  counter: "/counter",
  "users-fast": "/users-fast",
  "users-slow": "/users-slow?round_trip_ms=5",
  dashboard: "/dashboard",
  chat: "/chat",
  todos: "/todos",
};

async function show(path, options) {
  const page = await app.open(path, options);
  await connected(page);
  return page;
}

test("pages go out with the strict policy", async () => {
  for (const path of [...Object.values(PAGES), "/nowhere"]) {
    const { headers } = await fetch(app.server.url + path).then((r) => ({ headers: r.headers }));
    const policy = headers.get("content-security-policy");
    assert.match(policy, /default-src 'self'; script-src 'self'; style-src 'self'/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
  }
});

test("nothing inline is sent", async () => {
  for (const path of [...Object.values(PAGES), "/nowhere"]) {
    const html = await (await fetch(app.server.url + path)).text();
    assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:/, path);
  }
});

test("home leads to every page", async () => {
  const page = await show("/");
  const arrives = async (path) => {
    await page.waitForURL((url) => url.pathname === path);
    await page.locator(`nav a[aria-current][href="${path}"]`).waitFor();
    await connected(page);
  };
  assert.equal(await page.title(), "Home · Belvedere");
  for (const path of ["/counter", "/users-fast", "/users-slow", "/chat", "/todos"]) {
    await page.click(`main a[href^="${path}"]`);
    await arrives(path);
    await page.click(".brand");
    await arrives("/");
  }
});

test("the counter runs beside its code", async () => {
  const page = await show("/");
  assert.match(await page.innerText("#library pre"), /impl LiveView for Counter/);
  await page.click("#library #inc");
  await page.waitForFunction(() => document.querySelector("#library output").innerText === "1");
});

test("an unknown address has a page of its own", async () => {
  const page = await app.open("/nowhere", { missing: true });
  assert.equal(page.response.status(), 404);
  assert.equal(await page.title(), "Page not found · Belvedere");
  await screenshot(page, "not-found");
  await page.click("main a");
  await hasTitle(page, "Home · Belvedere");
  await connected(page);
});

for (const [name, path] of Object.entries(PAGES)) {
  test(`${name} is as wide as its window, in light and dark colours`, async () => {
    const page = await show(path);
    await inEachLook(page, async (scheme, width) => {
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      assert.ok(overflow <= 0, `${path} is ${overflow} pixels too wide at ${width}`);
      const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const [red] = colour.match(/\d+/g).map(Number);
      assert.equal(red < 128 ? "dark" : "light", scheme);
      await screenshot(page, `${name}-${scheme}-${width}`);
    });
  });
}
