// A session that the application ends itself, from another page, while its own are busy.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connected, hasText, startMortalPages } from "./support/app.mjs";
import { Proxy } from "./support/proxy.mjs";

const app = await startMortalPages();
const refusing = await Proxy.start(app.server.url);
after(() => refusing.close());

const isAtDoor = async (page) => {
  await hasText(page, "h1", "Who are you?");
  await connected(page);
};

async function enter(page, name) {
  await page.fill("#name", name);
  await page.press("#name", "Enter");
  await hasText(page, "h1", `Guest ${name}`);
  await connected(page);
}

/** The browser of somebody who has come in. */
async function comesIn(name) {
  const page = await app.openLive("/guests/door", { outage: true, refused: true });
  await enter(page, name);
  return page.context();
}

/** Another tab of theirs, with a click that is shown. From now on it counts its loads. */
async function tab(context, at = app.server.url) {
  const page = await context.newPage();
  await page.goto(`${at}/guests`);
  await connected(page);
  await page.click("#click");
  await hasText(page, "#click", "1");
  const tab = { page, loads: 0 };
  page.on("load", () => (tab.loads += 1));
  return tab;
}

/** Looks until so many files are on their way. */
async function hasFiles(keeper, count) {
  while ((await keeper.textContent("#look")) !== String(count)) await keeper.click("#look");
}

test("who is shown out is at the door in all tabs, after one load each, and others go on", async () => {
  const ann = await comesIn("Ann");
  const idle = await tab(ann);
  const typing = await tab(ann);
  await typing.page.fill("#note", "not saved yet");
  const sending = await tab(ann);
  const file = { name: "long.txt", mimeType: "text/plain", buffer: Buffer.from("long") };
  await sending.page.setInputFiles("input[type=file]", file);
  await hasText(sending.page, ".entry", file.name);
  const polling = await tab(ann, refusing.url);
  assert.ok(refusing.upgrades > 0);
  const bob = await tab(await comesIn("Bob"));
  const keeper = await app.openLive("/guests/keeper");
  await hasFiles(keeper, 1);

  await keeper.click("#out-Ann");
  await hasFiles(keeper, 0);
  const shownOut = [idle, typing, sending, polling];
  await Promise.all(shownOut.map(({ page }) => isAtDoor(page)));
  assert.deepEqual(shownOut.map(({ loads }) => loads), [1, 1, 1, 1]);
  await bob.page.click("#click");
  await hasText(bob.page, "#click", "2");
  assert.equal(bob.loads, 0);

  await enter(idle.page, "Ann");
  await hasText(idle.page, "#click", "0");
});
