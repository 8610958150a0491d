import type { Arithmetic } from "../hash/channel.ts";
import { eqTable } from "../poly/eq.ts";
import type { ClaimBlock } from "../whir/claim.ts";
import type { Tensor } from "./air.ts";

/** How much of an axis is stored: its first count·2^low entries, count of 2^(log − low) parts. */
export interface PackedAxis {
  readonly log: number;
  readonly low: number;
  readonly count: number;
}

/**
 * A tensor without most of its padding: every axis is cut into parts, and only the parts with real entries
 * are stored. One part of each axis makes a block, 2^logBlock cells, row-major; blocks lie one after the
 * other, row-major in the parts' numbers. The tensor is zero elsewhere.
 */
export interface Packing {
  readonly axes: readonly PackedAxis[];
  readonly logBlock: number;
  readonly blocks: number;
}

/** An axis keeps at most this much padding, or a power of it if that makes too many blocks. */
const PADDING = 1.1;
/** Every claim on the tensor is this much work for the verifier at most. */
const MOST_BLOCKS = 512;

/** The tensor as one block, padding and all. */
export function wholeTensor({ logs, logSize }: Pick<Tensor, "logs" | "logSize">): Packing {
  return { axes: logs.map((log) => ({ log, low: log, count: 1 })), logBlock: logSize, blocks: 1 };
}

/** The tensor with the largest parts that leave little padding on every axis. */
export function packTensor(tensor: Pick<Tensor, "logs" | "lengths">): Packing {
  let padding = PADDING;
  for (;;) {
    const axes = packAxes(tensor, padding);
    const blocks = axes.reduce((product, { count }) => product * count, 1);
    if (blocks <= MOST_BLOCKS) return { axes, logBlock: axes.reduce((sum, { low }) => sum + low, 0), blocks };
    padding *= PADDING;
  }
}

function packAxes({ logs, lengths }: Pick<Tensor, "logs" | "lengths">, padding: number): PackedAxis[] {
  return logs.map((log, k) => {
    const length = lengths[k] as number;
    let low = log;
    while (Math.ceil(length / 2 ** low) * 2 ** low > padding * length) low--;
    return { log, low, count: Math.ceil(length / 2 ** low) };
  });
}

/** For each axis, the coordinates that number its parts, and those within a part. */
export function splitPoint<E>({ axes }: Packing, point: readonly E[]): { part: E[]; inner: E[] }[] {
  let start = 0;
  return axes.map(({ log, low }) => {
    start += log;
    return { part: point.slice(start - log, start - low), inner: point.slice(start - low, start) };
  });
}

/**
 * The tensor at a point is the sum of its blocks at another: Π over the axes of eq(the part's number, the
 * coordinates that number parts) is a block's weight.
 */
export function blocksAt<E>(
  field: Arithmetic<E>,
  packing: Packing,
  offset: number,
  point: readonly E[],
): { blocks: ClaimBlock<E>[]; point: E[] } {
  const axes = splitPoint(packing, point);
  let weights = [field.constant(1)];
  axes.forEach(({ part }, k) => {
    if (part.length === 0) return;
    const own = eqTable(field, part).slice(0, (packing.axes[k] as PackedAxis).count);
    weights = weights.flatMap((weight) => own.map((factor) => field.mul(weight, factor)));
  });
  return {
    blocks: weights.map((weight, b) => ({ offset: offset + b * 2 ** packing.logBlock, weight })),
    point: axes.flatMap(({ inner }) => inner),
  };
}
