import type { Air, Tensor } from "../air/air.ts";
import { clamp16, requant, residual } from "../model/arithmetic.ts";
import { meanShiftFor, ROTATION_SHIFT } from "../model/config.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import { isGated, isRotary } from "../model/options.ts";
import { addNormWitness } from "./normWitness.ts";
import type { SegmentRows } from "./recorder.ts";
import { spread } from "./spread.ts";

/** Committed tensors by name, padded, as signed integers. */
export type Witness = Map<string, Int32Array>;

/**
 * The trace of a segment, but for the choice and the multiplicities, and the context's new block (`new.keys`,
 * `new.values`). Dead rows, padded layers and padded heads hold what the rules give for zero input.
 *
 * @param visible the public tensor's values (t, b, j)
 */
export function traceWitness(
  model: IntegerModel,
  air: Air,
  rows: SegmentRows,
  visible: ArrayLike<number>,
): Witness {
  const { dim, hidden, layers, heads, kvHeads, headDim, capacity } = model.config;
  const { shifts } = model;
  const live = rows.tokens.length;
  const group = heads / kvHeads;
  const heads3 = [kvHeads, group];
  const pair = [headDim / 2, 2];
  const witness: Witness = new Map();

  const tensor = (name: string): Tensor => air.tensors.get(name) as Tensor;
  const zeros = (name: string) => {
    const values = new Int32Array(2 ** tensor(name).logSize);
    witness.set(name, values);
    return values;
  };
  /** The recorded event, mapped, in the tensor's corner; live rows and real layers lead `dims`. */
  const put = (name: string, event: string, dims: readonly number[], map?: (x: number) => number) => {
    const values = witness.get(name) ?? zeros(name);
    const source = rows.events[event];
    spread(
      map ? source.map(map) : source,
      [live, ...dims],
      values,
      tensor(name).logs.map((log) => 2 ** log),
    );
    return values;
  };
  const shift = (s: number) => (acc: number) => requant(acc, s);

  const q = [layers, ...heads3, ...pair];
  const kv = [layers, kvHeads, ...pair];
  if (isRotary(model.config)) {
    put("q.raw", "xq", q);
    put("q.wide", "rotQ", q, shift(ROTATION_SHIFT));
    put("k.raw", "xk", kv);
    put("k.wide", "rotK", kv, shift(ROTATION_SHIFT));
  } else {
    put("q.wide", "accQ", q, shift(shifts.q));
    put("k.wide", "accK", kv, shift(shifts.k));
  }
  put("q", "q", q);
  put("new.keys", "k", kv);
  put("v.wide", "accV", kv, shift(shifts.v));
  put("new.values", "v", kv);

  const scores = [layers, ...heads3, capacity];
  const flatten = (name: string) => {
    // (t, l, kv, g, b·j): spread over the joined last axis
    const values = witness.get(name) as Int32Array;
    const logs = tensor(name).logs;
    return { values, padded: [...logs.slice(0, 4).map((log) => 2 ** log), capacity] };
  };
  const perRow = 2 ** (tensor("u").logSize - tensor("u").logs[0]);
  const initial = (name: string, seen: number, hidden_: number) => {
    const values = zeros(name);
    for (let k = 0; k < values.length; k++)
      values[k] = visible[Math.floor(k / perRow) * capacity + (k % capacity)] ? seen : hidden_;
  };
  initial("u", 0, 65535);
  initial("e", model.expScale, 0);
  for (const name of ["u", "e"]) {
    const { values, padded } = flatten(name);
    spread(rows.events[name], [live, ...scores], values, padded);
  }
  const u = witness.get("u") as Int32Array;
  witness.set(
    "attained",
    u.map((value) => Number(value === 0)),
  );
  put("max", "max", [layers, ...heads3]);

  put("o.rest", "mix", q); // N for now: `addMixWitness` divides it

  const h = stream(rows.events.h);
  const mid = stream(rows.events.mid);
  const out = stream(rows.events.out);
  setBytes("embedded1", "embedded0", ofLayer(h, 0));
  setBytes("mid1", "mid0", mid);
  setBytes("out1", "out0", out);
  setResidual("attention.residual", "h", "accO", shifts.o);
  setResidual("mlp.residual", "mid", "accDown", shifts.down);
  for (const [name, values] of [
    ["attentionNorm", h],
    ["mlpNorm", mid],
    ["finalNorm", ofLayer(out, layers - 1)],
  ] as const)
    addNormWitness(witness, name, values, 2 ** tensor("in1").logs[2], meanShiftFor(dim), model.tables.rsqrt);

  const mlp = [layers, hidden];
  put("gate.raw", "accGate", mlp, shift(shifts.gate));
  put("activation", "a", mlp);
  if (isGated(model.config)) {
    put("up.raw", "up", mlp);
    put("product.wide", "accProd", mlp, shift(shifts.prod));
    put("product", "prod", mlp);
  }

  return witness;

  /** Values of the residual stream, padded like `mid1`. */
  function stream(values: Int32Array): Int32Array {
    const { logSize, logs } = tensor("mid1");
    const padded = new Int32Array(2 ** logSize);
    spread(
      values,
      [live, layers, dim],
      padded,
      logs.map((log) => 2 ** log),
    );
    return padded;
  }

  function setBytes(high: string, low: string, values: Int32Array): void {
    witness.set(
      high,
      values.map((x) => x >> 8),
    );
    witness.set(
      low,
      values.map((x) => x & 255),
    );
  }

  function setResidual(name: string, before: string, sum: string, s: number): void {
    const acc = rows.events[sum];
    const updated = stream(rows.events[before].map((value, k) => residual(value, acc[k], s)));
    setBytes(`${name}.high`, `${name}.low`, updated);
    witness.set(
      `${name}.side`,
      updated.map((x) => Math.sign(x - clamp16(x))),
    );
  }

  function ofLayer(values: Int32Array, layer: number): Int32Array {
    const [t, l, i] = tensor("mid1").logs.map((log) => 2 ** log);
    const result = new Int32Array(t * i);
    for (let row = 0; row < t; row++) {
      const from = (row * l + layer) * i;
      result.set(values.subarray(from, from + i), row * i);
    }
    return result;
  }
}
