// Forms: what was typed stays, errors come where somebody was, rows move under the caret, and nothing is
// lost with the server or without JavaScript.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, connected, disconnected, hasFocus, hasText, hold, startPages } from "./support/app.mjs";

const app = await startPages();

/** Where the focus and the caret are. */
function caret(page) {
  return page.evaluate(() => {
    const { id, selectionStart } = document.activeElement;
    return [id, selectionStart];
  });
}

/** Types into an input as a person does, and waits for the answer. */
async function type(page, selector, text) {
  await page.locator(selector).fill("");
  await page.locator(selector).pressSequentially(text);
  await answered(page);
}

/** All that a browser would send of the form, but for marks of rows. */
function values(page) {
  return page.evaluate(() => {
    const entries = [...new FormData(document.querySelector("form"))];
    return Object.fromEntries(entries.filter(([name]) => !name.includes("[_")));
  });
}

/** Fills in all that the form asks for. */
async function fillIn(page, name) {
  await type(page, "#trip_name", name);
  await type(page, "#trip_age", "12");
  await page.selectOption("#trip_meal", "no_meat");
  await page.check("#trip_seat-window");
  await page.check("#trip_insured");
  await page.selectOption("#trip_stops", ["meat", "no_meat"]);
  await page.fill("#trip_leaves", "2026-12-01");
  await answered(page);
}

test("a text that cannot be read stays, and errors come where somebody was", async () => {
  const page = await app.openLive("/forms");
  await type(page, "#trip_age", "12a");
  await hasText(page, "#trip_age--error", "is not a whole number");
  assert.equal(await page.inputValue("#trip_age"), "12a");
  assert.equal(await page.getAttribute("#trip_age", "aria-invalid"), "true");
  assert.equal(await page.textContent("#trip_name--error"), "", "nobody was there");
  await page.locator("#trip_name").pressSequentially("N");
  await hasText(page, "#trip_name--error", "is too short");
  assert.deepEqual(await caret(page), ["trip_name", 1]);
  await page.locator("#trip_name").pressSequentially("orth");
  await hasText(page, "#trip_name--error", "");
  assert.equal(await page.inputValue("#trip_name"), "North");
});

test("every kind of input keeps what was chosen", async () => {
  const page = await app.openLive("/forms");
  await fillIn(page, "North");
  await page.uncheck("#trip_insured");
  await answered(page);
  assert.equal(await page.isChecked("#trip_insured"), false);
  await page.check("#trip_insured");
  await page.selectOption("#trip_stops", ["meat"]);
  await answered(page);
  assert.equal(await page.isChecked("#trip_seat-window"), true);
  assert.deepEqual(await values(page), {
    "trip[name]": "North",
    "trip[age]": "12",
    "trip[meal]": "no_meat",
    "trip[seat]": "window",
    "trip[insured]": "true",
    "trip[stops][]": "meat",
    "trip[leaves]": "2026-12-01",
    "trip[notes]": "",
  });
  await page.click("#save");
  await hasText(page, "output", "North");
});

test("after a refusal the first wrong input has the focus, each time", async () => {
  const page = await app.openLive("/forms");
  await type(page, "#trip_name", "North");
  await page.click("#save");
  await hasFocus(page, "#trip_age");
  await hasText(page, "#trip_leaves--error", "is empty");
  await type(page, "#trip_age", "12");
  await page.selectOption("#trip_meal", "meat");
  await page.click("#save");
  await hasFocus(page, "#trip_seat-aisle");
  await hasText(page, "#trip_seat--error", "is missing");
  await page.check("#trip_seat-aisle");
  await page.focus("#trip_notes");
  await page.click("#save");
  await hasFocus(page, "#trip_leaves");
});

