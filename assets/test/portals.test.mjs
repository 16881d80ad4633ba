// Portals: parts of a view that stand elsewhere in the document.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, hasFocus, hasText, mark, marked, reconnect, startPages } from "./support/app.mjs";

const app = await startPages();

const dialog = "#dialog";

test("the content stands in its target once the view has joined", async () => {
  const plain = await app.open("/portals", { javaScriptEnabled: false });
  assert.equal(await plain.locator(`#beside ${dialog}`).count(), 0);
  const page = await app.openLive("/portals");
  assert.equal(await page.locator(`#beside > ${dialog}`).count(), 1);
  assert.equal(await page.locator(dialog).count(), 1);
});

test("events from inside reach the view, and the answer reaches the content", async () => {
  const page = await app.openLive("/portals");
  await mark(page, `${dialog} input, ${dialog}`);
  for (const clicks of ["1", "2", "3"]) {
    await page.click("#click");
    await hasText(page, "#clicks", clicks);
    await hasText(page, `${dialog} output`, clicks);
  }
  assert.deepEqual(await page.locator(`${dialog} li`).allTextContents(), ["0", "1", "2"]);
  assert.equal((await marked(page, `${dialog} input, ${dialog}`)).length, 2);
});

test("an input in the content keeps its focus and its text", async () => {
  const page = await app.openLive("/portals");
  await page.type("#note", "hal");
  await act(page, "click");
  await hasText(page, `${dialog} output`, "1");
  await page.keyboard.type("f");
  assert.equal(await page.inputValue("#note"), "half");
});

test("the content goes with its template and comes back", async () => {
  const page = await app.openLive("/portals");
  await page.click("#close");
  await page.locator(dialog).waitFor({ state: "detached" });
  await act(page, "open");
  await page.locator(`#beside > ${dialog}`).waitFor();
  await page.click("#click");
  await hasText(page, `${dialog} output`, "1");
});

test("the content moves to another target", async () => {
  const page = await app.openLive("/portals");
  await act(page, "close");
  await act(page, "move");
  await act(page, "open");
  assert.equal(await page.locator(`body > ${dialog}`).count(), 1);
  assert.equal(await page.locator(dialog).count(), 1);
});

test("the content is there once and works after a lost connection", async () => {
  const page = await app.openLive("/portals");
  await page.click("#click");
  await hasText(page, `${dialog} output`, "1");
  await reconnect(page);
  assert.equal(await page.locator(dialog).count(), 1);
  await page.click("#click");
  await hasText(page, `${dialog} output`, "2");
  await page.click("#component-click");
  await hasText(page, "#opener > span", "1");
});

test("a component's portal belongs to the component", async () => {
  const page = await app.openLive("/portals");
  await page.locator("#beside #component-click").waitFor();
  for (const clicks of ["1", "2"]) {
    await page.click("#component-click");
    await hasText(page, "#component-click", clicks);
    await hasText(page, "#opener > span", clicks);
  }
  await hasText(page, "#clicks", "0");
});

test("what a component shows elsewhere goes with it after its fade, and comes back with it", async () => {
  const page = await app.openLive("/portals");
  const button = page.locator("#component-click");
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await page.click("#component-click");
    await hasText(page, "#component-click", "1");
    await act(page, "toggle");
    // Nothing else is asked of the view meanwhile.
    await button.waitFor({ state: "detached" });
    assert.equal(await page.locator("#opener").count(), 0);
    await act(page, "toggle");
    await button.waitFor();
    await hasText(page, "#component-click", "0");
  }
});

for (const kind of ["plain", "fades"]) {
  test(`a dialog gives the focus back when Escape closes it (${kind})`, async () => {
    const page = await app.openLive(`/dialog/${kind}`);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await page.focus("#open");
      await page.keyboard.press("Enter");
      await hasFocus(page, "#name");
      await page.keyboard.type("x");
      await page.keyboard.press("Escape");
      await page.locator("#dialog").waitFor({ state: "detached" });
      await hasFocus(page, "#open");
      assert.equal(await page.locator("template").count(), 0, "nothing is left of the portal");
    }
  });
}

test("an author's own ids stand beside those of a portal", async () => {
  const page = await app.openLive("/dialog/plain");
  await page.click("#open");
  await page.locator("#dialog").waitFor();
  const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
  assert.deepEqual([...new Set(ids)], ids, "each id once");
});
