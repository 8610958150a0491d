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

/** Whether all numerators are 1: such a tree costs its prover about a third less. */
export function isUnit({ blocks, logLeaves }: FractionTree): boolean {
  const used = blocks.reduce((sum, { logSize }) => sum + 2 ** logSize, 0);
  return used === 2 ** logLeaves && blocks.every(({ multiplicity }) => multiplicity === null);
}

/** Leaves are padded by at most 2^-PADDING of their number, rounded up to a power of two. */
const PADDING = 5;

/** Trees of lookups alone have at least this part of all leaves. */
const UNIT_SHARE = 1 / 8;

/**
 * Stacks all lookups and tables of the air into trees. One tree would be padded to a power of two, up to
 * twice the work; a tree for each of the leading binary digits of the leaves' number is padded little. Lookups,
 * whose numerators are 1, fill large trees of their own first.
 */
export function fractionShape(air: Air): FractionShape {
  const { lookups, tables } = leafBlocks(air);
  const leaves = cellsOf([...lookups, ...tables]);
  if (leaves >= 2 ** 31 - 1) throw new Error(`lookups: expected fewer leaves than p, got ${leaves}`);
  const units = fill(lookups, Math.max(1, UNIT_SHARE * leaves));
  const mixed = [...lookups.slice(units.reduce((sum, { blocks }) => sum + blocks.length, 0)), ...tables];
  const padding = 2 ** Math.max(0, Math.ceil(Math.log2(leaves)) - PADDING);
  const trees = [...units, ...fill(mixed.sort(larger), padding, true)];
  // A block without a place would be a lookup that nobody checks.
  const placed = trees.reduce((sum, { blocks }) => sum + blocks.length, 0);
  if (placed !== lookups.length + tables.length)
    throw new Error(`lookups: expected ${lookups.length + tables.length} blocks in trees, found ${placed}`);
  return {
    trees: trees.sort((a, b) => b.logLeaves - a.logLeaves),
    leaves,
    maxArity: Math.max(...[...lookups, ...tables].map(({ columns }) => columns.length)),
  };
}

type Block = Omit<LeafBlock, "offset">;

/**
 * Trees for the binary digits of the blocks' cells down to `least`, rounded up to a multiple of it if all blocks
 * must find a place. Blocks shrink, so they fill every tree that is not the last to the brim.
 */
function fill(blocks: readonly Block[], least: number, isAll = false): FractionTree[] {
  const trees: FractionTree[] = [];
  let rest = isAll ? Math.ceil(cellsOf(blocks) / least) * least : cellsOf(blocks);
  let next = 0;
  while (next < blocks.length && rest >= least) {
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
  return trees;
}

function cellsOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { logSize }) => sum + 2 ** logSize, 0);
}

function larger(a: Block, b: Block): number {
  return b.logSize - a.logSize;
}

/** All blocks, largest first. */
function leafBlocks(air: Air): { lookups: Block[]; tables: Block[] } {
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
  const sized = (blocks: readonly Omit<Block, "logSize">[]) =>
    blocks.map((block) => ({ ...block, logSize: (block.columns[0] as Tensor).logSize })).sort(larger);
  return { lookups: sized(lookups), tables: sized(tables) };
}
