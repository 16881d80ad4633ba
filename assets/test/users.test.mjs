// `/users-fast` and `/users-slow`: one table, loaded in two ways.

import assert from "node:assert/strict";
import { test } from "node:test";
import { click, hasText, startApp } from "./support/app.mjs";

const app = await startApp();

/** Id and cells of every row, in the order shown. */
function rows(page) {
  return page.$$eval("table#users tr[data-user-id]", (rows) =>
    rows.map((row) => [row.dataset.userId, ...[...row.cells].map((cell) => cell.innerText.trim())]),
  );
}

test("both pages show the same people", async () => {
  const fast = await app.openLive("/users-fast");
  const slow = await app.openLive("/users-slow");
  const table = await rows(fast);
  assert.equal(table.length, 20);
  for (const [id, name, age, count] of table) {
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.ok(name.length > 2);
    assert.ok(Number(age) > 0);
    assert.ok(Number(count) >= 0 && Number(count) <= 10);
  }
  assert.deepEqual(await rows(slow), table);
});

test("one query against one more for every user", async () => {
  await hasText(await app.openLive("/users-fast"), "#query-count", "1");
  await hasText(await app.openLive("/users-slow"), "#query-count", "21");
});

test("the first response is complete without script", async () => {
  for (const path of ["/users-fast", "/users-slow"]) {
    const page = await app.open(path, { javaScriptEnabled: false });
    assert.equal((await rows(page)).length, 20);
    assert.match(await page.textContent("#load-time"), /\d/);
  }
});

test("titles tell the pages apart", async () => {
  assert.equal(await (await app.openLive("/users-fast")).title(), "Users, fast · Belvedere");
  assert.equal(await (await app.openLive("/users-slow")).title(), "Users, slow · Belvedere");
});

test("refresh without a change keeps every row's element", async () => {
  const page = await app.openLive("/users-slow");
  const before = await rows(page);
  await page.$$eval("tr[data-user-id]", (rows) => rows.forEach((row) => (row.kept = true)));
  await click(page, "#refresh");
  assert.deepEqual(await rows(page), before);
  assert.ok(await page.$$eval("tr[data-user-id]", (rows) => rows.every((row) => row.kept)));
});

test("refresh shows what changed in the database", async () => {
  const fast = await app.openLive("/users-fast");
  const slow = await app.openLive("/users-slow");
  await app.server.run("seed", "--users", "1");
  for (const [page, queries] of [[fast, "1"], [slow, "22"]]) {
    await click(page, "#refresh");
    await hasText(page, "#query-count", queries);
    assert.equal((await rows(page)).length, 21);
  }
  assert.deepEqual(await rows(slow), await rows(fast));
});
