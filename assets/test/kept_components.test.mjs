// What components keep is there when their server was replaced, in its place in the page.

import { test } from "node:test";
import { answered, connected, disconnected, hasText, startMortalPages } from "./support/app.mjs";

const app = await startMortalPages();

for (const how of ["kill", "stop"]) {
  test(`components, and those within them, are what they were (${how})`, async () => {
    const page = await app.openLive("/components", { outage: true });
    for (let clicks = 0; clicks < 3; clicks += 1) await page.click("#click-b");
    await page.click("#star-c");
    await hasText(page, "#counter-b output", "3");
    await hasText(page, "#star-c", "on");
    await answered(page);
    await app.server[how]();
    await disconnected(page);
    await app.server.restart();
    await connected(page);
    await hasText(page, "#counter-b output", "3");
    await hasText(page, "#star-c", "on");
    await hasText(page, "#star-b", "off");
    await page.click("#click-b");
    await hasText(page, "#counter-b output", "4");
  });
}
