// `/inspector`: the traces of the other pages, as they arrive.

import assert from "node:assert/strict";
import { test } from "node:test";
import { click, inEachLook, loads, screenshot, startApp } from "./support/app.mjs";

const app = await startApp();

/** Waits until these are the names of the spans drawn below `selector`, in order. */
function spans(page, selector, names) {
  return page.waitForFunction(
    ([selector, names]) => [...document.querySelectorAll(selector)].map((name) => name.innerText).join() === names,
    [`${selector} tbody .name`, names.join()],
  );
}

/** Waits until the title begins so. */
const titled = (page, begin) => page.waitForFunction((begin) => document.title.startsWith(begin), begin);

/** How wide the bar of a drawing's first span is, in pixels. */
function firstBar(page, selector) {
  return page.locator(`${selector} tbody rect`).first().evaluate((bar) => bar.getBoundingClientRect().width);
}

test("home leads to fast beside slow, on one axis", async () => {
  for (const path of ["/users-fast", "/users-slow"]) await app.openLive(path);
  const page = await app.openLive("/");
  await page.click("text=Compare fast and slow");
  await spans(page, "#left", [
    "GET /users-fast",
    "UsersFast mount",
    "SELECT users todo_list_items SELECT users",
    "UsersFast render",
  ]);
  const queries = Array.from({ length: 20 }, () => "SELECT todo_list_items");
  await spans(page, "#right", [
    "GET /users-slow",
    "UsersSlow mount",
    "SELECT users",
    ...queries,
    "UsersSlow render",
  ]);
  const axis = (side) => page.innerText(`#${side} .axis div`);
  assert.equal(await axis("left"), await axis("right"));

  const ms = async (side) => {
    const [, number, unit] = /([\d.]+) (µs|ms|s)/.exec(await page.innerText(`#${side} .figures b`));
    return number * { µs: 0.001, ms: 1, s: 1000 }[unit];
  };
  const drawn = (await firstBar(page, "#right")) / (await firstBar(page, "#left"));
  const measured = (await ms("right")) / (await ms("left"));
  assert.ok(Math.abs(drawn / measured - 1) < 0.1, `drawn ${drawn}, measured ${measured}`);
});

test("a trace appears while the list is open, and leads to its page and back", async () => {
  const list = await app.openLive("/inspector?route=/counter");
  const before = await list.locator("#traces tbody tr").count();
  const counter = await app.openLive("/counter");
  await counter.click("#inc");
  await list.locator("#traces a", { hasText: "Counter handle_event inc" }).first().waitFor();
  assert.ok((await list.locator("#traces tbody tr").count()) > before);
  await list.locator("#traces a", { hasText: "Counter handle_event inc" }).first().click();
  await titled(list, "Counter handle_event inc");
  await list.click("#links a");
  await titled(list, "GET /counter");
});

test("the filter narrows the list and keeps what was chosen", async () => {
  await app.openLive("/users-slow");
  await app.openLive("/users-fast");
  const page = await app.openLive("/inspector");
  await page.locator("#traces a", { hasText: "GET /users-fast" }).first().waitFor();
  await page.selectOption("select[name=view]", "UsersSlow");
  await page.waitForFunction(
    () => ![...document.querySelectorAll("#traces th a")].some((a) => /Fast|fast/.test(a.innerText)),
  );
  assert.equal(await page.inputValue("select[name=view]"), "UsersSlow");
  assert.ok((await page.locator("#traces tbody tr").count()) > 0);
});

test("the filter works without a script", async () => {
  await app.openLive("/users-slow");
  const page = await app.open("/inspector", { javaScriptEnabled: false });
  await page.selectOption("select[name=route]", "/users-slow");
  await loads(page, () => page.click("#filter button"));
  const names = await page.$$eval("#traces th a", (links) => links.map((link) => link.innerText));
  assert.ok(names.length > 0 && names.every((name) => /UsersSlow|users-slow/.test(name)), `${names}`);
});

test("the keyboard leads from the list to a trace", async () => {
  await app.openLive("/users-slow");
  const page = await app.openLive("/inspector?route=/users-slow");
  await page.focus("#filter input[name=errors]");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => /users-slow|UsersSlow/.test(document.activeElement.innerText));
  await page.keyboard.press("Enter");
  await page.locator("#trace-id").waitFor();
});

test("drawings are tables to those who cannot see them", async () => {
  await app.openLive("/users-fast");
  await app.openLive("/users-slow");
  const page = await app.openLive("/inspector/compare");
  await page.locator("#right tbody tr.request").waitFor();
  await page.locator("#left").getByRole("row", { name: /GET \/users-fast starts after 0 µs/ }).waitFor();
  assert.equal(await page.getByRole("table").count(), 2);
});

test("an open counter is listed with its events", async () => {
  const counter = await app.openLive("/counter");
  await click(counter, "#dec");
  const page = await app.openLive("/inspector/live");
  const row = page.locator("#views tr", { hasText: "Counter" }).filter({ hasText: "dec" }).first();
  await row.waitFor();
  assert.match(await row.locator(".value").innerText(), /\d (B|KiB)/);
});

test("the inspector is as wide as its window, in light and dark colours", async () => {
  await app.openLive("/users-fast");
  const slow = await app.openLive("/users-slow");
  await click(slow, "#refresh");
  const list = await app.openLive("/inspector");
  const slowest = list.locator("#traces a", { hasText: "GET /users-slow" }).first();
  const trace = await slowest.getAttribute("href");
  const pages = {
    traces: "/inspector",
    compare: "/inspector/compare",
    live: "/inspector/live",
    trace,
  };
  for (const [name, path] of Object.entries(pages)) {
    const page = await app.openLive(path);
    await inEachLook(page, async (scheme, width) => {
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      assert.ok(overflow <= 0, `${path} is ${overflow} pixels too wide at ${width}`);
      await screenshot(page, `inspector-${name}-${scheme}-${width}`);
    });
  }
});
