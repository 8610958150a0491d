import type { Air, Lookup, Table, Tensor } from "../air/air.ts";

/** A block of leaves of the fraction tree: the cells of one lookup (numerator 1) or of one table (numerator −multiplicity). */
export interface LeafBlock {
  readonly name: string;
  /** Leaf offset, a multiple of the block's size. */
  readonly offset: number;
  readonly logSize: number;
  /** Separates the tuples of different tables. */
  readonly tag: number;
  readonly columns: readonly Tensor[];
  readonly multiplicity: Tensor | null;
}

/** A fraction tree over stacked blocks; leaves beyond the blocks are 0/1. */
export interface FractionTree {
  /** Decreasing in size. */
  readonly blocks: readonly LeafBlock[];
  readonly logLeaves: number;
}

/** The one lookup argument of a segment. */
export interface FractionShape {
  /** Decreasing in size: the largest powers of two that the leaves fill, and a last one that may be padded. */
  readonly trees: readonly FractionTree[];
  readonly leaves: number;
  readonly maxArity: number;
}

/** Leaves are padded by at most 2^-PADDING of their number, rounded up to a power of two. */
const PADDING = 5;

/**
 * Stacks all lookups and tables of the air into trees. One tree would be padded to a power of two, up to
 * twice the work; a tree for each of the leading binary digits of the leaves' number is padded little.
 */
export function fractionShape(air: Air): FractionShape {
  const blocks = leafBlocks(air);
  const leaves = blocks.reduce((sum, { logSize }) => sum + 2 ** logSize, 0);
  if (leaves >= 2 ** 31 - 1) throw new Error(`lookups: expected fewer leaves than p, got ${leaves}`);
  const trees: FractionTree[] = [];
  const unit = 2 ** Math.max(0, Math.ceil(Math.log2(leaves)) - PADDING);
  let rest = Math.ceil(leaves / unit) * unit;
  let next = 0;
  while (next < blocks.length) {
    // Blocks shrink, so they fill every tree that is not the last to the brim.
    const logLeaves = Math.floor(Math.log2(rest));
    const own: LeafBlock[] = [];
    let offset = 0;
    while (next < blocks.length && offset + 2 ** blocks[next].logSize <= 2 ** logLeaves) {
      own.push({ ...blocks[next], offset });
      offset += 2 ** blocks[next].logSize;
      next++;
    }
    trees.push({ blocks: own, logLeaves });
    rest -= 2 ** logLeaves;
  }
  return { trees, leaves, maxArity: Math.max(...blocks.map(({ columns }) => columns.length)) };
}

/** All blocks, largest first. */
function leafBlocks(air: Air): Omit<LeafBlock, "offset">[] {
  const tagOf = (table: Table) => air.tables.indexOf(table) + 1;
  const lookups = air.lookups.map(({ name, table, entries }: Lookup) => ({
    name,
    tag: tagOf(table),
    columns: entries,
    multiplicity: null,
  }));
  const tables = air.tables.map((table) => ({
    name: table.name,
    tag: tagOf(table),
    columns: table.columns,
    multiplicity: table.multiplicity,
  }));
  return [...lookups, ...tables]
    .map((block) => ({ ...block, logSize: (block.columns[0] as Tensor).logSize }))
    .sort((a, b) => b.logSize - a.logSize);
}
