import type { RowList } from "./rowList.ts";
import type { Circuit } from "./circuit.ts";
import { type CircuitSizes, hashName } from "./sizes.ts";

/** Which recorded compressions stand in a block of the hash table. */
export interface HashRows {
  readonly name: string;
  readonly log: number;
  readonly extended: boolean;
  readonly list: RowList;
  readonly from: number;
  readonly count: number;
}

/** The circuit's compressions, dealt to the blocks in order. */
export function hashRows(circuit: Circuit, { hashes }: CircuitSizes): HashRows[] {
  const used = [0, 0];
  return hashes.map(({ log, extended }, k) => {
    const list = extended ? circuit.extended : circuit.compressions;
    const from = used[Number(extended)];
    const count = Math.max(0, Math.min(list.count - from, 2 ** log));
    used[Number(extended)] += count;
    return { name: hashName(k), log, extended, list, from, count };
  });
}
