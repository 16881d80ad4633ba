// The server is replaced under an open page: in order or killed, by a process with the same secret.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { answered, connected, disconnected, hasFocus, hasText, openDialog, screenshot, startApp } from "./support/app.mjs";
import { Server } from "./support/server.mjs";

const app = await startApp();
const stored = await Server.start({ SNAPSHOT_STORE: "database" });
after(() => stored.close());

/** Ends the server and starts another one in its place. */
async function replace(page, how, server = app.server) {
  await page.evaluate(() => (window.before = true));
  await server[how]();
  await disconnected(page);
  await server.restart();
  await connected(page);
  await answered(page);
}

/** Does something, and waits until the page is given a snapshot: of that, or of what was done just before. */
async function kept(page, act) {
  await page.evaluate(() => {
    window.isKept = false;
    window.addEventListener("phx:live_view:snapshot", () => (window.isKept = true), { once: true });
  });
  await act();
  await page.waitForFunction(() => window.isKept);
}

/** Clicks so often, as quickly as a page takes it, which then shows a number. */
const count = async (page, times, number = times) => {
  for (let clicks = 0; clicks < times; clicks += 1) await page.click("#inc");
  await hasText(page, "#count", String(number));
};

const isSameDocument = (page) => page.evaluate(() => window.before === true);

test("of quick clicks just before the server is killed none is lost that was answered", async () => {
  const page = await app.openLive("/counter", { outage: true });
  await count(page, 7);
  await replace(page, "kill");
  await hasText(page, "#count", "7");
  assert.ok(await isSameDocument(page));
  await screenshot(page, "deploy-counter");
});

test("a number that lies in a table of the database is there, deploy after deploy", async () => {
  const page = await app.openLive("/counter", { outage: true, at: stored.url });
  await kept(page, () => count(page, 7));
  await replace(page, "stop", stored);
  await hasText(page, "#count", "7");
  await count(page, 1, 8);
  await replace(page, "stop", stored);
  await hasText(page, "#count", "8");
  assert.ok(await isSameDocument(page));
});

test("of clicks just before an orderly stop none is lost", async () => {
  const page = await app.openLive("/counter", { outage: true });
  await count(page, 7);
  await replace(page, "stop");
  await hasText(page, "#count", "7");
  assert.ok(await isSameDocument(page));
});

for (const how of ["kill", "stop"]) {
  test(`a half-filled form, its error, its dialog and the page of the list are where they were (${how})`, async () => {
    const page = await app.openLive("/users?page=2", { outage: true });
    const name = (await page.textContent("#users tbody tr th")).trim();
    await openDialog(page);
    await page.fill("[role=dialog] [name='user[name]']", name);
    await page.fill("[role=dialog] [name='user[age]']", "4");
    await page.click("[role=dialog] form button:has-text('Save')");
    const error = page.locator("[role=dialog] .error", { hasText: "belongs to another user already" });
    await error.waitFor();
    await hasFocus(page, "#user_name");
    // Whatever comes from now on has the error in it.
    await kept(page, () => page.fill("[role=dialog] [name='user[age]']", "41"));
    await answered(page);
    const [url, list] = [page.url(), await page.innerText("table#users")];
    await replace(page, how);
    assert.ok(await isSameDocument(page));
    await error.waitFor();
    assert.equal(await page.inputValue("[role=dialog] [name='user[name]']"), name);
    assert.equal(await page.inputValue("[role=dialog] [name='user[age]']"), "41");
    assert.equal(page.url(), url);
    assert.equal(await page.innerText("table#users"), list);
    await screenshot(page, `deploy-form-${how}`);
  });
}

for (const how of ["kill", "stop"]) {
  test(`what was deleted can be brought back on the next server (${how})`, async () => {
    const page = await app.openLive("/users", { outage: true });
    const [name, count] = [await page.textContent("#users tbody th"), await page.innerText("#users caption")];
    page.on("dialog", (dialog) => dialog.accept());
    await kept(page, () => page.click(".row-actions form button"));
    await page.locator(".undo span", { hasText: `${name.trim()} was deleted` }).waitFor();
    const undo = await page.getAttribute(".undo button", "id");
    await replace(page, how);
    await hasFocus(page, `#${undo}`);
    await page.keyboard.press("Enter");
    await page.locator(".undo").waitFor({ state: "detached" });
    await hasText(page, "#users caption", count);
    assert.ok(await isSameDocument(page));

    await page.click("#users tbody th a");
    await page.fill("#new_task", `Read ${how}`);
    await page.keyboard.press("Enter");
    const item = page.locator("#items li", { hasText: `Read ${how}` });
    await kept(page, () => item.locator("[value=delete]").click());
    await item.waitFor({ state: "detached" });
    await replace(page, how);
    await page.click(".undo button");
    await item.waitFor();
  });
}

test("new scripts are loaded, and the number stays", async () => {
  const page = await app.openLive("/counter", { outage: true });
  await count(page, 3);
  await app.deployScripts(page);
  await hasText(page, "#count", "3");
  assert.equal(await page.evaluate(() => sessionStorage.getItem("belvedere:snapshot")), null);
});

test("a page that its visitor loads anew, or comes back to, begins anew", async () => {
  const page = await app.openLive("/counter");
  await count(page, 2);
  await page.reload();
  await connected(page);
  await hasText(page, "#count", "0");
});
