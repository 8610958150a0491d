import { add, mul } from "../../field/m31.ts";
import { Circuit, COMPRESSION, OP, OP_COLUMNS } from "./circuit.ts";
import type { RowList } from "./rowList.ts";

/**
 * The same circuit with fewer operations: a sum whose operand is the result of another operation, used
 * nowhere else, takes that operation in (out = product·a·b + left·a + right·b + third·c + constant has
 * room for one more operand). So a multiply-add is one row. Cells keep their numbers; those that are no
 * longer used stay unread.
 */
export function fuseOperations(circuit: Circuit): Circuit {
  const { ops } = circuit;
  const uses = countUses(circuit);
  const definedBy = new Map<number, number>();
  for (let row = 0; row < ops.count; row++)
    if (ops.get(row, OP.out) !== 0) definedBy.set(ops.get(row, OP.out), row);

  const rows = Array.from({ length: ops.count }, (_, row) => readRow(ops, row));
  const removed = new Set<number>();
  for (let row = 0; row < rows.length; row++) {
    const sum = rows[row];
    if (sum[OP.product] !== 0 || sum[OP.third] !== 0) continue;
    for (const [side, other] of [
      [0, 1],
      [1, 0],
    ]) {
      const scale = sum[OP.left + side];
      if (scale === 0 || (sum[side] === sum[other] && sum[OP.left + other] !== 0)) continue;
      const source = definedBy.get(sum[side]);
      if (source === undefined || removed.has(source) || uses[sum[side]] !== 1) continue;
      const inner = rows[source];
      if (inner[OP.third] !== 0) continue;
      rows[row] = fuse(sum, inner, side, other);
      removed.add(source);
      break;
    }
  }
  const fused = new Circuit(circuit);
  rows.forEach((row, k) => {
    if (!removed.has(k)) fused.ops.push(row);
  });
  return fused;
}

/** `sum` with its operand on `side` replaced by the operation that defines it. */
function fuse(sum: number[], inner: number[], side: number, other: number): number[] {
  const scale = sum[OP.left + side];
  const row = inner.slice();
  row[OP.out] = sum[OP.out];
  for (let k: number = OP.product; k < OP_COLUMNS; k++) row[k] = mul(scale, inner[k]);
  row[OP.c] = sum[other];
  row[OP.third] = sum[OP.left + other];
  if (row[OP.third] === 0) row[OP.c] = 0;
  for (let k: number = OP.constant; k < OP_COLUMNS; k++) row[k] = add(row[k], sum[k]);
  return row;
}

function readRow(list: RowList, row: number): number[] {
  return Array.from({ length: list.width }, (_, k) => list.get(row, k));
}

/** How often each cell is read by any row: operands whose coefficients are 0 do not count. */
function countUses({ cells, ops, lifts, bits, compressions, extended }: Circuit): Uint32Array {
  const uses = new Uint32Array(cells);
  for (let row = 0; row < ops.count; row++) {
    const [product, left, right, third] = [OP.product, OP.left, OP.right, OP.third].map((k) =>
      ops.get(row, k),
    );
    if (product !== 0 || left !== 0) uses[ops.get(row, OP.a)]++;
    if (product !== 0 || right !== 0) uses[ops.get(row, OP.b)]++;
    if (third !== 0) uses[ops.get(row, OP.c)]++;
  }
  for (const list of [lifts, bits]) for (let row = 0; row < list.count; row++) uses[list.get(row, 0)]++;
  for (const list of [compressions, extended])
    for (let row = 0; row < list.count; row++)
      for (let k: number = COMPRESSION.chaining; k <= COMPRESSION.place; k++) uses[list.get(row, k)]++;
  return uses;
}
