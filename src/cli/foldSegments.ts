import process from "node:process";
import type { Session } from "../segment/statement.ts";
import { nodeFileSystem } from "../session/adapters/nodeFileSystem.ts";
import { foldRun } from "../session/foldRun.ts";
import { FoldWriter, readSteps } from "../session/foldStore.ts";
import { eventLine } from "./eventLine.ts";
import { FoldView } from "./foldView.ts";

/** A run's segments, and where they are. */
export interface FoldTask {
  readonly directory: string;
  readonly session: Session;
  readonly proofs: readonly Uint8Array[];
  readonly json: boolean;
}

/** Folds the segments, keeps every step as it is made, and shows it. */
export async function foldSegments({ directory, session, proofs, json }: FoldTask): Promise<void> {
  const writer = new FoldWriter(nodeFileSystem, directory);
  const view = json ? undefined : new FoldView(directory);
  view?.begin();
  try {
    const steps = await readSteps(nodeFileSystem, directory);
    for await (const event of foldRun({ session, proofs, steps })) {
      await writer.write(event);
      if (view) view.show(event);
      else process.stdout.write(eventLine(event));
    }
  } catch (error) {
    view?.broken();
    throw error;
  }
}
