import type { Ext } from "../field/ext.ts";
import type { Prover, ProverChannel } from "../hash/proverChannel.ts";
import type { Arena } from "../kernels/arena.ts";
import type { Kernels, Ptr } from "../kernels/kernels.ts";
import type { Tensor } from "./air.ts";
import type { ClaimStore } from "./claims.ts";
import type { StoredTable } from "./storedTable.ts";

/** What every step of proving an air works on. */
export interface ProverContext {
  readonly channel: ProverChannel;
  readonly kernels: Kernels;
  readonly arena: Arena;
  /** Canonical words of every tensor of the air but the stored ones. */
  readonly tables: ReadonlyMap<Tensor, Ptr>;
  /** Tensors that have no table, as their oracles keep them. */
  readonly stored: ReadonlyMap<Tensor, StoredTable>;
  readonly claims: ClaimStore<Ext>;
}

/** Sends the tensor's value at `point`, unless the verifier computes it. Mirror: `receiveValue`. */
export function sendValue(context: ProverContext, tensor: Tensor, point: readonly Ext[]): void {
  if (tensor.source.kind === "public") return;
  sendClaim(context, tensor, point, evaluate(context, tensor, point));
}

/** Sends a value already known. */
export function sendClaim(
  { channel, claims }: ProverContext,
  tensor: Tensor,
  point: readonly Ext[],
  value: Ext,
): void {
  if (tensor.source.kind === "public") return;
  channel.send([value]);
  claims.add(tensor, point, value);
}

export function tableOf({ tables }: ProverContext, tensor: Tensor): Ptr {
  const table = tables.get(tensor);
  if (table === undefined) throw new Error(`prover: expected a table for tensor ${tensor.name}`);
  return table;
}

/** The multilinear extension at `point`: Σ_i eq(point, i)·table[i], the leading half of the variables first. */
function evaluate(context: ProverContext, tensor: Tensor, point: readonly Ext[]): Ext {
  const { arena, kernels } = context;
  const mark = arena.mark();
  const high = point.slice(0, point.length >> 1);
  const low = point.slice(point.length >> 1);
  const rows = 2 ** high.length;
  const columns = 2 ** low.length;
  const partial = arena.alloc(5 * columns);
  kernels.contractBase(partial, tableOf(context, tensor), eqTable(context, high), 1, rows, columns);
  const result = arena.alloc(5);
  kernels.contractExt(result, partial, eqTable(context, low), 1, columns, 1);
  const value = readExt(arena, result);
  arena.release(mark);
  return value;
}

/** eq(point, ·) as a fresh extension vector of 2^k elements, times `scale`. */
export function eqTable(
  { arena, kernels }: Prover,
  point: readonly Ext[],
  scale: Ext = [1, 0, 0, 0, 0],
): Ptr {
  const table = arena.alloc(5 * 2 ** point.length);
  const mark = arena.mark();
  const points = arena.alloc(5 * Math.max(1, point.length));
  point.forEach((x, k) => writeExt(arena, points + 20 * k, x));
  kernels.eqTable(table, points, point.length, allocExt(arena, scale));
  arena.release(mark);
  return table;
}

export function allocExt(arena: Arena, value: Ext): Ptr {
  const ptr = arena.alloc(5);
  writeExt(arena, ptr, value);
  return ptr;
}

export function writeExt(arena: Arena, ptr: Ptr, value: Ext): void {
  arena.words(ptr + 20).set(value, ptr / 4);
}

export function readExt(arena: Arena, ptr: Ptr): Ext {
  return elementAt(arena, ptr, 1, 0);
}

/** Element i of an extension vector with planes `stride` words apart. */
export function elementAt(arena: Arena, ptr: Ptr, stride: number, i: number): Ext {
  const words = arena.words(ptr + 4 * (4 * stride + i + 1));
  const at = ptr / 4 + i;
  return [
    words[at],
    words[at + stride],
    words[at + 2 * stride],
    words[at + 3 * stride],
    words[at + 4 * stride],
  ] as unknown as Ext;
}
