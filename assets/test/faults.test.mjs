// What a server lacks for a while: room on a disk, files that it may open. Who is there goes on and is told in words, and
// when it is there again all works, without a restart.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { after, test } from "node:test";
import { answered, click, connected, hasText, screenshot, startApp } from "./support/app.mjs";
import { Server } from "./support/server.mjs";

const app = await startApp();

/** Says so where a tool is missing, and whether it is. */
function lacks(name, tool, ...args) {
  if (spawnSync(tool, args).status === 0) return false;
  if (process.env.CI) throw new Error(`CI must run ${name}, but ${tool} is missing`);
  console.error(`SKIPPED ${name}: ${tool}`);
  return true;
}

/** A server whose data and whose uploads lie on small disks, each with something on it that can be removed. */
async function onSmallDisks({ data, uploads }) {
  const mount = ([size, ballast], name) =>
    `mkdir -p ${name} && mount -t tmpfs -o size=${size} tmpfs ${name} && head -c ${ballast} /dev/zero > ${name}/ballast`;
  const script = `${mount(data, "data")} && ${mount(uploads, "uploads")} && export TMPDIR="$PWD/uploads" ` +
    '&& export DATABASE_URL="sqlite://$PWD/data/test.sqlite3"';
  const server = await Server.startOnDisks(script);
  after(() => server.close());
  return server;
}

/** A file of so many users, each with an item. */
function people(count) {
  const lines = Array.from({ length: count }, (_, n) => `Ann ${n},${n % 100},Task ${n},true`);
  return { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(`name,age,task,completed\n${lines.join("\n")}\n`) };
}

const choose = (page, file) => page.setInputFiles("#import input[type=file]", file);

/** What lies in the folder for uploads but for its lock, once its file is as it should be. */
async function uploads(server) {
  const [folder] = (await readdir(server.path("uploads"))).filter((name) => name.startsWith("belvedere-uploads-"));
  return folder ? (await readdir(server.path("uploads", folder))).filter((name) => name !== "lock") : [];
}

const users = async (server) => {
  const list = await app.openLive("/users", { at: server.url });
  return list.textContent("#users caption");
};

const needsDisks = { skip: lacks("a full disk", "unshare", "--mount", "true") };

test("an upload for which the disk has no room is told of at its file", needsDisks, async () => {
  const server = await onSmallDisks({ data: ["64m", "1"], uploads: ["2m", "1900k"] });
  const page = await app.openLive("/users/import", { at: server.url });
  await page.evaluate(() => (window.before = true));
  await choose(page, people(20_000));
  await hasText(page, ".entry .failed", "There is no room for more files now. Please try again later.");
  assert.deepEqual(await uploads(server), []);
  await screenshot(page, "upload-on-a-full-disk");

  await rm(server.path("uploads", "ballast"));
  await choose(page, people(20_000));
  await hasText(page, "#verdict", "20,000 users with 20,000 todo items will be saved.");
  assert.ok(await page.evaluate(() => window.before), "the page has gone on");
  await click(page, "#forget");
  await page.locator("#format").waitFor();
  assert.deepEqual(await uploads(server), []);
});

test("an import for which the disk has no room saves nothing, and says so", needsDisks, async () => {
  const server = await onSmallDisks({ data: ["64m", "61m"], uploads: ["8m", "1"] });
  const before = await users(server);
  const page = await app.openLive("/users/import", { at: server.url });
  await page.evaluate(() => (window.before = true));
  await choose(page, people(20_000));
  await page.click("#start");
  await hasText(page, ".import[data-state='failed'] p", "The server has no room for it now. Nothing was saved.");
  assert.equal(await server.says("the disk of the database is full; make room"), 1);
  assert.equal(await users(server), before);
  assert.deepEqual(await uploads(server), []);

  await rm(server.path("data", "ballast"));
  await choose(page, people(20_000));
  await page.click("#start");
  await page.locator(".import[data-state='done']").waitFor();
  assert.ok(await page.evaluate(() => window.before), "the page has gone on");
  assert.match(await users(server), /^20,0\d\d users$/);
  assert.deepEqual(await uploads(server), []);
});

test("an event for which the disk has no room says so, and is done when there is room", needsDisks, async () => {
  const server = await onSmallDisks({ data: ["8m", "1"], uploads: ["2m", "1"] });
  const [, id] = /data-user-id="([^"]+)"/.exec(await (await fetch(`${server.url}/users-fast`)).text());
  const page = await app.openLive(`/users/${id}`, { at: server.url });
  const add = async (task) => {
    await page.fill("#new_task", task);
    await page.keyboard.press("Enter");
    await answered(page);
  };
  const full = writeFile(server.path("data", "ballast"), Buffer.alloc(16 << 20));
  await assert.rejects(full, { code: "ENOSPC" });
  const failed = page.locator(".flash.error");
  for (let n = 0; !(await failed.count()); n += 1) {
    assert.ok(n < 500, "there is room for so many");
    await add(`Task ${n}`);
  }
  const words = "The server has no room to save anything now. Please try again in a moment.";
  await hasText(page, ".flash.error", words);
  assert.equal(await server.says("the server has no room to save anything"), 1);

  await rm(server.path("data", "ballast"));
  await add("Room again");
  await page.locator(".task", { hasText: "Room again" }).waitFor();
});

/** A WebSocket of somebody else, who says nothing on it. */
function silentSocket(server) {
  const { hostname, port } = new URL(server.url);
  const stream = connect(Number(port), hostname);
  stream.on("error", () => {});
  stream.write(
    `GET /live/websocket?vsn=2.0.0 HTTP/1.1\r\nhost: localhost:${port}\r\nupgrade: websocket\r\nconnection: upgrade\r\n` +
      "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  return stream;
}

const needsLimit = { skip: lacks("files are used up", "prlimit", "--version") };

test("files that are used up keep nobody from a page that is open, and are used again", needsLimit, async () => {
  const { server } = app;
  const page = await app.openLive("/counter");
  const open = (await readdir(`/proc/${server.pid}/fd`)).length;
  const limited = spawnSync("prlimit", ["--pid", String(server.pid), `--nofile=${open + 6}:`]);
  assert.equal(limited.status, 0, String(limited.stderr));
  const silent = Array.from({ length: 24 }, () => silentSocket(server));
  const told = "connections cannot be accepted";
  await server.says(told);
  for (const number of ["1", "2"]) {
    await click(page, "#inc");
    await hasText(page, "#count", number);
  }

  silent.forEach((stream) => stream.destroy());
  assert.equal((await fetch(`${server.url}/health/ready`)).status, 200);
  const other = await app.openLive("/counter");
  await click(other, "#inc");
  await hasText(other, "#count", "1");
  await click(page, "#inc");
  await hasText(page, "#count", "3");
  await connected(page);
  assert.equal(await server.says(told), 1);
});
