import type { Arena } from "../kernels/arena.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { BIAS_OF, type IntegerModel, type MatrixName, weightShapes } from "./integerModel.ts";

/** The model's matrices, ready to be multiplied with vectors. */
export interface Matrices {
  /** out (rows) |.| < 2^29 = one layer of the named matrix times x (cols) in [−A, A], plus its bias */
  multiply(name: MatrixName, layer: number, x: Int32Array, out: Int32Array): void;
}

/** Kernels and the memory they work on. */
export interface KernelMemory {
  readonly kernels: Pick<Kernels, "matVec">;
  readonly arena: Arena;
}

/** Plain TypeScript: the oracle of `kernelMatrices`. */
export function scalarMatrices(model: IntegerModel): Matrices {
  const shapes = weightShapes(model.config);
  return {
    multiply(name, layer, x, out) {
      const [, rows, cols] = shapes[name];
      const weights = model.weights[name];
      let at = layer * rows * cols;
      for (let row = 0; row < rows; row++) {
        let sum = 0; // |sum| ≤ A·Σ|w| < 2^29
        for (let i = 0; i < cols; i++) sum += weights[at++]! * x[i]!;
        out[row] = sum;
      }
      addBias(model, name, layer, out);
    },
  };
}

/** out (rows) += one layer of the matrix's bias, if it has one; the sum stays below 2^29, too. */
function addBias({ biases }: IntegerModel, name: MatrixName, layer: number, out: Int32Array): void {
  const bias = biases[BIAS_OF[name]];
  if (bias.length > 0)
    for (let row = 0; row < out.length; row++) out[row]! += bias[layer * out.length + row]!;
}

/** Through the matVec kernel. The weights are copied into the kernels' memory once. */
export function kernelMatrices(model: IntegerModel, { kernels, arena }: KernelMemory): Matrices {
  const shapes = weightShapes(model.config);
  const layerBytes = (name: MatrixName) => Math.ceil((shapes[name][1] * shapes[name][2]) / 8) * 16;
  const offsets = {} as Record<MatrixName, number>;
  let maxRows = 0;
  let maxCols = 0;
  for (const name of Object.keys(BIAS_OF) as MatrixName[]) {
    const [layers, rows, cols] = shapes[name];
    maxRows = Math.max(maxRows, rows);
    maxCols = Math.max(maxCols, cols);
    offsets[name] = arena.alloc((layers * layerBytes(name)) / 4);
    const size = rows * cols;
    for (let layer = 0; layer < layers; layer++) {
      const copy = new Int16Array(arena.memory.buffer, offsets[name] + layer * layerBytes(name), size);
      copy.set(model.weights[name].subarray(layer * size, (layer + 1) * size));
    }
  }
  const input = arena.alloc(Math.ceil(maxCols / 2)); // (cols) i16 in [−A, A]
  const output = arena.alloc(maxRows); // (rows) i32, |.| < 2^29

  return {
    multiply(name, layer, x, out) {
      const [, rows, cols] = shapes[name];
      // the memory may have grown since, which detaches older views
      const { buffer } = arena.memory;
      new Int16Array(buffer, input, cols).set(x.subarray(0, cols));
      kernels.matVec(output, offsets[name] + layer * layerBytes(name), input, rows, cols);
      out.set(new Int32Array(buffer, output, rows));
      addBias(model, name, layer, out);
    },
  };
}
