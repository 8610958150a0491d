import { eBase, type Ext, eMul, ONE } from "../field/ext.ts";
import { extArithmetic } from "../hash/extArithmetic.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import * as eq from "../poly/eq.ts";
import type { PackedAxis } from "./packing.ts";
import { type Coordinate, HALF, type PlannedFactor, type SumcheckGroup } from "./plan.ts";
import { eqTable, type ProverContext, tableOf } from "./proverContext.ts";
import { addBlock, partsOf, type StoredTable } from "./storedTable.ts";

/** A stretch of adjacent axes: bound to a point, or kept as one sumcheck label. */
interface Stretch {
  log: number;
  readonly point: Ext[] | null;
  readonly variable: number;
}

/**
 * The factor with every label but the group's set to its point: an extension vector of
 * 2^group.variables elements, axes in the group's order. Costs one pass over the factor's table.
 */
export function partialEvaluate(
  context: ProverContext,
  factor: PlannedFactor,
  output: readonly Ext[][],
  group: SumcheckGroup,
): Ptr {
  const axes = factor.coordinates.map((coordinate, k): Stretch => {
    const log = factor.tensor.logs[k] as number;
    const variable = coordinate.kind === "sumcheck" ? coordinate.variable : -1;
    return { log, point: pointOf(coordinate, log, output), variable };
  });
  const stored = context.stored.get(factor.tensor);
  if (stored) {
    const table = evaluateBlocks(context, stored, axes);
    return permute(context, table, false, join(axes.filter(isKept)), group);
  }
  const stretches = join(axes);
  const { table, isBase } = contract(context, tableOf(context, factor.tensor), stretches);
  return permute(context, table, isBase, stretches, group);
}

/** The same for a stored table, block by block in its own memory; the kept axes in the tensor's order. */
function evaluateBlocks({ arena }: Prover, stored: StoredTable, axes: readonly Stretch[]): Ptr {
  const { prover, ptr, packing } = stored;
  const packed = axes.map((axis, k) => ({ ...axis, ...(packing.axes[k] as PackedAxis) }));
  const weights = packed.map(
    ({ point, log, low }) => point && eq.eqTable(extArithmetic, point.slice(0, log - low)),
  );
  const size = 2 ** sumLogs(axes.filter(isKept));
  const result = arena.alloc(5 * size);
  arena.u32(result, 5 * size).fill(0);
  let at = ptr;
  for (const parts of partsOf(packing)) {
    const mark = prover.arena.mark();
    const stretches = join(
      packed.map(({ point, log, low, variable }) => ({
        log: low,
        point: point?.slice(log - low) ?? null,
        variable,
      })),
    );
    const { table, isBase } = contract(prover, at, stretches);
    const weight = weights.reduce(
      (product, own, k) => (own ? eMul(product, own[parts[k] as number] as Ext) : product),
      ONE,
    );
    const [from, planes] = isBase ? [table, 1] : [scaled(prover, table, 2 ** sumLogs(stretches), weight), 5];
    addBlock(
      arena.u32(result, 5 * size),
      prover.arena.u32(from, planes * 2 ** sumLogs(stretches)),
      planes,
      packed.flatMap((axis, k) => (isKept(axis) ? [{ ...axis, part: parts[k] as number }] : [])),
    );
    prover.arena.release(mark);
    at += 4 * 2 ** packing.logBlock;
  }
  return result;
}

/** The vector of `size` elements times a scalar. */
function scaled(prover: Prover, vector: Ptr, size: number, factor: Ext): Ptr {
  const { arena, kernels } = prover;
  const product = arena.alloc(5 * size);
  arena.u32(product, 5 * size).fill(0);
  kernels.axpyExt(product, size, vector, size, eqTable(prover, [], factor));
  return product;
}

/** Sets every bound stretch to its point and takes it out of the list. */
function contract(prover: Prover, table: Ptr, stretches: Stretch[]): { table: Ptr; isBase: boolean } {
  const { arena, kernels } = prover;
  let isBase = true;
  for (;;) {
    // The longest bound stretch first: what is left shrinks fastest.
    const bound = stretches.filter((stretch) => !isKept(stretch)).sort((a, b) => b.log - a.log)[0];
    if (!bound) return { table, isBase };
    const at = stretches.indexOf(bound);
    const outer = 2 ** sumLogs(stretches.slice(0, at));
    const inner = 2 ** sumLogs(stretches.slice(at + 1));
    const result = arena.alloc(5 * outer * inner);
    const weights = eqTable(prover, bound.point as Ext[]);
    const contractTable = isBase ? kernels.contractBase : kernels.contractExt;
    contractTable.call(kernels, result, table, weights, outer, 2 ** bound.log, inner);
    stretches.splice(at, 1);
    table = result;
    isBase = false;
  }
}

function isKept({ point }: Stretch): boolean {
  return point === null;
}

/** Where a label's coordinates come from; null for the group's own. */
function pointOf(coordinate: Coordinate, log: number, output: readonly Ext[][]): Ext[] | null {
  if (coordinate.kind === "sumcheck") return null;
  if (coordinate.kind === "output") return output[coordinate.axis] as Ext[];
  return new Array<Ext>(log).fill(eBase(HALF));
}

/** Bound neighbours as one stretch. */
function join(axes: readonly Stretch[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { log, point, variable } of axes) {
    const previous = stretches.at(-1);
    if (point && previous?.point) {
      previous.point.push(...point);
      previous.log += log;
    } else stretches.push({ log, point: point && [...point], variable });
  }
  return stretches;
}

function sumLogs(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { log }) => sum + log, 0);
}

/** Brings the kept axes into the group's order and base tables into extension form. */
function permute(
  { arena }: ProverContext,
  table: Ptr,
  isBase: boolean,
  stretches: readonly Stretch[],
  group: SumcheckGroup,
): Ptr {
  const ordered = stretches.every(({ variable }, k) => variable === k);
  if (ordered && !isBase) return table;
  const size = 2 ** group.variables;
  const result = arena.alloc(5 * size);
  const to = arena.u32(result, 5 * size).fill(0);
  const from = arena.u32(table, (isBase ? 1 : 5) * size);
  if (ordered) {
    to.set(from);
    return result;
  }
  // source index = Σ over the group's labels of digit · stride in the source's order
  let stride = size;
  const strides = new Array<number>(stretches.length).fill(0);
  for (const { log, variable } of stretches) strides[variable] = stride /= 2 ** log;
  for (let i = 0; i < size; i++) {
    let rest = i;
    let source = 0;
    for (let k = group.labels.length - 1; k >= 0; k--) {
      const length = 2 ** (group.labels[k]?.log as number);
      source += (rest % length) * (strides[k] as number);
      rest = Math.floor(rest / length);
    }
    for (let plane = 0; plane < (isBase ? 1 : 5); plane++)
      to[plane * size + i] = from[plane * size + source] as number;
  }
  return result;
}
