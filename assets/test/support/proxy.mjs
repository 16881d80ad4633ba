// A proxy that lets WebSockets through or not, as some stand between browsers and servers, and cookies.

import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";

export class Proxy {
  #server;
  /** How many WebSockets were asked for. */
  upgrades = 0;
  /** Asked at each answer to a browser that polls: whether it is lost. */
  loses = () => false;
  /** Whether browsers are given cookies. */
  givesCookies = true;

  /** What happens to a WebSocket: `refuse`, `hold` without a word, or `pass`. */
  upgrade;
  #headers;

  /** `headers` are added to each request. */
  static async start(target, upgrade = "refuse", headers = {}) {
    const proxy = new Proxy();
    proxy.upgrade = upgrade;
    proxy.#headers = headers;
    proxy.#server = createServer((incoming, outgoing) => proxy.#pass(new URL(target), incoming, outgoing));
    proxy.#server.on("upgrade", (incoming, socket) => {
      proxy.upgrades += 1;
      socket.on("error", () => {});
      if (proxy.upgrade === "refuse") socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
      if (proxy.upgrade === "pass") proxy.#tunnel(new URL(target), incoming, socket);
    });
    proxy.#server.listen(0, "localhost");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url() {
    return `http://localhost:${this.#server.address().port}`;
  }

  #pass(target, incoming, outgoing) {
    const { method, url: path } = incoming;
    const headers = { ...incoming.headers, ...this.#headers };
    const onward = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
      if (incoming.url.includes("/live/longpoll") && this.loses()) {
        answer.resume();
        return incoming.socket.destroy();
      }
      if (!this.givesCookies) delete answer.headers["set-cookie"];
      outgoing.writeHead(answer.statusCode, this.givesCookies ? answer.rawHeaders : answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => !outgoing.headersSent && outgoing.writeHead(502).end());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  }

  #tunnel(target, incoming, socket) {
    const headers = Object.entries({ ...incoming.headers, ...this.#headers });
    const lines = [`GET ${incoming.url} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
    const onward = connect(target.port, target.hostname);
    onward.write(`${lines.join("\r\n")}\r\n\r\n`);
    onward.on("error", () => socket.destroy());
    socket.on("close", () => onward.destroy());
    onward.pipe(socket).pipe(onward);
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
