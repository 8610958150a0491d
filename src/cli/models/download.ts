import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Readable, Writable } from "node:stream";
import { InputError, messageOf } from "../../session/inputError.ts";

export interface Download {
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Downloads a file to `path`, where it is only once it is whole and has the right digest. What an earlier try
 * left in `path`.part is not asked for again.
 *
 * @throws InputError if the server does not answer, or with another file
 */
export async function download(
  { url, bytes, sha256 }: Download,
  path: string,
  onProgress: (done: number) => void = () => {},
): Promise<void> {
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  const kept = await sizeOf(part);
  if (kept < bytes) await fetchRest(url, part, kept, bytes, onProgress);
  const size = await sizeOf(part);
  if (size < bytes)
    throw new InputError(`${url}: expected ${bytes} bytes, found ${size}; pull again to go on`);
  const digest = await sha256Of(part);
  if (size > bytes || digest !== sha256) {
    await rm(part, { force: true });
    throw new InputError(`${url}: expected the SHA-256 ${sha256}, found ${digest}`);
  }
  await rename(part, path);
}

async function fetchRest(
  url: string,
  part: string,
  kept: number,
  bytes: number,
  onProgress: (done: number) => void,
): Promise<void> {
  const response = await fetch(url, { headers: kept > 0 ? { range: `bytes=${kept}-` } : {} }).catch(
    (error) => {
      throw new InputError(`${url}: expected an answer, found: ${messageOf(error)}`);
    },
  );
  if (!response.ok || !response.body)
    throw new InputError(`${url}: expected the file, found status ${response.status}`);
  // a server that knows no ranges sends the file from its beginning
  let done = response.status === 206 ? kept : 0;
  const out = createWriteStream(part, { flags: done > 0 ? "a" : "w" });
  try {
    for await (const chunk of response.body) {
      await write(out, chunk);
      done += chunk.length;
      onProgress(done);
      if (done > bytes) break;
    }
  } catch (error) {
    throw new InputError(
      `${url}: expected ${bytes} bytes, found ${done} and then: ${messageOf(error)}; pull again to go on`,
    );
  } finally {
    await new Promise((resolve) => out.end(resolve));
  }
}

function write(out: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => out.write(chunk, (error) => (error ? reject(error) : resolve())));
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path) as Readable) hash.update(chunk);
  return hash.digest("hex");
}

/** 0, if there is none. */
async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
