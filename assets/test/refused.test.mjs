// What a person has typed into a form and the view has not taken in stays in it, whatever the page shows next.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, hasCount, hasText, joined, startPages } from "./support/app.mjs";

const app = await startPages();

const PLACES = ["#own", "#component", "#nested"];

/** What stands in the form: texts, choices, and which boxes are checked. */
function content(page, place) {
  return page.evaluate((place) => {
    const form = document.querySelector(`${place} form`);
    const of = (selector, read) => [...form.querySelectorAll(selector)].map(read);
    return {
      texts: of("[name=name], [name=age], textarea", ({ value }) => value),
      chosen: of("option", ({ selected }) => selected),
      checked: of("[type=checkbox], [type=radio]", ({ checked }) => checked),
    };
  }, place);
}

/** Fills in everything. */
async function fillIn(page, place, name, age) {
  await page.fill(`${place} [name=name]`, name);
  await page.fill(`${place} [name=age]`, age);
  await page.fill(`${place} textarea`, "Late,\nwith a dog");
  await page.selectOption(`${place} [name=meal]`, "no meat");
  await page.selectOption(`${place} [name=days]`, ["Friday"]);
  await page.check(`${place} [name=news]`);
  await page.check(`${place} [value=window]`);
}

const filled = (name, age) => ({
  texts: [name, age, "Late,\nwith a dog"],
  chosen: [false, true, false, true],
  checked: [true, false, true],
});

const EMPTY = { texts: ["", "", ""], chosen: [true, false, false, false], checked: [false, false, false] };

/** A click elsewhere, and its answer. */
async function clickElsewhere(page, place) {
  const before = Number(await page.textContent(`${place} .click`));
  await page.click(`${place} .click`);
  await hasText(page, `${place} .click`, String(before + 1));
  await answered(page);
}

for (const place of PLACES) {
  test(`a form that cannot be read, or whose event fails, keeps all that was typed: ${place}`, async () => {
    const page = await app.openLive("/refused");
    for (const [name, age, words] of [["Ann", "old", "whole number"], ["fail", "30", "went wrong"]]) {
      await fillIn(page, place, name, age);
      await page.click(`${place} .save`);
      await page.locator(".flash.error", { hasText: words }).waitFor();
      await answered(page);
      assert.deepEqual(await content(page, place), filled(name, age));
      await clickElsewhere(page, place);
      assert.deepEqual(await content(page, place), filled(name, age), "after another event");
    }
    await page.fill(`${place} [name=name]`, "Ann");
    await page.click(`${place} .save`);
    await hasText(page, `${place} .guest`, "Ann 30");
    assert.deepEqual(await content(page, place), EMPTY, "what was taken in is as the template says");
  });

  test(`a form whose view panics keeps all that was typed: ${place}`, async () => {
    const page = await app.openLive("/refused");
    await fillIn(page, place, "panic", "30");
    const view = await page.evaluateHandle((place) => window.liveSocket.owner(document.querySelector(place)), place);
    const before = await view.evaluate(({ joinCount }) => joinCount);
    await page.click(`${place} .save`);
    await page.waitForFunction(([view, before]) => view.joinCount > before, [view, before]);
    await joined(page, `${place} form`);
    await clickElsewhere(page, place);
    assert.deepEqual(await content(page, place), filled("panic", "30"));
    await page.fill(`${place} [name=name]`, "Ann");
    await page.click(`${place} .save`);
    await hasText(page, `${place} .guest`, "Ann 30");
    assert.deepEqual(await content(page, place), EMPTY);
  });

  test(`what the view shows in a control from then on replaces what was typed: ${place}`, async () => {
    const page = await app.openLive("/refused");
    await fillIn(page, place, "Ann", "old");
    await page.click(`${place} .save`);
    await hasCount(page, ".flash.error", 1);
    await page.click(`${place} .suggest`);
    await page.waitForFunction((place) => document.querySelector(`${place} [name=name]`).value === "Somebody", place);
    assert.deepEqual(await content(page, place), filled("Somebody", "old"));
  });
}

test("a text that is too long stays when something else happens, until it is taken", async () => {
  const page = await app.openLive("/texts");
  const long = "中".repeat(100_000);
  await page.fill("#note", long);
  await page.locator(".flash.error", { hasText: "too long" }).waitFor();
  for (const clicks of ["1", "2"]) {
    await page.click("#click");
    await hasText(page, "#click", clicks);
    assert.equal((await page.inputValue("#note")).length, long.length);
  }
  await page.fill("#note", "short");
  await hasText(page, "#length", "5");
  await page.click("#click");
  await hasText(page, "#click", "3");
  assert.equal(await page.inputValue("#note"), "short");
});
