// Commands that the browser runs by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasFocus, hasText, startPages } from "./support/app.mjs";

const app = await startPages();

const display = (page, selector) =>
  page.locator(selector).evaluate((element) => getComputedStyle(element).display);

/** Records every class that `#box` and `#menu` get from now on, `phx-…` included. */
async function recordClasses(page) {
  await page.evaluate(() => {
    window.classes = new Set();
    new MutationObserver((records) => {
      for (const { target } of records) {
        if (!target.matches("#box, #menu")) continue;
        target.classList.forEach((one) => window.classes.add(one));
      }
    }).observe(document.body, { subtree: true, attributeFilter: ["class"] });
  });
  return () => page.evaluate(() => [...window.classes].sort());
}

test("things are shown and hidden, with a display of their own", async () => {
  const page = await app.openLive("/commands");
  await page.click("#hide");
  await page.locator("#box").waitFor({ state: "hidden" });
  const classes = await recordClasses(page);
  await page.click("#show");
  await page.locator("#box:not(.coming)").waitFor();
  assert.equal(await display(page, "#box"), "flex");
  await page.waitForFunction(() => document.querySelector("#box").className === "");
  assert.deepEqual(await classes(), ["coming", "from", "to"]);
});

test("a toggle plays one transition in each direction", async () => {
  const page = await app.openLive("/commands");
  let classes = await recordClasses(page);
  await page.click("#toggle");
  await page.locator("#box").waitFor({ state: "hidden" });
  assert.deepEqual(await classes(), ["going"]);
  classes = await recordClasses(page);
  await page.click("#toggle");
  await page.locator("#box").waitFor();
  await page.waitForFunction(() => document.querySelector("#box").className === "");
  assert.deepEqual(await classes(), ["coming", "from", "to"]);
});

test("what is hidden by its attribute is shown", async () => {
  const page = await app.openLive("/commands");
  await page.click("#menu-button");
  await page.locator("#menu").waitFor();
  await page.click("#menu-button");
  await page.locator("#menu").waitFor({ state: "hidden" });
});

test("a transition alone leaves everything as it was", async () => {
  const page = await app.openLive("/commands");
  const classes = await recordClasses(page);
  await page.click("#flash");
  await page.waitForFunction(() => window.classes.has("going"));
  await page.locator("#box:not(.going)").waitFor();
  assert.deepEqual(await classes(), ["going"]);
});

test("classes and attributes come and go", async () => {
  const page = await app.openLive("/commands");
  await page.click("#classes");
  await page.locator("#box.a.b").waitFor();
  await page.click("#fewer");
  await page.locator("#box.a:not(.b)").waitFor();
  await page.click("#on");
  await page.locator('#box[data-on="1"]:not([title])').waitFor();
  await page.click("#on");
  await page.locator("#box:not([data-on]):not([title])").waitFor();
});

test("targets are found below and above the element", async () => {
  const page = await app.openLive("/commands");
  await page.locator("#near").dispatchEvent("click");
  await page.locator("section.closest").waitFor({ state: "attached" });
  await page.locator("#near > b.inner").waitFor({ state: "attached" });
  assert.equal(await page.locator("b.inner").count(), 1);
});

test("commands in another attribute are run", async () => {
  const page = await app.openLive("/commands");
  await page.click("#exec");
  await page.locator("#box.ran").waitFor();
});

test("an event that does not bubble stays at its element", async () => {
  const page = await app.openLive("/commands");
  await page.evaluate(() => {
    window.heard = [];
    for (const selector of ["body", "#quiet"]) {
      const element = document.querySelector(selector);
      element.addEventListener("app:quiet", () => window.heard.push(selector));
    }
  });
  await page.click("#quiet");
  assert.deepEqual(await page.evaluate(() => window.heard), ["#quiet"]);
});

test("what the server sends waits for a script that asks for it", async () => {
  const page = await app.openLive("/commands");
  await page.evaluate(() => {
    window.addEventListener("app:wait", ({ detail }) => (window.done = detail.done));
    window.answered = new Promise((resolve) => {
      window.liveSocket.socket.onMessage(({ event }) => event === "phx_reply" && resolve());
    });
  });
  await page.click("#wait");
  await page.waitForFunction(() => window.done);
  await page.evaluate(() => window.answered);
  assert.equal(await page.textContent("#number"), "0");
  await page.evaluate(() => window.done());
  await hasText(page, "#number", "1");
});

test("the focus goes there and back", async () => {
  const page = await app.openLive("/commands");
  await page.focus("#there");
  await page.keyboard.press("Enter");
  await hasFocus(page, "#field");
  await page.focus("#back");
  await page.keyboard.press("Enter");
  await hasFocus(page, "#there");
});

test("a pushed event has its loading elements and its receiver", async () => {
  const page = await app.openLive("/commands");
  const classes = await recordClasses(page);
  await page.click("#loading");
  await hasText(page, "#number", "1");
  assert.ok((await classes()).includes("phx-click-loading"));
  await page.evaluate(() => {
    window.loading = [];
    for (const kind of ["start", "stop"]) {
      window.addEventListener(`phx:page-loading-${kind}`, () => window.loading.push(kind));
    }
  });
  await page.click("#to-receiver");
  await hasText(page, "#receiver", "1");
  await page.waitForFunction(() => window.loading.join() === "start,stop");
  await hasText(page, "#number", "1");
});
