import type { Circuit } from "./circuit.ts";

/**
 * A block of compressions in the hash table.
 *
 * @internal
 */
export interface HashBlock {
  /** log2 of its compressions. */
  readonly log: number;
  /** Whether all 16 output words are shown. */
  readonly extended: boolean;
}

/** The tables' sizes: fixed beforehand, because a circuit that verifies its own proofs depends on them. */
export interface CircuitSizes {
  /** Operations over the extension. */
  readonly logOps: number;
  /** Words read as field elements. */
  readonly logLifts: number;
  /** Words cut into bits. */
  readonly logBits: number;
  /** Compressions, in blocks. */
  readonly hashes: readonly HashBlock[];
  /** Cells of the memory. */
  readonly logCells: number;
  /** Cells that are public inputs, the zero cell among them. */
  readonly logInputs: number;
}

/** All numbers, to be absorbed. */
export function sizeWords({
  logOps,
  logLifts,
  logBits,
  hashes,
  logCells,
  logInputs,
}: CircuitSizes): number[] {
  const blocks = hashes.flatMap(({ log, extended }) => [log, Number(extended)]);
  return [logOps, logLifts, logBits, logCells, logInputs, hashes.length, ...blocks];
}

/** Room for so many compressions of either kind. */
export function hashRoom(sizes: CircuitSizes, extended: boolean): number {
  return sizes.hashes
    .filter((block) => block.extended === extended)
    .reduce((sum, { log }) => sum + 2 ** log, 0);
}

/** What the names of all tensors of the hash table begin with. */
export const HASH_PREFIX = "hash";

/** The name of a block of the hash table in the air. */
export function hashName(block: number): string {
  return `${HASH_PREFIX}${block}`;
}

/** Throws a RangeError unless the circuit fits. */
export function checkFit(circuit: Circuit, sizes: CircuitSizes): void {
  const { ops, lifts, bits, compressions, extended, cells } = circuit.counts();
  const fit = (name: string, count: number, room: number) => {
    if (count > room) throw new RangeError(`circuit: expected at most ${room} ${name}, found ${count}`);
  };
  fit("operations", ops, 2 ** sizes.logOps);
  fit("lifts", lifts, 2 ** sizes.logLifts);
  fit("words in bits", bits, 2 ** sizes.logBits);
  fit("compressions", compressions, hashRoom(sizes, false));
  fit("extended compressions", extended, hashRoom(sizes, true));
  fit("cells", cells, 2 ** sizes.logCells);
}

/** The least sizes for a circuit. */
export function leastSizes(circuit: Circuit, logInputs: number): CircuitSizes {
  const { ops, lifts, bits, compressions, extended, cells } = circuit.counts();
  const log = (count: number) => Math.max(1, Math.ceil(Math.log2(count)));
  return {
    logOps: log(ops),
    logLifts: log(lifts),
    logBits: log(bits),
    hashes: [...hashBlocks(compressions, false), ...hashBlocks(extended, true)],
    logCells: log(cells),
    logInputs,
  };
}

/** Compressions are padded by at most 2^-PADDING of their number, rounded up to a power of two, */
const PADDING = 4;
/** and blocks are no smaller than this: each costs the verifier some fifty hashes. */
const MIN_LOG_BLOCK = 9;

/** Blocks of decreasing sizes: the leading binary digits of the number of compressions. */
function hashBlocks(count: number, extended: boolean): HashBlock[] {
  const most = Math.max(1, Math.ceil(Math.log2(Math.max(1, count))));
  const unit = 2 ** Math.min(most, Math.max(MIN_LOG_BLOCK, most - PADDING));
  const blocks: HashBlock[] = [];
  for (let rest = Math.max(unit, Math.ceil(count / unit) * unit); rest > 0; ) {
    const log = Math.floor(Math.log2(rest));
    blocks.push({ log, extended });
    rest -= 2 ** log;
  }
  return blocks;
}
