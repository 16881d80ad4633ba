// Where WebSockets are blocked, the page polls, by itself and with the same guarantees.

import assert from "node:assert/strict";
import { request } from "node:http";
import { after, test } from "node:test";
import { act, answered, click, connected, disconnected, hasText, openDialog, pagesUrl, startApp } from "./support/app.mjs";
import { isFirefox } from "./support/browser.mjs";
import { noNginx, startNginx } from "./support/nginx.mjs";
import { Proxy } from "./support/proxy.mjs";
import { Server } from "./support/server.mjs";

const app = await startApp();
const refusing = await Proxy.start(app.server.url);
const holding = await Proxy.start(app.server.url, "hold");
const pages = await Proxy.start(pagesUrl());
after(() => [refusing, holding, pages].forEach((proxy) => proxy.close()));

/** What the page's client uses. */
const polls = (page) => page.evaluate(() => window.liveSocket.getSocket().transport === window.Phoenix.LongPoll);

const openAt = (proxy, path, options) => app.openLive(path, { at: proxy.url, outage: true, refused: true, ...options });

/** Waits until the tab's next pages poll from the start. */
const remembered = (page) => page.waitForFunction(() => sessionStorage.getItem("belvedere:websockets-blocked"));

/** Waits until the page has a WebSocket. */
const hasWebSocket = async (page) => {
  await page.waitForFunction(() => window.liveSocket?.getSocket().transport === window.WebSocket);
  await connected(page);
};

test("a page whose WebSocket is refused polls, and remembers it", async () => {
  const page = await openAt(refusing, "/counter");
  await remembered(page);
  assert.ok(await polls(page));
  await click(page, "#inc");
  await click(page, "#inc");
  await hasText(page, "#count", "2");
  const { upgrades } = refusing;
  await page.reload();
  await connected(page);
  // Firefox ends the polls of a page before it leaves it, which looks for a WebSocket then.
  assert.equal(refusing.upgrades, isFirefox ? upgrades + 1 : upgrades, "it does not try again");
  await click(page, "#inc");
  await hasText(page, "#count", "1");
});

test("a page whose WebSocket is held without a word polls after a moment", async () => {
  const page = await openAt(holding, "/counter");
  assert.ok(holding.upgrades > 0 && (await polls(page)));
  await click(page, "#inc");
  await hasText(page, "#count", "1");
});

test("a browser without WebSockets polls", async () => {
  const page = await app.open("/", { at: refusing.url, outage: true, refused: true });
  await page.addInitScript(() => delete window.WebSocket);
  await page.goto(`${refusing.url}/counter`);
  await connected(page);
  await click(page, "#inc");
  await hasText(page, "#count", "1");
});

test("a page that polls goes over to a WebSocket where one works, with all that it shows", async () => {
  const proxy = await Proxy.start(app.server.url);
  try {
    const page = await openAt(proxy, "/counter");
    await remembered(page);
    await click(page, "#inc");
    await click(page, "#inc");
    proxy.upgrade = "pass";
    let lost = 1;
    proxy.loses = () => (lost -= 1) === 0;
    await hasWebSocket(page);
    await hasText(page, "#count", "2");
    await click(page, "#inc");
    await hasText(page, "#count", "3");
    await page.reload();
    await connected(page);
    assert.equal(await polls(page), false, "the tab has forgotten it");
    await page.context().close();
  } finally {
    proxy.close();
  }
});

/** The page of the counter goes over to a WebSocket, and has one again when it is loaded anew. */
async function keepsWebSocket(page) {
  await hasWebSocket(page);
  await click(page, "#inc");
  await hasText(page, "#count", "1");
  await page.reload();
  await connected(page);
  assert.equal(await polls(page), false);
}

