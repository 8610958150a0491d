import type { Air } from "../air/air.ts";
import { ACTIVATION_LIMIT } from "../model/config.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import { rootRuns } from "./rootRuns.ts";
import { spread } from "./spread.ts";
import { LOG_ROOTS } from "./tableRules.ts";

/** Every tensor of the fixed oracle, by name: weights and function tables, padded, as signed integers. */
export function fixedTables(model: IntegerModel, air: Air): Map<string, Int32Array> {
  const { dim, hidden, layers, heads, kvHeads, headDim, vocab, capacity } = model.config;
  const { weights, tables } = model;
  const group = heads / kvHeads;
  const pairs = headDim / 2;
  const result = new Map<string, Int32Array>();
  const place = (name: string, values: ArrayLike<number>, dims: readonly number[]) => {
    const { logSize, logs } = air.tensors.get(name) as NonNullable<ReturnType<Air["tensors"]["get"]>>;
    const padded = new Int32Array(2 ** logSize);
    spread(
      values,
      dims,
      padded,
      logs.map((log) => 2 ** log),
    );
    result.set(name, padded);
  };

  place(
    "embedding1",
    weights.embedding.map((h) => h >> 8),
    [vocab, dim],
  );
  place(
    "embedding0",
    weights.embedding.map((h) => h & 255),
    [vocab, dim],
  );
  place("wq", weights.wq, [layers, kvHeads, group, pairs, 2, dim]);
  place("wk", weights.wk, [layers, kvHeads, pairs, 2, dim]);
  place("wv", weights.wv, [layers, kvHeads, pairs, 2, dim]);
  place("wo", weights.wo, [layers, dim, kvHeads, group, pairs, 2]);
  place("gate", weights.gate, [layers, hidden, dim]);
  place("up", weights.up, [layers, hidden, dim]);
  place("down", weights.down, [layers, dim, hidden]);
  place("head", weights.head, [vocab, dim]);

  const rope = new Int32Array(capacity * pairs * 4);
  for (let k = 0; k < capacity * pairs; k++) {
    const [cos, sin] = [tables.cos[k], tables.sin[k]];
    rope.set([cos, -sin, sin, cos], 4 * k);
  }
  const { logs } = air.tensors.get("rope") as { logs: readonly number[] };
  place("rope", rope, [2 ** logs[0], 2 ** logs[1], pairs, 2, 2]);

  const table = (name: string, log: number, value: (x: number) => number) => {
    place(
      name,
      Int32Array.from({ length: 2 ** log }, (_, x) => value(x)),
      [2 ** log],
    );
  };
  const signed16 = (x: number) => x - 2 ** 15;
  const saturate = (x: number, low: number, high: number) => Math.max(low, Math.min(high, x));
  table("clamp.value", 16, (x) => saturate(signed16(x), -ACTIVATION_LIMIT, ACTIVATION_LIMIT));
  table("silu.value", 16, (x) => tables.silu[x]);
  table("exp.value", 16, (u) => tables.exp[u]);

  const runs = rootRuns(tables.rsqrt);
  if (runs.length > 2 ** LOG_ROOTS)
    throw new Error(`rsqrt: expected at most ${2 ** LOG_ROOTS} runs of equal entries, found ${runs.length}`);
  const root = (row: number) => runs[row] ?? runs[0];
  table("rsqrt.first", LOG_ROOTS, (row) => root(row).first);
  table("rsqrt.last", LOG_ROOTS, (row) => root(row).last);
  table("rsqrt.value", LOG_ROOTS, (row) => root(row).root);
  table("rsqrt.large", LOG_ROOTS, (row) => root(row).large);
  return result;
}