test("rows come, go and move while somebody types", async () => {
  const page = await app.openLive("/forms");
  await page.click("#more");
  await page.locator("#trip_guests_0_email").waitFor();
  assert.equal(await page.textContent("#trip_age--error"), "", "only a row was asked for");
  await page.click("#more");
  await page.locator("#trip_guests_1_email").waitFor();
  await type(page, "#trip_guests_0_email", "ann");
  await type(page, "#trip_guests_1_email", "bob@ex.test");
  await page.keyboard.press("ArrowLeft");
  const before = await caret(page);
  // As a click does, but the focus stays.
  await page.evaluate(() => document.querySelector(".guest:nth-of-type(2) .up").click());
  await page.waitForFunction(() => document.querySelector(".guest input").value === "bob@ex.test");
  assert.deepEqual(await caret(page), before);
  await page.locator("#trip_guests_1_email").pressSequentially("s");
  await answered(page);
  assert.equal(await page.inputValue("#trip_guests_1_email"), "bob@ex.tesst");
  await page.evaluate(() => document.querySelector(".guest:nth-of-type(2) .drop").click());
  await page.locator("#trip_guests_0_email").waitFor({ state: "detached" });
  assert.deepEqual((await caret(page))[0], "trip_guests_1_email");
  await page.evaluate(() => document.querySelector("#add").click());
  await page.locator("#trip_guests_2_email").waitFor();
  assert.equal((await caret(page))[0], "trip_guests_1_email");
  assert.equal(await page.inputValue("#trip_guests_1_email"), "bob@ex.tesst");
  await page.press("#trip_guests_1_email", "Enter");
  await hasText(page, "#trip_age--error", "is empty");
  assert.equal(await page.locator(".guest").count(), 2, "Enter sends the form, and asks for no row");
});

test("rows come and go by boxes", async () => {
  const page = await app.openLive("/forms");
  for (const [row, email] of ["ann", "bob", "cyd"].entries()) {
    // Not `check`: the answer unticks the box.
    await page.click("#more-box");
    await page.locator(`#trip_guests_${row}_email`).fill(email);
    await answered(page);
    assert.equal(await page.isChecked("#more-box"), false);
  }
  await page.click(".guest:nth-of-type(2) .gone");
  await page.locator("#trip_guests_1_email").waitFor({ state: "detached" });
  await answered(page);
  const emails = page.locator(".guest input[type=text]");
  assert.deepEqual(await emails.evaluateAll((all) => all.map(({ value }) => value)), ["ann", "cyd"]);
});

test("a form that is reset is as if nobody had been in it", async () => {
  const page = await app.openLive("/forms");
  await type(page, "#trip_name", "N");
  await type(page, "#trip_age", "12a");
  await hasText(page, "#trip_name--error", "is too short");
  await hasText(page, "#trip_age--error", "is not a whole number");
  await page.click("#reset");
  await hasText(page, "#trip_name--error", "");
  await hasText(page, "#trip_age--error", "");
  await type(page, "#trip_name", "No");
  assert.equal(await page.textContent("#trip_age--error"), "");
  await page.click("#save");
  await hasText(page, "#trip_seat--error", "is missing");
  await page.click("#reset");
  await page.waitForFunction(() => [...document.querySelectorAll(".error")].every((error) => error.textContent === ""));
});

test("a button is off while its form is under way, and what was held back is sent", async () => {
  const page = await app.openLive("/forms");
  await page.fill("#trip_name", "North");
  await page.fill("#trip_notes", "held back until the focus goes");
  const underWay = await hold(page, "#save:disabled");
  await page.locator("#save").click();
  await underWay.reached();
  await hasText(page, "#save:disabled", "Saving…");
  await underWay.release();
  await answered(page);
  await page.locator("#save:enabled", { hasText: "Save" }).waitFor();
  assert.equal(await page.inputValue("#trip_notes"), "held back until the focus goes");
});