test("a page whose server was replaced before its script came has a WebSocket, also after a reload", async () => {
  const watch = (page) =>
    page.route("**/assets/app-*.js", async (route) => {
      const response = await route.fetch();
      await page.waitForFunction(() => window.Belvedere);
      await app.server.kill();
      const polled = page.waitForEvent("requestfailed", (request) => request.url().includes("/live/longpoll"));
      await route.fulfill({ response });
      await polled;
      await app.server.restart();
    }, { times: 1 });
  const page = await app.open("/counter", { outage: true, watch });
  await keepsWebSocket(page);
});

/** A WebSocket to the server, where it is opened. */
const socketTo = (server, headers) =>
  new Promise((settle, fail) => {
    const key = "dGhlIHNhbXBsZSBub25jZQ==";
    const handshake = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": key };
    const options = { agent: false, headers: { ...handshake, ...headers } };
    const upgrade = request(`${server.url}/live/websocket?vsn=2.0.0`, options);
    upgrade.on("upgrade", (_, socket) => settle(socket.on("error", () => {})));
    upgrade.on("response", () => settle(null));
    upgrade.on("error", fail);
    upgrade.end();
  });

test("a page whose address has all its connections has its scripts, and a WebSocket once there is room", async () => {
  const server = await Server.start({ CLIENT_ADDRESS_HEADER: "X-Real-IP", MAX_CONNECTIONS: "100" });
  const headers = { "x-real-ip": "192.0.2.1" };
  const proxy = await Proxy.start(server.url, "pass", headers);
  const sockets = [];
  const takeAll = async () => {
    for (let socket; (socket = await socketTo(server, headers)); ) sockets.push(socket);
  };
  let isFull;
  const watch = (page) =>
    page.route("**/*.js", async (route) => {
      await (isFull ??= takeAll());
      await route.continue();
    });
  try {
    const page = await app.open("/counter", { at: proxy.url, outage: true, refused: true, watch });
    assert.ok(sockets.length > 0);
    await page.locator("#connection-lost").waitFor();
    sockets.forEach((socket) => socket.destroy());
    await keepsWebSocket(page);
    await page.context().close();
  } finally {
    proxy.close();
    await server.close();
  }
});

test("pages are visited, and forms checked and sent", async () => {
  const page = await openAt(refusing, "/");
  await page.evaluate(() => (window.before = true));
  await page.click(".site-header a[href='/users']");
  await openDialog(page);
  await page.fill("#user_name", "Paula Polls");
  await page.fill("#user_age", "-1");
  await page.press("#user_age", "Enter");
  await page.locator("#user_age[aria-invalid=true]").waitFor();
  await page.fill("#user_age", "31");
  await page.press("#user_age", "Enter");
  await page.locator("#user_age").waitFor({ state: "detached" });
  await page.fill("#search [name='q']", "Paula Polls");
  await page.locator("#users", { hasText: "Paula Polls" }).waitFor();
  assert.ok((await polls(page)) && (await page.evaluate(() => window.before)), "the page was not loaded again");
});

/**
 * Waits until something that the client says of itself is answered: the page knows of all answers that were lost before,
 * and has asked again or connected anew.
 */
const pinged = (page) =>
  page.waitForFunction(
    () =>
      new Promise((done) => {
        setTimeout(done, 1000, false);
        if (!window.liveSocket.getSocket().ping(() => done(true))) done(false);
      }),
  );

test("clicks count once whatever answers are lost", async () => {
  const page = await openAt(refusing, "/counter");
  // Each bit is one of the first answers after a click.
  for (let lost = 1; lost < 16; lost += 1) {
    let answer = -1;
    refusing.loses = () => ((lost >> (answer += 1)) & 1) === 1;
    await page.click("#inc");
    await hasText(page, "#count", String(lost));
    refusing.loses = () => false;
    await pinged(page);
    await connected(page);
  }
});

test("the page is back after the server was killed, or has restarted", async () => {
  const page = await openAt(refusing, "/counter");
  for (const way of ["kill", "stop"]) {
    await app.server[way]();
    await disconnected(page);
    await app.server.restart();
    await connected(page);
    const before = Number(await page.textContent("#count"));
    await click(page, "#inc");
    await hasText(page, "#count", String(before + 1));
  }
  assert.ok(await polls(page));
});

