import { fromInteger } from "../field/m31.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import type { Air, Inputs, Tensor } from "./air.ts";
import { materialize } from "./materialize.ts";

/**
 * Completes the tables of an air: `known` gives the words in the arena of the committed tensors, and of
 * those virtual ones whose values are known anyway; the other virtual and the public tensors are computed
 * from their definitions and placed beside them.
 */
export function completeTables(
  prover: Prover,
  air: Air,
  known: ReadonlyMap<Tensor, Ptr>,
  inputs: Inputs<number>,
): Map<Tensor, Ptr> {
  const tables = new Map(known);
  const read = (tensor: Tensor): Ptr => {
    const ptr = tables.get(tensor);
    if (ptr === undefined) throw new Error(`tables: expected values of ${tensor.name}`);
    return ptr;
  };
  for (const tensor of air.tensors.values())
    if (tensor.source.kind === "public")
      tables.set(tensor, placeWords(prover, tensor.source.definition.values(inputs)));
  for (const tensor of air.virtuals)
    if (!tables.has(tensor)) tables.set(tensor, materialize(prover, tensor, read));
  return tables;
}

/** Small integers as canonical words in the arena. */
function placeWords({ arena }: Prover, values: ArrayLike<number>): Ptr {
  const ptr = arena.alloc(values.length);
  const words = arena.u32(ptr, values.length);
  for (let i = 0; i < values.length; i++) words[i] = fromInteger(values[i]);
  return ptr;
}
