import type { AirBuilder, PublicDefinition } from "../air/air.ts";
import { counter, isZero } from "../air/publics.ts";

/** log2 of the rows of the tables that are not over 16-bit arguments. */
export const LOG_POWERS = 15;
export const LOG_RESIDUAL = 17;
export const LOG_QUOTIENT = 15;

/**
 * The function tables. Arguments are public counters, values fixed columns unless they have a short formula:
 *
 * | table | row |
 * | --- | --- |
 * | clamp | x, min(A, max(−A, x)), x signed 16-bit |
 * | residual | x, high, low with 256·high + low = x saturated to 16 bits, x signed 17-bit |
 * | silu | x, SILU[x], x signed 16-bit |
 * | exp | u, EXP[u], [u = 0], u unsigned 16-bit |
 * | rsqrt | μ, R[μ], [μ ≥ 2^14], μ unsigned 16-bit |
 * | power | 4^f, rest < 4^f, large, 2^(7−f): f in 0..7, large = 1 unless f = 0 |
 * | quotient | y, floor(y/8), −2^14 ≤ y < 2^14 |
 */
export function addFunctionTables(air: AirBuilder): void {
  air.public("signed16", "x16", counter(16, -(2 ** 15)));
  air.public("unsigned16", "x16", counter(16));
  const add = (name: string, argument: string, values: readonly string[]) => {
    const axis = air.get(argument).axes.join(" ");
    for (const value of values) if (!air.tensors.has(value)) air.committed("fixed", value, axis);
    air.table("trace", name, [argument, ...values]);
  };
  add("clamp", "signed16", ["clamp.value"]);
  add("silu", "signed16", ["silu.value"]);

  air.public("exp.isZero", "x16", isZero(16));
  add("exp", "unsigned16", ["exp.value", "exp.isZero"]);

  air.public("rsqrt.large", "x16", isLarge);
  add("rsqrt", "unsigned16", ["rsqrt.value", "rsqrt.large"]);

  air.public("signed17", `x${LOG_RESIDUAL}`, counter(LOG_RESIDUAL, -(2 ** 16)));
  add("residual", "signed17", ["residual.high", "residual.low"]);

  air.committed("fixed", "power.power", `x${LOG_POWERS}`);
  add("power", "power.power", ["power.rest", "power.large", "power.gain"]);

  air.public("quotient.argument", `x${LOG_QUOTIENT}`, counter(LOG_QUOTIENT, -(2 ** 14)));
  air.public("quotient.value", `x${LOG_QUOTIENT}`, quotient);
  add("quotient", "quotient.argument", ["quotient.value"]);
}

/** Every cell of the tensor lies in [0, 2^bits). Adds the range table the first time a width is needed. */
export function addRange(air: AirBuilder, tensor: string, bits: number): void {
  const table = `range${bits}`;
  if (!air.tables.some(({ name }) => name === table)) {
    air.public(table, `x${bits}`, counter(bits));
    air.table("trace", table, [table]);
  }
  air.lookup(`${tensor} < 2^${bits}`, table, [tensor]);
}

/** [x ≥ 2^14] of a 16-bit x: one of its two top bits is set. */
const isLarge: PublicDefinition = {
  evaluate: (field, _inputs, [top, next]) => {
    const one = field.constant(1);
    return field.sub(one, field.mul(field.sub(one, top), field.sub(one, next)));
  },
  values: () => Uint8Array.from({ length: 2 ** 16 }, (_, x) => Number(x >= 2 ** 14)),
};

/** floor(y/8) for y = x − 2^14: the number that the bits above the lowest three make. */
const quotient: PublicDefinition = {
  evaluate: (field, inputs, point) =>
    counter(LOG_QUOTIENT - 3, -(2 ** 11)).evaluate(field, inputs, point.slice(0, LOG_QUOTIENT - 3)),
  values: () => Int32Array.from({ length: 2 ** LOG_QUOTIENT }, (_, x) => Math.floor((x - 2 ** 14) / 8)),
};
