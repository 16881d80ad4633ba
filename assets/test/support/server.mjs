// Starts, kills and restarts the built `web` binary on a database of its own, or the tiny pages.

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { start } from "./processes.mjs";

/** The binary under test; `cargo test` sets it. */
const BINARY =
  process.env.WEB_BINARY ?? new URL("../../../target/debug/web", import.meta.url).pathname;

/** What is started: the application, or the tiny pages, which the binary of `cargo test` serves as well. */
const WEB = [BINARY, "serve"];
const PAGES = [process.env.PAGES_BINARY, "pages_work_in_chromium", "--exact", "--nocapture"];

/** Input and output of the processes: what they say is read, and they are told nothing. */
const STDIO = ["ignore", "pipe", "pipe"];

/** The line by which the server says that it listens, and where. */
const READY = /http:\/\/localhost:(\d+)/;

/** One server process after another, on one port and one database file. */
export class Server {
  #folder;
  /** Whose folder it is, if not its own. */
  #owner = null;
  #settings;
  #command;
  #port = 0;
  #process = null;
  #log = "";

  /** A running server on a free port and a new database, with settings beside the usual ones. */
  static async start(settings = {}) {
    return Server.#start(WEB, { settings });
  }

  /** The same with disks of its own: `script`, which a shell runs first in its folder, mounts them. */
  static async startOnDisks(script, settings = {}) {
    return Server.#start(["unshare", "--mount", "sh", "-c", `${script} && exec "$0" "$@"`, ...WEB], { settings });
  }

  /** Another one on the same database, with the same settings. To be closed before this one. */
  async startAnother() {
    return Server.#start(this.#command, { settings: this.#settings, owner: this });
  }

  /** The tiny pages on a free port. */
  static async startPages(settings = {}) {
    return Server.#start(PAGES, { settings });
  }

  static async #start(command, { settings = {}, owner = null } = {}) {
    const server = new Server();
    server.#command = command;
    server.#settings = settings;
    server.#owner = owner;
    server.#folder = owner?.#folder ?? (await mkdtemp(join(tmpdir(), "web-")));
    await server.#spawn();
    return server;
  }

  /** Of the process. */
  get pid() {
    return this.#process.pid;
  }

  /** How often its log says this, once it does. */
  async says(words) {
    while (!this.#log.includes(words)) await once(this.#process.stderr, "data");
    return this.#log.split(words).length - 1;
  }

  /** A path below its folder, as the process sees that, with what is mounted there. */
  path(...below) {
    return join(`/proc/${this.#process.pid}/root`, this.#folder, ...below);
  }

  get url() {
    return `http://localhost:${this.#port}`;
  }

  /** Ends the process as a crash would: nothing is said to the browser. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** Asks the process to stop, as a deployment would, and waits until it has. */
  async stop() {
    await this.#end("SIGTERM");
  }

  /** Starts the process again after `kill` or `stop`, on the same port and database. */
  async restart() {
    await this.#spawn();
  }

  /** Runs another subcommand on the same database and waits for it. */
  async run(...args) {
    const child = start(BINARY, args, { env: this.#environment(), stdio: STDIO });
    this.#record(child);
    child.stdout.resume();
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`web ${args.join(" ")} ended with ${code}\n${this.#log}`);
  }

  /** Stops the process in an orderly way and removes the database, if it is its own. */
  async close() {
    await this.stop();
    if (!this.#owner) await rm(this.#folder, { recursive: true, force: true });
  }

  async #spawn() {
    const [binary, ...args] = this.#command;
    const child = start(binary, args, { cwd: this.#folder, env: this.#environment(), stdio: STDIO });
    this.#process = child;
    this.#record(child);
    const ready = (async () => {
      for await (const line of createInterface({ input: child.stdout })) {
        const port = READY.exec(line)?.[1];
        if (port) return port;
      }
      throw new Error(`the server ended before it was ready\n${this.#log}`);
    })();
    const failed = once(child, "error").then(([error]) => Promise.reject(error));
    this.#port = Number(await Promise.race([ready, failed]));
    // The reader above stops at its line; nobody may be left blocked on a full pipe.
    child.stdout.resume();
  }

  #record(child) {
    child.stderr.setEncoding("utf8").on("data", (text) => (this.#log += text));
  }

  async #end(signal) {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** Everything of the caller's environment but what would change the server under test. */
  #environment() {
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^(OTEL_|OTLP_|HOST$|NATS_URL$|PUBLIC_URL$|SECRET_KEY_BASE$)/.test(name),
    );
    return {
      ...Object.fromEntries(kept),
      ...this.#settings,
      DATABASE_URL: `sqlite://${join(this.#folder, "test.sqlite3")}`,
      PORT: String(this.#port),
      MORTAL_PAGES_PORT: String(this.#port),
    };
  }
}
