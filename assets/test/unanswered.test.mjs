// A form that is sent while what was typed before is still under way: the server answers when the test
// says so.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, connected, hasText, lose, startPages } from "./support/app.mjs";

const app = await startPages();

/** Lets the server answer so many events. */
const allow = (page, count) => fetch(`${page.url()}/${count}`, { method: "POST" });

/** Does so, and waits until the page shows the last answer. */
async function answer(page, count) {
  const before = Number(await page.textContent("#answers"));
  await allow(page, count);
  await hasText(page, "#answers", String(before + count));
}

const typed = (page) => Promise.all([page.inputValue("#guest_name"), page.inputValue("#guest_age")]);

/** Types a name and an age, the first letter of which is answered, and presses Enter. */
async function typeAndEnter(page, name, age) {
  await page.focus("#guest_name");
  await page.keyboard.type(name.slice(0, 2));
  await answer(page, 1);
  await page.keyboard.type(name.slice(2));
  await page.keyboard.press("Tab");
  await page.keyboard.type(age);
  await page.keyboard.press("Enter");
}

test("what was typed before Enter stays when the server refuses it", async () => {
  const page = await app.openLive("/unanswered/refused");
  await typeAndEnter(page, "Karla", "1");
  assert.deepEqual(await typed(page), ["Karla", "1"]);
  // The other letters of the name, and the age.
  await answer(page, 5);
  assert.deepEqual(await typed(page), ["Karla", "1"]);
  assert.equal(await page.getAttribute("#guest_name", "readonly"), "", "the form is still under way");
  await answer(page, 1);
  await hasText(page, "#guest_age--error", "is too young");
  assert.deepEqual(await typed(page), ["Karla", "1"]);

  await answered(page);
  await page.keyboard.type("9");
  await page.keyboard.press("Enter");
  await answer(page, 2);
  await hasText(page, "#welcomed", "Karla 19");
});

test("a form is as open as the changes before it are answered, until it is answered itself", async () => {
  const page = await app.openLive("/unanswered/open");
  const form = page.locator("#guest--form");
  const rows = () => page.locator("#rows > li").allTextContents();
  /** Which of these attributes the element has. */
  const has = (selector, names) =>
    page.locator(selector).evaluate((element, names) => names.filter((name) => element.hasAttribute(name)), names);
  const refs = ["data-phx-ref-src", "data-phx-ref-lock", "data-phx-ref-loading"];
  await typeAndEnter(page, "Ka", "19");
  assert.deepEqual(await has("#guest--form", refs), refs);
  assert.deepEqual((await form.getAttribute("class")).split(" ").sort(), ["phx-change-loading", "phx-submit-loading"]);
  assert.deepEqual(await rows(), [], "what comes into a form that waits is shown when it is answered");
  await hasText(page, "#enter", "Entering…");

  await answer(page, 3);
  assert.deepEqual(await has("#guest--form", refs), ["data-phx-ref-src", "data-phx-ref-loading"]);
  assert.equal(await form.getAttribute("class"), "phx-submit-loading");
  assert.deepEqual(await rows(), ["1", "2", "3", "4"]);
  assert.deepEqual(await has("#guest_name", ["readonly"]), ["readonly"]);
  assert.deepEqual(await has("#enter", ["disabled", "data-phx-disable-with-restore", ...refs]), [
    "disabled",
    "data-phx-disable-with-restore",
    ...refs,
  ]);

  await answer(page, 1);
  await hasText(page, "#welcomed", "Ka 19");
  assert.deepEqual(await rows(), ["1", "2", "3", "4", "5"]);
  await hasText(page, "#enter", "Enter");
  for (const selector of ["#guest--form", "#guest_name", "#guest_age", "#enter"]) {
    const left = ["class", "readonly", "disabled", "data-phx-disable-with-restore", ...refs];
    assert.deepEqual(await has(selector, left), [], selector);
  }
});

test("what was typed while the connection was lost stays when the next answer comes", async () => {
  const page = await app.openLive("/unanswered/lost");
  await page.focus("#guest_name");
  await page.keyboard.type("Ka");
  await answer(page, 1);
  await lose(page);
  await page.keyboard.type("rla");
  // The second letter, and what the browser says of the form when it is back.
  await allow(page, 2);
  await page.evaluate(() => window.liveSocket.connect());
  await connected(page);
  await hasText(page, "#answers", "3");
  await page.keyboard.press("Tab");
  await page.keyboard.type("1");
  await answer(page, 1);
  await answered(page);
  assert.deepEqual(await typed(page), ["Karla", "1"]);
});