test("what was typed survives the death of the server", async () => {
  const url = await (await fetch(`${app.server.url}/mortal/start`)).text();
  const page = await app.openLive("/forms", { outage: true });
  await page.goto(`${url}/forms`);
  await connected(page);
  await fillIn(page, "N");
  await type(page, "#trip_age", "12a");
  await page.click("#more");
  await page.locator("#trip_guests_0_email").waitFor();
  await page.click("#more");
  await page.locator("#trip_guests_1_email").waitFor();
  await type(page, "#trip_guests_1_email", "ann@ex.test");
  const before = await values(page);
  await fetch(`${app.server.url}/mortal/kill`);
  await disconnected(page);
  // Typed while nobody listens.
  await page.locator("#trip_guests_1_email").pressSequentially("!");
  await fetch(`${app.server.url}/mortal/start`);
  await connected(page);
  await answered(page);
  assert.deepEqual(await values(page), {
    ...before,
    "trip[guests][1][email]": "ann@ex.test!",
  });
  await hasText(page, "#trip_age--error", "is not a whole number");
  await hasText(page, "#trip_name--error", "is too short");
  assert.equal(await page.textContent("#trip_leaves--error"), "");
  await page.click("#more");
  await page.locator("#trip_guests_2_email").waitFor();
  await fetch(`${app.server.url}/mortal/kill`);
});

test("a form that the view found right is sent by the browser", async () => {
  const page = await app.openLive("/forms");
  await fillIn(page, "Send");
  await page.click("#save");
  await page.waitForURL("**/forms/booked/Send");
});

test("who leaves a changed form is asked first", async () => {
  const page = await app.openLive("/forms");
  await type(page, "#trip_name", "North");
  await page.locator("form[data-unsaved]").waitFor();
  const asked = page.waitForEvent("dialog");
  const closed = page.close({ runBeforeUnload: true });
  const dialog = await asked;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  await closed;
  assert.equal(await page.inputValue("#trip_name"), "North");
  await page.locator("#trip_name").pressSequentially("!");
  await answered(page);

  const left = page.waitForEvent("dialog");
  const sent = page.evaluate(() => {
    const other = document.createElement("form");
    other.action = "/texts";
    other.dataset.unsaved = "Leave the other?";
    document.body.prepend(other);
    other.requestSubmit();
  });
  const question = await left;
  assert.deepEqual([question.type(), question.message()], ["confirm", "Leave without saving?"]);
  await question.dismiss();
  await sent;
  await page.evaluate(() => document.querySelector("form[action='/texts']").remove());

  const questions = [];
  page.on("dialog", (dialog) => {
    questions.push(dialog.message());
    return dialog.dismiss();
  });
  const stays = await page.evaluate(() => {
    const detail = { href: "/texts", patch: false };
    const leave = new CustomEvent("phx:before-navigate", { detail, cancelable: true });
    window.dispatchEvent(leave);
    return leave.defaultPrevented;
  });
  assert.deepEqual([stays, questions], [true, ["Leave without saving?"]]);
  await fillIn(page, "North");
  await page.click("#save");
  await hasText(page, "output", "North");
  await page.click("#away");
  await page.waitForURL("**/texts");
  await connected(page);
});

test("without JavaScript the form ends at the same place", async () => {
  const page = await app.open("/forms", { javaScriptEnabled: false });
  await page.locator("#trip_name").fill("North");
  await page.locator("#more").click();
  await page.locator("#trip_guests_0_email").fill("ann");
  assert.equal(await page.locator("#trip_name").inputValue(), "North");
  assert.equal(await page.locator("#trip_age--error").textContent(), "", "only a row was asked for");
  await page.locator(".guest .drop").click();
  await page.locator(".guest").waitFor({ state: "detached" });
  await page.locator("#trip_age").fill("12a");
  await page.locator("#trip_age").press("Enter");
  await page.locator("#trip_age--error", { hasText: "is not a whole number" }).waitFor();
  assert.equal(await page.locator("#trip_age").inputValue(), "12a");
  await page.locator("#trip_age").fill("12");
  await page.locator("#trip_meal").selectOption("meat");
  await page.locator("#trip_seat-aisle").check();
  await page.locator("#trip_leaves").fill("2026-12-01");
  await page.locator("#save").click();
  await page.waitForURL("**/forms/booked/North");
});
