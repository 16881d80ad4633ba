// A proxy that lets no WebSocket through, as some stand between browsers and servers.

import { once } from "node:events";
import { createServer, request } from "node:http";

export class Proxy {
  #server;
  /** How many WebSockets were asked for. */
  upgrades = 0;
  /** Asked at each answer to a browser that polls: whether it is lost. */
  loses = () => false;

  /** `upgrade` is what happens to one: `refuse`, or `hold` without a word. */
  static async start(target, upgrade = "refuse") {
    const proxy = new Proxy();
    proxy.#server = createServer((incoming, outgoing) => proxy.#pass(new URL(target), incoming, outgoing));
    proxy.#server.on("upgrade", (_, socket) => {
      proxy.upgrades += 1;
      socket.on("error", () => {});
      if (upgrade === "refuse") socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    });
    proxy.#server.listen(0, "localhost");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url() {
    return `http://localhost:${this.#server.address().port}`;
  }

  #pass(target, incoming, outgoing) {
    const { method, url: path, headers } = incoming;
    const onward = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
      if (incoming.url.includes("/live/longpoll") && this.loses()) {
        answer.resume();
        return incoming.socket.destroy();
      }
      outgoing.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    onward.on("error", () => !outgoing.headersSent && outgoing.writeHead(502).end());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
