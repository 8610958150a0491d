import type { AirBuilder, PublicDefinition } from "../air/air.ts";
import { constantTensor, counter, isZero } from "../air/publics.ts";
import { highByte, highSide, lowByte, lowByteRaw, lowSide } from "./saturation.ts";

/** log2 of the rows of the tables that are not over 16-bit arguments. */
const LOG_POWERS = 4;
export const LOG_ROOTS = 13;
const LOG_QUOTIENT = 15;

/**
 * The function tables. Arguments are public counters, values fixed columns unless they have a short formula:
 *
 * | table | row |
 * | --- | --- |
 * | clamp | x, min(A, max(−A, x)), x signed 16-bit |
 * | high | x, min(127, max(−128, x)), side, x signed 9-bit: side = 0, or the sign of x if that is another number |
 * | low | x, y, side, x unsigned 8-bit: y = x, or 255 or 0 if side is 1 or −1 |
 * | activation | x, ACT[x], x signed 16-bit |
 * | exp | u, EXP[u], [u = 0], u unsigned 16-bit |
 * | rsqrt | first, last, R, large: R[μ] = R and [μ ≥ 2^14] = large for first ≤ μ ≤ last (`rootRuns`) |
 * | power | 4^f, large, 2^(7−f): f in 0..7, large = 1 unless f = 0 |
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
  add("activation", "signed16", ["activation.value"]);

  air.public("exp.isZero", "x16", isZero(16));
  add("exp", "unsigned16", ["exp.value", "exp.isZero"]);

  air.committed("fixed", "rsqrt.first", `x${LOG_ROOTS}`);
  add("rsqrt", "rsqrt.first", ["rsqrt.last", "rsqrt.value", "rsqrt.large"]);

  const compute = (name: string, log: number, definition: PublicDefinition) =>
    air.public(name, `x${log}`, definition);
  compute("high.argument", 9, counter(9, -(2 ** 8)));
  compute("high.value", 9, highByte);
  compute("high.side", 9, highSide);
  add("high", "high.argument", ["high.value", "high.side"]);
  compute("low.argument", 10, lowByteRaw);
  compute("low.value", 10, lowByte);
  compute("low.side", 10, lowSide);
  add("low", "low.argument", ["low.value", "low.side"]);

  powerColumns.forEach(([name, values]) => {
    compute(name, LOG_POWERS, constantTensor(values));
  });
  add("power", "power.power", ["power.large", "power.gain"]);

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

/** (4^f, large, 2^(7−f)): f = 0 with either flag, the others with large = 1; padded with the first row. */
const powerColumns = (() => {
  const rows = [[1, 0, 128], ...Array.from({ length: 8 }, (_, f) => [4 ** f, 1, 2 ** (7 - f)])];
  while (rows.length < 2 ** LOG_POWERS) rows.push(rows[0]);
  return ["power", "large", "gain"].map(
    (name, column) => [`power.${name}`, rows.map((row) => row[column])] as const,
  );
})();

/** floor(y/8) for y = x − 2^14: the number that the bits above the lowest three make. */
const quotient: PublicDefinition = {
  evaluate: (field, inputs, point) =>
    counter(LOG_QUOTIENT - 3, -(2 ** 11)).evaluate(field, inputs, point.slice(0, LOG_QUOTIENT - 3)),
  values: () => Int32Array.from({ length: 2 ** LOG_QUOTIENT }, (_, x) => Math.floor((x - 2 ** 14) / 8)),
};
