import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { embeddedModel } from "../../src/model/embeddedModel.ts";
import { PAGE_FILES } from "../../src/server/page/pageFiles.generated.ts";
import { pageFilesSource } from "../../src/server/page/build.ts";
import { openWorkerProver } from "../../src/session/workerProver.ts";
import { DEFAULT_PROFILE } from "../../src/whir/profile.ts";
import { ROOT } from "../importGraph.ts";
import { type TestServer, testServer } from "./testServer.ts";

/** Debian's package. */
const CHROMIUM = "/usr/bin/chromium";
const missing = !existsSync(CHROMIUM);
if (missing) console.log(`page: skipped, expected Debian's chromium at ${CHROMIUM}, found none`);

let server: TestServer | undefined;
afterAll(() => server?.close(0));

test("the page's files are what their sources bundle to: bun src/server/page/build.ts", async () => {
  const file = Bun.file(join(ROOT, "src/server/page/pageFiles.generated.ts"));
  expect((await file.text()) === (await pageFilesSource())).toBe(true);
});

test("the verifier's bundle stays small", () => {
  expect(Bun.gzipSync(new TextEncoder().encode(PAGE_FILES["verify.js"])).length).toBeLessThan(60 * 1024);
});

test.skipIf(missing)(
  "in Chromium: prompt, tokens, every segment verified, a changed proof rejected, proofs dropped back",
  async () => {
    const { model, tokenizer } = await embeddedModel();
    server = testServer({ model, tokenizer, profile: DEFAULT_PROFILE, openProver: openWorkerProver });
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage({ viewport: { width: 1200, height: 1300 } });
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(error.message));
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      await page.goto(server.url);
      await page.fill("#tokens", "24");
      await page.selectOption("#segment", "16");
      await page.click("#run");
      await page.waitForSelector("#text .token.decoded");
      await page.waitForFunction(
        () => document.querySelector("#status")?.textContent?.startsWith("all 24"),
        null,
        {
          timeout: 60_000,
        },
      );
      expect(await page.locator("#text .token.proven").count()).toBe(24);
      expect(await page.locator(".card .good").count()).toBe(2);

      const second = page.locator(".card").nth(1);
      await second.getByRole("button", { name: "Tamper" }).click();
      await second.locator(".bad").waitFor();
      expect(await second.locator(".result").textContent()).toContain("rejected");
      mkdirSync(join(ROOT, "out"), { recursive: true });
      await page.screenshot({ path: join(ROOT, "out/page.png"), fullPage: true });
      await second.getByRole("button", { name: "Verify" }).click();
      await second.locator(".good").waitFor();

      const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
      await page.setInputFiles("#file", await download.path());
      await page.locator("#verdict.good").waitFor();
      expect(await page.textContent("#verdict")).toContain("valid: 2 segments");
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  90_000,
);
