import { eBase, type Ext } from "../field/ext.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { HALF, type PlannedFactor, type SumcheckGroup } from "./plan.ts";
import { eqTable, type ProverContext, tableOf } from "./proverContext.ts";

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
  const { arena, kernels } = context;
  const stretches = stretchesOf(factor, output);
  let table = tableOf(context, factor.tensor);
  let isBase = true;
  for (;;) {
    // The longest bound stretch first: what is left shrinks fastest.
    const bound = stretches.filter(({ point }) => point !== null).sort((a, b) => b.log - a.log)[0];
    if (!bound) break;
    const at = stretches.indexOf(bound);
    const outer = 2 ** sumLogs(stretches.slice(0, at));
    const inner = 2 ** sumLogs(stretches.slice(at + 1));
    const result = arena.alloc(5 * outer * inner);
    const weights = eqTable(context, bound.point as Ext[]);
    const contract = isBase ? kernels.contractBase : kernels.contractExt;
    contract.call(kernels, result, table, weights, outer, 2 ** bound.log, inner);
    stretches.splice(at, 1);
    table = result;
    isBase = false;
  }
  return permute(context, table, isBase, stretches, group);
}

function stretchesOf(factor: PlannedFactor, output: readonly Ext[][]): Stretch[] {
  const stretches: Stretch[] = [];
  factor.coordinates.forEach((coordinate, k) => {
    const log = factor.tensor.logs[k] as number;
    if (coordinate.kind === "sumcheck") {
      stretches.push({ log, point: null, variable: coordinate.variable });
      return;
    }
    const point =
      coordinate.kind === "output"
        ? (output[coordinate.axis] as Ext[])
        : new Array<Ext>(log).fill(eBase(HALF));
    const previous = stretches.at(-1);
    if (previous?.point) {
      previous.point.push(...point);
      previous.log += log;
    } else stretches.push({ log, point: [...point], variable: -1 });
  });
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
