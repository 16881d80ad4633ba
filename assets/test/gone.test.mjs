// Commands for the moments in which an element comes and goes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, hasText, startPages } from "./support/app.mjs";

const app = await startPages();

const notice = "#notice";

/** Watches the notice's end: when it began to leave, and when it was gone. */
async function watch(page) {
  await page.evaluate(() => {
    window.seen = [];
    new MutationObserver((records) => {
      for (const { type, target, removedNodes } of records) {
        if (type === "attributes" && target.matches("#notice.leaving")) window.seen.push("leaving");
        for (const node of removedNodes) if (node.id === "notice") window.seen.push("gone");
      }
    }).observe(document.body, { subtree: true, childList: true, attributeFilter: ["class"] });
  });
}

test("what is mounted runs its commands once", async () => {
  const page = await app.openLive("/gone");
  await page.evaluate(() => {
    window.details = [];
    window.addEventListener("app:mounted", ({ target, detail }) => {
      window.details.push([target.id, detail.text]);
    });
  });
  await act(page, "show");
  await page.locator(`${notice}.here`).waitFor();
  await hasText(page, "#mounted", "1");
  await page.waitForFunction(() => document.activeElement.id === "close");
  await act(page, "show");
  await hasText(page, "#mounted", "1");
  assert.deepEqual(await page.evaluate(() => window.details), [["notice", "\"'><b>&amp;"]]);
});

test("an element leaves after its transition", async () => {
  const page = await app.openLive("/gone");
  await act(page, "show");
  await watch(page);
  const started = await page.evaluate(() => performance.now());
  await page.click("#close");
  await page.locator(notice).waitFor({ state: "detached" });
  const took = (await page.evaluate(() => performance.now())) - started;
  const seen = await page.evaluate(() => window.seen);
  assert.deepEqual([seen[0], seen.at(-1)], ["leaving", "gone"]);
  assert.ok(took >= 1000, `the removal took ${took} ms`);
  await hasText(page, "#removed", "1");
});

test("an element that left comes back and runs its commands again", async () => {
  const page = await app.openLive("/gone");
  await act(page, "show");
  await hasText(page, "#mounted", "1");
  await page.click("#close");
  await page.locator(notice).waitFor({ state: "detached" });
  await act(page, "show");
  await page.locator(`${notice}.here`).waitFor();
  await hasText(page, "#mounted", "2");
});

test("a lost connection and a new one run commands", async () => {
  const page = await app.openLive("/gone");
  await page.locator("#connection[title=connected]").waitFor({ state: "attached" });
  await page.evaluate(() => new Promise((done) => window.liveSocket.disconnect(done)));
  await page.locator("#connection[title=lost]").waitFor({ state: "attached" });
  await page.evaluate(() => window.liveSocket.connect());
  await page.locator("#connection[title=connected]").waitFor({ state: "attached" });
});
