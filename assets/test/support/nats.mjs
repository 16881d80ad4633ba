// Starts, kills and restarts NATS, for servers that hear each other over it.

import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { start } from "./processes.mjs";

/** Where Debian puts the program, which is not on every user's `PATH`. */
const DEBIAN = "/usr/sbin/nats-server";

const LISTENS = /Listening for client connections on .*:(\d+)$/;

/** One process after another, on one port. */
export class Nats {
  #port = -1;
  #process = null;

  /** One that listens on a free port. */
  static async start() {
    const nats = new Nats();
    await nats.restart();
    return nats;
  }

  get url() {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** Ends the process as a crash would. */
  async kill() {
    const child = this.#process;
    this.#process = null;
    if (!child) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** Starts it again after `kill`, on the same port. */
  async restart() {
    const program = existsSync(DEBIAN) ? DEBIAN : "nats-server";
    const child = start(program, ["--addr", "127.0.0.1", "--port", String(this.#port)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    const ready = (async () => {
      let log = "";
      for await (const line of createInterface({ input: child.stderr })) {
        log += `${line}\n`;
        this.#port = LISTENS.exec(line)?.[1] ?? this.#port;
        if (line.includes("Server is ready")) return;
      }
      throw new Error(`nats-server ended before it was ready\n${log}`);
    })();
    await Promise.race([ready, once(child, "error").then(([error]) => Promise.reject(error))]);
    // The reader above stops at its line; nobody may be left blocked on a full pipe.
    child.stderr.resume();
  }
}
