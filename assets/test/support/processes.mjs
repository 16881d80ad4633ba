// The processes that tests start. None outlives the one that runs the tests, however that ends.

import { spawn } from "node:child_process";

const running = new Set();

/** Starts a process, as `spawn` does. */
export function start(command, args, options) {
  const child = spawn(command, args, options);
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
// By itself Playwright closes the browser at these, and the tests go on without it.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.once(signal, () => process.exit(1));
// `cargo test` holds the other end for as long as it runs.
if (process.env.ENDS_WITH_STDIN) process.stdin.once("end", () => process.exit(1)).resume().unref();
