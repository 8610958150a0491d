import { nodeFileSystem } from "../session/adapters/nodeFileSystem.ts";
import { checkNames, readSession } from "../session/store.ts";
import { foldSegments } from "./foldSegments.ts";
import { parseFold } from "./options.ts";

/** `starkstream fold`: 0 if the final proof is there; fails if a segment is missing or rejected. */
export async function fold(args: readonly string[]): Promise<number> {
  const { directory, json } = parseFold(args);
  const stored = await readSession(nodeFileSystem, directory);
  const names = checkNames(stored);
  if (names) throw new Error(`rejected: segment ${names.segment}: files: ${names.detail}`);
  const { session, proofs } = stored;
  await foldSegments({ directory, session, proofs, json });
  return 0;
}