test("a page whose WebSocket has worked stays with it while the server is away", async () => {
  const page = await app.openLive("/counter", { outage: true });
  await app.server.kill();
  await page.waitForFunction(() => window.liveSocket.getSocket().reconnectTimer.tries > 3);
  await app.server.restart();
  await connected(page);
  assert.equal(await polls(page), false);
  await click(page, "#inc");
});

test("a page that is left, or closed, leaves no view behind", async () => {
  const page = await openAt(pages, "/tabs/polling");
  assert.ok(await polls(page));
  const watcher = await app.open("/tabs/polling/views", { at: pagesUrl() });
  const views = (number) =>
    watcher.waitForFunction(
      async (number) => (await (await fetch(window.location.href)).text()) === number,
      String(number),
    );
  await views(1);
  await page.goto("about:blank");
  await views(0);
  await page.goBack();
  await connected(page);
  await views(1);
  await page.close();
  await views(0);
});

test("a file is sent part by part", async () => {
  const page = await openAt(pages, "/uploads/form");
  assert.ok(await polls(page));
  const text = "0123456789abcdef".repeat(20_000);
  const file = { name: "file.txt", mimeType: "text/plain", buffer: Buffer.from(text) };
  await page.setInputFiles("#files input[type=file]", [file]);
  await answered(page);
  await click(page, "#save");
  await page.locator("#taken li").waitFor();
  assert.equal(await page.locator("#taken li").count(), 1);
});

test("behind nginx as it comes", { skip: noNginx }, async () => {
  const nginx = await startNginx([app.server.url]);
  try {
    const page = await openAt(nginx, "/counter");
    assert.ok(await polls(page));
    await click(page, "#inc");
    await hasText(page, "#count", "1");
    await page.context().close();
  } finally {
    await nginx.close();
  }
});

test("behind a balancer that takes turns a page asks ever more slowly, and the log says why", { skip: noNginx }, async () => {
  const settings = { SECRET_KEY_BASE: "s".repeat(64) };
  const servers = [await Server.start(settings), await Server.start(settings)];
  const nginx = await startNginx(servers.map(({ url }) => url));
  try {
    const page = await app.open("/counter", { at: nginx.url, outage: true, refused: true });
    await page.waitForFunction(() => window.liveSocket?.getSocket().reconnectTimer.tries > 3);
    await Promise.any(servers.map((server) => server.says("send all requests with one session cookie to one server")));
    await page.context().close();
  } finally {
    await nginx.close();
    await Promise.all(servers.map((server) => server.close()));
  }
});

test("behind a balancer that knows the session's cookie, also when a server dies", { skip: noNginx }, async () => {
  const servers = [await Server.startPages(), await Server.startPages()];
  const nginx = await startNginx(servers.map(({ url }) => url), "$cookie__live_view_session");
  try {
    const page = await openAt(nginx, "/gone");
    const notice = page.locator("#notice");
    for (let left = 5; left > 0; left -= 1) {
      await act(page, "show");
      await notice.waitFor();
      await act(page, "hide");
      await notice.waitFor({ state: "detached" });
    }
    for (const server of servers) {
      await server.kill();
      // Its page joins at the other one; to the other's page nothing happens.
      await page.waitForFunction(() => {
        const isConnected = document.querySelector("[data-phx-main].phx-connected");
        if (isConnected) window.liveSocket.execJS(document.querySelector("#actor"), '[["push",{"event":"show"}]]', "click");
        return document.querySelector("#notice");
      }, null, { polling: 200 });
      await act(page, "hide");
      await notice.waitFor({ state: "detached" });
      await server.restart();
    }
    assert.ok(await polls(page));
    await page.context().close();
  } finally {
    await nginx.close();
    await Promise.all(servers.map((server) => server.close()));
  }
});
