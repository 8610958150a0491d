import process from "node:process";
import { verifyChain } from "../segment/verify.ts";
import { nodeFileSystem } from "../session/adapters/nodeFileSystem.ts";
import { Folding } from "../session/folding.ts";
import { checkNames, readSession } from "../session/store.ts";
import { eventLine } from "./eventLine.ts";
import { FoldView } from "./foldView.ts";
import { parseFold } from "./options.ts";
import { Progress } from "./progress.ts";

/** `starkstream fold`: 0 if the final proof is there; fails if a segment is missing or rejected. */
export async function fold(args: readonly string[]): Promise<number> {
  const { directory, places, json } = parseFold(args);
  const stored = await readSession(nodeFileSystem, directory);
  const names = checkNames(stored);
  if (names) throw new Error(`rejected: segment ${names.segment}: files: ${names.detail}`);
  // before any work is done
  const chain = verifyChain(stored.session, stored.proofs);
  if (!chain.ok) {
    const where = chain.segment === null ? "session" : `segment ${chain.segment}`;
    throw new Error(`rejected: ${where}: ${chain.check}: ${chain.detail}`);
  }
  const view = json ? undefined : new FoldView(new Progress(process.stderr), directory);
  view?.all(stored.indices.length);
  const { session } = stored;
  const folding = await Folding.start({ fs: nodeFileSystem, directory, session, places }, (event) => {
    if (view) view.show(event);
    else process.stdout.write(eventLine(event));
  });
  for (const index of stored.indices) folding.add(index);
  try {
    await folding.finish();
  } catch (error) {
    view?.broken();
    throw error;
  }
  return 0;
}
