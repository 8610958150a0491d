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

/** The stacked leaves of a segment's one lookup argument. */
export interface FractionShape {
  /** Decreasing in size. */
  readonly blocks: readonly LeafBlock[];
  /** Depth of the fraction tree. */
  readonly logLeaves: number;
  readonly maxArity: number;
}

/** Stacks all lookups and tables of the air as aligned blocks of leaves; unused leaves are 0/1. */
export function fractionShape(air: Air): FractionShape {
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
  let leaves = 0;
  const blocks = [...lookups, ...tables]
    .map((block) => ({ ...block, logSize: (block.columns[0] as Tensor).logSize }))
    .sort((a, b) => b.logSize - a.logSize)
    .map((block) => {
      const offset = leaves;
      leaves += 2 ** block.logSize;
      return { ...block, offset };
    });
  if (leaves >= 2 ** 31 - 1) throw new Error(`lookups: expected fewer leaves than p, got ${leaves}`);
  return {
    blocks,
    logLeaves: Math.ceil(Math.log2(leaves)),
    maxArity: Math.max(...blocks.map(({ columns }) => columns.length)),
  };
}
