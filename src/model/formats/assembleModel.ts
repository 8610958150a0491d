import {
  type Architecture,
  checkArchitecture,
  type FloatModel,
  type FloatWeights,
  floatShapes,
} from "../floatModel.ts";
import type { Place, Places } from "./places.ts";
import type { TensorSet } from "./tensorSet.ts";

/**
 * The float model of a checkpoint. All tensors are looked for before the first is read.
 *
 * @throws with the name of a tensor that is missing, or of another shape or type than the architecture says
 */
export async function assembleModel(
  architecture: Architecture,
  places: Places,
  tensors: TensorSet,
): Promise<FloatModel> {
  checkArchitecture(architecture);
  const arrays = Object.entries(floatShapes(architecture)).map(([key, shape]) => {
    const name = key as keyof FloatWeights;
    const place = places[name];
    if (!place) throw new Error(`checkpoint: expected a format with ${name}, found one without`);
    return { name, shape, place };
  });
  for (const { shape, place } of arrays) {
    for (let layer = 0; layer < shape[0]; layer++)
      tensors.expect(nameOf(place, layer), storedShape(place, shape));
  }

  const weights: Partial<Record<keyof FloatWeights, Float32Array>> = {};
  for (const { name, shape, place } of arrays) {
    const [layers, rows, cols] = shape;
    const all = new Float32Array(layers * rows * cols);
    for (let layer = 0; layer < layers; layer++) {
      const stored = await tensors.read(nameOf(place, layer), storedShape(place, shape));
      all.set(arrange(stored, place, rows, cols, architecture.headDim), layer * rows * cols);
    }
    weights[name] = all;
  }
  const { head = weights.embedding } = weights;
  return { ...architecture, ...weights, head } as FloatModel;
}

const nameOf = ({ name }: Place, layer: number) => name.replace("{}", String(layer));

/** A vector is stored as one; a matrix as it is, or with its rows as columns. */
function storedShape(place: Place, [, rows, cols]: readonly [number, number, number]): number[] {
  const count = place.part?.[1] ?? 1;
  if (rows === 1) return [count * cols];
  return place.transposed ? [cols, count * rows] : [count * rows, cols];
}

/** One layer's array as the float model has it, from what is stored. */
function arrange(
  stored: Float32Array,
  place: Place,
  rows: number,
  cols: number,
  headDim: number,
): Float32Array {
  const [part, count] = place.part ?? [0, 1];
  let matrix = stored;
  if (place.transposed) {
    matrix = new Float32Array(rows * cols);
    for (let col = 0; col < cols; col++)
      for (let row = 0; row < rows; row++)
        matrix[row * cols + col] = stored[col * count * rows + part * rows + row]!;
  } else if (count > 1) {
    matrix = stored.subarray(part * rows * cols, (part + 1) * rows * cols);
  }
  // a bias is a matrix of one column here
  return place.halves ? interleave(matrix, headDim, rows === 1 ? 1 : cols) : matrix;
}

/** Brings rows i and i + headDim/2 of every head together, as rows 2i and 2i + 1. */
function interleave(matrix: Float32Array, headDim: number, cols: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let row = 0; row < matrix.length / cols; row++) {
    const within = row % headDim;
    const from = row - within + (within % 2) * (headDim / 2) + Math.floor(within / 2);
    out.set(matrix.subarray(from * cols, (from + 1) * cols), row * cols);
  }
  return out;
}
