import type { Kernels } from "./kernels.ts";
import { scalarCode } from "./scalar/code.ts";
import { scalarHash } from "./scalar/hash.ts";
import { scalarSumcheck } from "./scalar/sumcheck.ts";
import { scalarVectors } from "./scalar/vectors.ts";

/** The kernels in plain TypeScript: written to be obviously right, the oracle of `wasmKernels`. */
export function scalarKernels(memory: WebAssembly.Memory): Kernels {
  return {
    ...scalarCode(memory),
    ...scalarHash(memory),
    ...scalarVectors(memory),
    ...scalarSumcheck(memory),
  };
}
