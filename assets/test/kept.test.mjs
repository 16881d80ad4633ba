// What the browser keeps when the server sends everything anew.

import assert from "node:assert/strict";
import { test } from "node:test";
import { act, click, hasText, startPages } from "./support/app.mjs";

const app = await startPages();

test("an ignored subtree stays a script's, and its data attributes the server's", async () => {
  const page = await app.openLive("/kept");
  await page.evaluate(() => {
    document.querySelector("#ignored").innerHTML = "<canvas></canvas>";
    document.querySelector("#ignored").className = "mine";
  });
  await act(page, "next");
  await hasText(page, "#number", "1");
  const ignored = page.locator("#ignored");
  assert.equal(await ignored.innerHTML(), "<canvas></canvas>");
  assert.equal(await ignored.getAttribute("class"), "mine");
  assert.equal(await ignored.getAttribute("data-number"), "1");
  assert.equal(await ignored.getAttribute("title"), "0");
});

test("attributes of the browser's own stay, others and the content change", async () => {
  const page = await app.openLive("/kept");
  await page.click("#owned summary");
  await page.click("#plain summary");
  for (const number of ["1", "2"]) {
    await act(page, "next");
    await hasText(page, "#owned summary", `Number ${number}`);
    assert.equal(await page.getAttribute("#owned", "title"), number);
    assert.ok(await page.$eval("#owned", (details) => details.open), "open stays");
    assert.ok(!(await page.$eval("#plain", (details) => details.open)), "without, it does not");
  }
  await page.click("#owned summary");
  await act(page, "next");
  assert.ok(!(await page.$eval("#owned", (details) => details.open)), "closed stays as well");
});

test("a modal dialog that a script has opened stays, until a script closes it", async () => {
  const page = await app.openLive("/kept");
  const isOpen = () => page.$eval("#modal", (dialog) => dialog.open && dialog.matches(":modal"));
  await page.$eval("#modal", (dialog) => {
    dialog.querySelector("#shut").addEventListener("click", () => dialog.close());
    dialog.showModal();
  });
  await act(page, "next");
  await hasText(page, "#modal p", "Number 1");
  assert.equal(await page.getAttribute("#modal", "title"), "1");
  assert.ok(await isOpen());
  await page.click("#shut");
  await act(page, "next");
  assert.ok(!(await isOpen()));
  await click(page, "#change");
  await hasText(page, "#number", "3");
});

test("a browser that cannot tell modal dialogs shows what changes all the same", async () => {
  const watch = (page) =>
    page.addInitScript(() => {
      const { supports } = CSS;
      CSS.supports = (...words) => !words[0].includes(":modal") && supports.apply(CSS, words);
      const { matches } = Element.prototype;
      Element.prototype.matches = function (selector) {
        if (selector.includes(":modal")) throw new DOMException(`'${selector}' is not a valid selector.`, "SyntaxError");
        return matches.call(this, selector);
      };
    });
  const page = await app.openLive("/kept", { watch });
  await act(page, "next");
  await hasText(page, "#number", "1");
  await hasText(page, "#modal p", "Number 1");
});

test("the focused input keeps its text unless it says otherwise", async () => {
  const page = await app.openLive("/kept");
  await page.fill("#focused", "typed");
  await act(page, "next");
  assert.equal(await page.inputValue("#focused"), "typed");
  await page.fill("#patched", "typed");
  await act(page, "next");
  assert.equal(await page.inputValue("#patched"), "2");
  assert.equal(await page.inputValue("#focused"), "2", "without the focus, it takes the server's");
});

test("what commands have changed stays when the server sends the element anew", async () => {
  const page = await app.openLive("/kept");
  await click(page, "#change");
  await hasText(page, "#changed", "Number 1");
  await page.locator("#changed.plain.marked").waitFor();
  await page.locator("#ignored").waitFor({ state: "hidden" });
  assert.equal(await page.getAttribute("#changed", "data-own"), "<yes>");
  assert.equal(await page.getAttribute("#change", "aria-pressed"), "true");
  await act(page, "next");
  await hasText(page, "#changed", "Number 2");
  assert.equal(await page.getAttribute("#changed", "class"), "plain marked");
  assert.equal(await page.getAttribute("#changed", "data-own"), "<yes>");
  assert.equal(await page.locator("#ignored").isVisible(), false);

  await click(page, "#change");
  await page.locator("#changed:not(.marked)").waitFor();
  await page.locator("#ignored").waitFor({ state: "visible" });
  assert.equal(await page.getAttribute("#change", "aria-pressed"), "false");
});
