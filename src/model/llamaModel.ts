import type { FloatModel } from "./floatModel.ts";

/** A float model that the integer model can stand for: RMSNorm, rotated positions, a SiLU gate, no biases. */
export interface LlamaModel extends FloatModel {
  readonly gate: Float32Array;
  readonly frequencies: Float64Array;
}

/** The model as one of the Llama family. @throws if it is of another */
export function asLlama(model: FloatModel): LlamaModel {
  const { norm, activation, biases, gate, frequencies } = model;
  const expect = (what: string, wanted: string, found: string, ok: boolean) => {
    if (!ok) throw new Error(`integer model: expected ${what} to be ${wanted}, found ${found}`);
  };
  expect("the norm", "RMSNorm", "LayerNorm", norm === "rms");
  expect("the activation", "gated SiLU", activation, activation === "silu" && gate !== undefined);
  expect("positions", "rotary", "learned", frequencies !== undefined);
  expect("biases", "none", biases, biases === "none");
  return model as LlamaModel;
}
