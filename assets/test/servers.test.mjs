// Two browsers on two servers that share a database and hear each other over NATS.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { answered, hasText, openDialog, startApp } from "./support/app.mjs";
import { Nats } from "./support/nats.mjs";

const nats = await Nats.start();
after(() => nats.kill());
const app = await startApp({ NATS_URL: nats.url });
const second = await app.startAnother();

const own = (page) => page.textContent("#company strong");

const add = async (page, name) => {
  await openDialog(page);
  await page.fill("#user_name", name);
  await page.fill("#user_age", "40");
  await page.press("#user_age", "Enter");
  await answered(page);
};

const first = (page, name) => hasText(page, "#users tbody tr:first-child th", name);

test("people on two servers see each other and what each does", async () => {
  const ann = await app.openLive("/users");
  const bob = await app.openLive("/users", { at: second.url });
  assert.notEqual(new URL(ann.url()).port, new URL(bob.url()).port);
  await hasText(ann, "#company span", await own(bob));
  await hasText(bob, "#company span", await own(ann));
  await add(ann, "Aaron Aardvark");
  await first(bob, "Aaron Aardvark");
  await add(bob, "Aaron Aaby");
  await first(ann, "Aaron Aaby");
  await bob.close();
  await ann.waitForFunction(() => document.querySelector("#company").textContent.includes("the only one here"));
});

test("while NATS is away each goes on by itself, and reads anew when it is back", async () => {
  const ann = await app.openLive("/users");
  const bob = await app.openLive("/users", { at: second.url });
  await hasText(ann, "#company span", await own(bob));
  await hasText(bob, "#company span", await own(ann));
  await nats.kill();
  await add(ann, "Aaron Aaa");
  await first(ann, "Aaron Aaa");
  assert.notEqual(await bob.textContent("#users tbody tr:first-child th"), "Aaron Aaa");
  await nats.restart();
  await first(bob, "Aaron Aaa");
  await hasText(bob, "#company span", await own(ann));
});
