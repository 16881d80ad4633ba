// Two browsers on the page of users: each sees what the other does, and that the other is there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, connected, hasText, openDialog, startApp } from "./support/app.mjs";

const app = await startApp();

const own = (page) => page.textContent("#company strong");
const alone = (page) =>
  page.waitForFunction(() => document.querySelector("#company").textContent.includes("the only one here"));

test("who else is here, until the last tab is closed", async () => {
  const ann = await app.openLive("/users");
  const bob = await app.openLive("/users");
  await hasText(ann, "#company span", await own(bob));
  await hasText(bob, "#company span", await own(ann));

  const second = await bob.context().newPage();
  await second.goto(bob.url());
  await connected(second);
  assert.equal(await own(second), await own(bob), "the same person in both tabs");
  await hasText(second, "#company span", await own(ann));
  await second.close();
  await bob.reload();
  await connected(bob);
  await hasText(ann, "#company span", await own(bob));
  await bob.close();
  await alone(ann);
});

test("what one does the other sees at once", async () => {
  const ann = await app.openLive("/users");
  const bob = await app.openLive("/users");
  const name = await bob.textContent("#users tbody th");
  await openDialog(ann);
  await ann.fill("#user_name", "Aaron Aardvark");
  await ann.fill("#user_age", "40");
  await ann.press("#user_age", "Enter");
  await answered(ann);
  await hasText(bob, "#users tbody tr:first-child th", "Aaron Aardvark");
  assert.notEqual(name, "Aaron Aardvark");

  await Promise.all([ann, bob].map((page) => page.click("#users tbody tr:first-child th a")));
  await hasText(ann, "h1", "Aaron Aardvark");
  await hasText(bob, "h1", "Aaron Aardvark");
  await ann.fill("#new_task", "Dig");
  await ann.press("#new_task", "Enter");
  await hasText(bob, "#items .task", "Dig");
  await hasText(bob, "#company span", await own(ann));
});
