import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What lies beside the checkout; tests that need it skip when it is absent. */
const SHARED = new URL("../../../shared/", import.meta.url);

export const sharedPath = (path: string) => fileURLToPath(new URL(path, SHARED));

export function hasShared(path: string): boolean {
  const found = existsSync(sharedPath(path));
  if (!found) console.warn(`skipped: expected ../shared/${path} beside the checkout, found nothing`);
  return found;
}

export const readShared = (path: string): Uint8Array => Uint8Array.from(readFileSync(sharedPath(path)));
