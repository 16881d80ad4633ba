// `/dashboard`: charts that fill in, each by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { click, startApp } from "./support/app.mjs";

const app = await startApp();

test("without JavaScript the parts say what they are", async () => {
  const page = await app.open("/dashboard", { javaScriptEnabled: false });
  assert.deepEqual(await page.locator(".part h2").allTextContents(), ["All lists", "People by age", "Most to do"]);
});

test("both charts fill in, are loaded again, and lead on", async () => {
  const page = await app.openLive("/dashboard?round_trip_ms=20");
  const columns = page.locator("#decades rect");
  const rows = page.locator("#busiest tbody tr");
  await columns.first().waitFor({ state: "attached" });
  await rows.first().waitFor();
  const n_columns = await columns.count();
  assert.equal(await rows.count(), 8);
  assert.match(await page.locator("#decades svg").getAttribute("aria-label"), /^People by age: \d+ in their \d+s/);
  // The tallest column is as high as the chart allows, and seen.
  const heights = await columns.evaluateAll((all) => all.map((column) => column.getBoundingClientRect().height));
  assert.ok(Math.max(...heights) > 50, `${heights}`);

  await click(page, "#refresh");
  assert.equal(await columns.count(), n_columns, "what is known stays meanwhile");
  await page.locator("[aria-busy]").first().waitFor({ state: "detached" });
  assert.equal(await columns.count(), n_columns);

  await page.click("#busiest a");
  await page.waitForURL("**/users/*");
});
