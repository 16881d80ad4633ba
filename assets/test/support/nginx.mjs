// Debian's nginx in front of a server, as it is without a word about upgrades.

import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "./processes.mjs";

const BINARY = ["/usr/sbin/nginx", "/usr/bin/nginx"].find((path) => existsSync(path));

/** Why a test that needs it is skipped, if it is; a mistake where all tests have to run. */
export const noNginx = !BINARY && "SKIPPED longpoll: nginx";
if (noNginx && process.env.CI) throw new Error("CI must run the tests behind nginx, which is missing");

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** nginx in front of `targets`, which it takes turns with unless `sticky` is a key; where, and how to end it. */
export async function startNginx(targets, sticky = "") {
  const folder = await mkdtemp(join(tmpdir(), "nginx-"));
  const port = await freePort();
  const servers = targets.map((target) => `server ${new URL(target).host.replace("localhost", "127.0.0.1")};`);
  const kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`);
  await writeFile(
    join(folder, "nginx.conf"),
    `daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1; events {}
     http {
       access_log off; ${kept.join(" ")}
       upstream pages { ${sticky && `hash ${sticky} consistent;`} ${servers.join(" ")} }
       server { listen 127.0.0.1:${port}; location / { proxy_pass http://pages; proxy_set_header Host $http_host; } }
     }`,
  );
  const child = start(BINARY, ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (log += text));
  const url = `http://127.0.0.1:${port}`;
  for (let left = 1200; ; left -= 1) {
    const isThere = await fetch(url).then(() => true, () => false);
    if (isThere) break;
    if (left === 0 || child.exitCode !== null) throw new Error(`nginx does not start\n${log}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  const close = async () => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { url, close };
}
