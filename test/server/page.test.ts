import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { embeddedModel } from "../../src/model/embeddedModel.ts";
import { PAGE_FILES } from "../../src/server/page/pageFiles.generated.ts";
import { pageFilesSource } from "../../src/server/page/build.ts";
import { openWorkerProver } from "../../src/session/workerProver.ts";
import { DEFAULT_PROFILE, FOLD_PROFILE } from "../../src/whir/profile.ts";
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

/** A page at this server, and what went wrong in it. */
async function open(server: TestServer) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1200, height: 1300 } });
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(server.url);
  return { browser, page, problems };
}

const statusStarts = (page: Page, text: string) =>
  page.waitForFunction((start) => document.querySelector("#status")?.textContent?.startsWith(start), text, {
    timeout: 240_000,
  });

/** Downloads what a button offers, and drops it back. */
async function dropBack(page: Page, button: string, change: (text: string) => string = (text) => text) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  const text = change(await Bun.file(await download.path()).text());
  await page.setInputFiles("#file", {
    name: "proofs.json",
    mimeType: "application/json",
    buffer: Buffer.from(text),
  });
  await page.locator("#verdict.good, #verdict.bad").waitFor();
  return await page.textContent("#verdict");
}

test.skipIf(missing)(
  "in Chromium: prompt, tokens, every segment and the final proof verified, changed ones rejected, dropped back",
  async () => {
    const { model, tokenizer } = await embeddedModel();
    const profiles = { profile: DEFAULT_PROFILE, foldProfile: FOLD_PROFILE };
    server = testServer({ model, tokenizer, ...profiles, openProver: openWorkerProver, fold: true });
    const { browser, page, problems } = await open(server);
    try {
      await page.fill("#tokens", "24");
      await page.selectOption("#segment", "16");
      await page.click("#run");
      await page.waitForSelector("#text .token.decoded");
      await statusStarts(page, "all 24 tokens final");
      expect(await page.locator("#text .token.final").count()).toBe(24);
      expect(await page.locator("#segments .card .good").count()).toBe(2);

      const cards = page.locator(".card");
      expect(await cards.count()).toBe(3);
      const last = cards.last();
      await last.getByRole("button", { name: "Tamper" }).click();
      await last.locator(".bad").waitFor();
      expect(await last.locator(".result").textContent()).toContain("rejected");
      await last.getByRole("button", { name: "Verify" }).click();
      await last.locator(".good").waitFor();
      await cards.nth(1).getByRole("button", { name: "Tamper" }).click();
      await cards.nth(1).locator(".bad").waitFor();
      mkdirSync(join(ROOT, "out"), { recursive: true });
      await page.screenshot({ path: join(ROOT, "out/page.png"), fullPage: true });

      expect(await dropBack(page, "#download")).toContain("valid: 2 segments");
      expect(await dropBack(page, "#download-final")).toContain("valid: final proof");
      const change = (text: string) =>
        text.replace(/("proof":".{5000})(.)/, (_, before, at) => before + (at === "A" ? "B" : "A"));
      expect(await dropBack(page, "#download-final", change)).toContain("rejected");
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  300_000,
);
