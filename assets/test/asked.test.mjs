// Typed events in rows with what the browser brings, commands from the server, dialogs that keep the focus,
// and questions before an event.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasText, startPages } from "./support/app.mjs";

const app = await startPages();

const said = (page, text) => hasText(page, "#said", text);

test("a row's typed button says which row it is of", async () => {
  const page = await app.openLive("/asked");
  await page.click("#delete-2");
  await said(page, 'delete 2 a "name" & <more>');
  await page.click("#delete-3");
  await said(page, 'delete 3 a "name" & <more>');
});

test("a number that JavaScript would round comes as it was given", async () => {
  const page = await app.openLive("/asked");
  await page.click("#large");
  await said(page, "large 9007199254740993");
});

test("an event of a shared part reaches the view that takes it in", async () => {
  const page = await app.openLive("/asked");
  await page.click("#next");
  await said(page, "page 7");
});

test("a checkbox, a key and a form come with what the template gives", async () => {
  const page = await app.openLive("/asked");
  await page.click("#check-2");
  await said(page, "check 2 true");
  await page.click("#check-2");
  await said(page, "check 2 false");
  await page.focus("#key-3");
  await page.keyboard.press("x");
  await said(page, "move 3 x");
  await page.click("#form-1 button");
  await said(page, "rename 1 new");
});

test("the server has the browser run commands", async () => {
  const page = await app.openLive("/asked");
  await page.click("#focus");
  await page.locator("[data-phx-main].told").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "title");
});

test("a dialog keeps the focus and gives it back", async () => {
  const page = await app.openLive("/asked");
  const focused = () => page.evaluate(() => document.activeElement.id);
  for (const close of [() => page.click("#close"), () => page.keyboard.press("Enter")]) {
    await page.focus("#open");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.id === "first");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "close");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "first");
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(), "close");
    await close();
    await page.locator("#dialog").waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement.id === "open");
  }
});

test("a question before an event, declined and accepted", async () => {
  const page = await app.openLive("/asked");
  const questions = [];
  let isAccepted = false;
  page.on("dialog", (dialog) => {
    questions.push(dialog.message());
    return isAccepted ? dialog.accept() : dialog.dismiss();
  });
  const url = page.url();
  await page.click("#asked");
  await page.press("#asked", "Enter");
  await page.press("#asked", "Space");
  await page.click("#asked-form button");
  await page.press("#asked-form input", "Enter");
  await page.click("#asked-label", { position: { x: 2, y: 2 } });
  await page.click("#asked-link");
  await page.click("#asked-link", { button: "middle" });
  await page.click("#next");
  await said(page, "page 7");
  assert.deepEqual(await page.locator("#log li").allTextContents(), ["page 7"]);
  assert.equal(page.url(), url);
  assert.equal(page.context().pages().length, 1);
  assert.deepEqual(
    questions.splice(0),
    ["Really?", "Really?", "Really?", "Send it?", "Send it?", "Check?", "Leave?", "Leave?"],
  );
  isAccepted = true;
  await page.click("#asked");
  await said(page, "page 1");
  await page.click("#asked-form button");
  await said(page, "rename 9 asked");
  await page.click("#asked-label", { position: { x: 2, y: 2 } });
  await said(page, "check 9 true");
  assert.deepEqual(questions.splice(0), ["Really?", "Send it?", "Check?"]);
  await page.click("#asked-link");
  await page.waitForURL("**/asked?left");
  assert.deepEqual(questions, ["Leave?"]);
});
