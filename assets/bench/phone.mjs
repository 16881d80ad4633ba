// What a visitor with a slow phone waits for: the first paint, the live page, a click.
//
//     cargo build --release -p web
//     WEB_BINARY=target/release/web node assets/bench/phone.mjs [/counter …]
//
// Chromium with a sixth of the processor and a slow 4G network, in its own emulation. Beside the pages as the
// server sends them, the same by way of a proxy that takes something away or adds something. Each figure is the
// median of some visits by turns; what they mean is in docs/performance.md.

import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { launch } from "../test/support/browser.mjs";
import { Server } from "../test/support/server.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { visits: { type: "string", default: "7" }, slowdown: { type: "string", default: "6" } },
});
const PATHS = positionals.length ? positionals : ["/counter", "/users"];

/** As the developer tools have it: 1.6 Mbit/s down, 0.75 up, and 150 ms there and back. */
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 };

/** What a proxy makes of a response; the first lets everything through. */
const VARIANTS = {
  "as served": {},
  "scripts preloaded": { page: preloadScripts },
  "pages compressed": { page: compress },
  "nothing compressed": { asked: (headers) => delete headers["accept-encoding"] },
};

/** Announces a page's scripts in its first bytes. */
function preloadScripts(headers, body) {
  const scripts = [...body.toString().matchAll(/<script[^>]* src="([^"]+)"/g)];
  headers.link = scripts.map(([, path]) => `<${path}>; rel=preload; as=script`).join(", ");
  return body;
}

function compress(headers, body) {
  headers["content-encoding"] = "gzip";
  return gzipSync(body);
}

/** A proxy of one variant. */
async function startProxy(target, { asked, page }) {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    asked?.(headers);
    const onward = request({ hostname, port, method, path, headers }, async (answer) => {
      const answered = { ...answer.headers };
      let body = Buffer.concat(await answer.toArray());
      if (page && answered["content-type"]?.startsWith("text/html")) body = page(answered, body);
      delete answered["transfer-encoding"];
      outgoing.writeHead(answer.statusCode, { ...answered, "content-length": body.length }).end(body);
    });
    incoming.pipe(onward);
  });
  // A WebSocket passes as it is.
  server.on("upgrade", (incoming, socket, head) => {
    const onward = connect(port, hostname, () => {
      const { rawHeaders } = incoming;
      const lines = rawHeaders.map((text, index) => (index % 2 ? `${text}\r\n` : `${text}: `)).join("");
      onward.write(`GET ${incoming.url} HTTP/1.1\r\n${lines}\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on("error", () => {}).setNoDelay(true);
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const close = () => (server.closeAllConnections(), server.close());
  return { url: `http://localhost:${server.address().port}`, close };
}

/** Notes in the page when something was painted, when the view was live, and what has moved. */
function watch() {
  const seen = (window.seen = { shift: 0 });
  const observe = (type, note) => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(note));
    observer.observe({ type, buffered: true });
  };
  observe("paint", (entry) => entry.name === "first-contentful-paint" && (seen.painted = entry.startTime));
  observe("layout-shift", (entry) => (seen.shift += entry.value));
  observe("largest-contentful-paint", (entry) => (seen.largest = entry.startTime));
  new MutationObserver(() => {
    if (!seen.live && document.querySelector("[data-phx-main].phx-connected")) seen.live = performance.now();
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
}

/** Milliseconds from a click until what it changed was painted. */
function clicked(selector) {
  return new Promise((resolve) => {
    const shown = document.querySelector("[data-phx-main]");
    let from;
    addEventListener("click", () => (from = performance.now()), { capture: true, once: true });
    new MutationObserver((changes, observer) => {
      // The client marks the element that was clicked at once; that is no answer.
      if (!changes.some((change) => change.type === "characterData" || change.type === "childList")) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - from)));
    }).observe(shown, { subtree: true, childList: true, characterData: true });
    document.querySelector(selector).click();
  });
}

/** One visit of a new visitor, and the same page once more. */
async function visit(browser, url, path) {
  const context = await browser.newContext({ viewport: { width: 412, height: 823 }, deviceScaleFactor: 2 });
  const page = await context.newPage();
  await page.addInitScript(watch);
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", SLOW_4G);
  await session.send("Emulation.setCPUThrottlingRate", { rate: Number(values.slowdown) });
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  const load = async () => {
    bytes = 0;
    await page.goto(url + path);
    await page.waitForFunction(() => window.seen.live);
    const { painted, largest, live, shift } = await page.evaluate(() => window.seen);
    return { painted, largest, live, shift, kib: bytes / 1024 };
  };
  const first = await load();
  const again = await load();
  const click = path === "/counter" ? await page.evaluate(clicked, "[phx-click]") : NaN;
  await context.close();
  return { ...first, againPainted: again.painted, againLive: again.live, againKib: again.kib, click };
}

const COLUMNS = {
  "first paint, ms": "painted",
  "largest, ms": "largest",
  "live, ms": "live",
  KiB: "kib",
  "shift": "shift",
  "again: first paint, ms": "againPainted",
  "again: live, ms": "againLive",
  "again: KiB": "againKib",
  "click to paint, ms": "click",
};

function median(figures) {
  const sorted = figures.toSorted((one, other) => one - other);
  return sorted[sorted.length >> 1];
}

const server = await Server.start({ INSPECTOR: "off" });
const browser = await launch();
const proxies = new Map();
for (const [name, variant] of Object.entries(VARIANTS)) proxies.set(name, await startProxy(server.url, variant));
try {
  for (const path of PATHS) {
    const visits = new Map([...proxies.keys()].map((name) => [name, []]));
    for (let turn = 0; turn < Number(values.visits); turn += 1) {
      for (const [name, proxy] of proxies) visits.get(name).push(await visit(browser, proxy.url, path));
    }
    console.log(`\n| ${path} | ${Object.keys(COLUMNS).join(" | ")} |`);
    console.log(`|---|${"---:|".repeat(Object.keys(COLUMNS).length)}`);
    for (const [name, seen] of visits) {
      const figures = Object.values(COLUMNS).map((column) => median(seen.map((one) => one[column])));
      const shown = figures.map((figure) => (Number.isNaN(figure) ? "" : figure.toFixed(figure < 10 ? 2 : 0)));
      console.log(`| ${name} | ${shown.join(" | ")} |`);
    }
  }
} finally {
  await browser.close();
  for (const proxy of proxies.values()) proxy.close();
  await server.close();
}
