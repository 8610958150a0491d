import { ACCUMULATOR_LIMIT, ACTIVATION_LIMIT } from "./config.ts";

/** A real matrix whose entries are to be multiplied by α_out/α_in. */
export interface ScaledMatrix {
  /** (layers, rows, cols) */
  readonly values: Float32Array;
  readonly shape: readonly [number, number, number];
  /** α_out of (layers, rows) and α_in of (layers, cols), or the same for every layer. */
  readonly sides: readonly [Float64Array, Float64Array];
  /** (layers, rows): added to its products, and to be multiplied by α_out; perhaps none */
  readonly bias?: ArrayLike<number>;
}

/** Keeps a static bound valid after the weights are rounded. */
export const MARGIN = 0.99;

/** One row at a time, so that no matrix is copied: `row` (cols) is valid during the call only. */
export function forEachRow(
  { values, shape, sides }: ScaledMatrix,
  visit: (row: Float64Array, at: number) => void,
): void {
  const [layers, rows, cols] = shape;
  const [out, input] = sides;
  const row = new Float64Array(cols);
  for (let i = 0; i < layers * rows; i++) {
    const alpha = out[i % out.length]!;
    const column = Math.floor(i / rows) * cols;
    for (let j = 0; j < cols; j++)
      row[j] = (values[i * cols + j]! * alpha) / input[(column + j) % input.length]!;
    visit(row, i * cols);
  }
}

/** The bias in units of the matrix's products: (layers, rows), or nothing. */
export function scaledBias({ bias, sides: [out] }: ScaledMatrix): Float64Array {
  return bias ? Float64Array.from(bias, (value, i) => value * out[i % out.length]!) : new Float64Array();
}

/** (layers, rows): the largest factors for which every weight is 16-bit and every accumulator stays below its limit. */
export function rowFactors(matrix: ScaledMatrix): Float64Array {
  const [layers, rows] = matrix.shape;
  const factors = new Float64Array(layers * rows);
  const bias = scaledBias(matrix);
  forEachRow(matrix, (row, at) => {
    let weight = 1e-9;
    // a bias is as much as a weight of this size
    let norm = Math.abs(bias[at / row.length] ?? 0) / ACTIVATION_LIMIT + 1e-9;
    for (let j = 0; j < row.length; j++) {
      const size = Math.abs(row[j]!);
      norm += size;
      if (size > weight) weight = size;
    }
    factors[at / row.length] = Math.min(
      32767 / weight,
      (MARGIN * ACCUMULATOR_LIMIT) / (ACTIVATION_LIMIT * norm),
    );
  });
  return factors;
}

/** (layers): those for all rows of a layer. */
export function largestFactors(matrix: ScaledMatrix): number[] {
  const [layers, rows] = matrix.shape;
  const factors = rowFactors(matrix);
  return Array.from({ length: layers }, (_, layer) =>
    factors.subarray(layer * rows, (layer + 1) * rows).reduce((a, b) => Math.min(a, b)),
  );
}

/** The one for all layers. */
export const largestFactor = (matrix: ScaledMatrix): number => Math.min(...largestFactors(matrix));
