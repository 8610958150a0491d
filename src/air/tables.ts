import { fromInteger, toSigned } from "../field/m31.ts";
import type { Arena } from "../kernels/arena.ts";
import type { Ptr } from "../kernels/kernels.ts";
import type { Air, Inputs, Tensor } from "./air.ts";
import { materialize } from "./materialize.ts";

/**
 * Completes the tables of an air: `committed` gives the committed tensors' words in the arena; public
 * and virtual tensors are computed from their definitions and placed beside them.
 */
export function completeTables(
  arena: Arena,
  air: Air,
  committed: ReadonlyMap<Tensor, Ptr>,
  inputs: Inputs<number>,
): Map<Tensor, Ptr> {
  const tables = new Map(committed);
  const signed = new Map<Tensor, Float64Array>();
  const read = (tensor: Tensor): Float64Array => {
    let values = signed.get(tensor);
    if (!values) {
      const ptr = tables.get(tensor);
      if (ptr === undefined) throw new Error(`tables: expected values of ${tensor.name}`);
      values = Float64Array.from(arena.u32(ptr, 2 ** tensor.logSize), toSigned);
      signed.set(tensor, values);
    }
    return values;
  };
  const place = (tensor: Tensor, values: ArrayLike<number>) => {
    const size = 2 ** tensor.logSize;
    const ptr = arena.alloc(size);
    const words = arena.u32(ptr, size);
    for (let i = 0; i < size; i++) words[i] = fromInteger(values[i] as number);
    tables.set(tensor, ptr);
  };
  for (const tensor of air.tensors.values())
    if (tensor.source.kind === "public") place(tensor, tensor.source.definition.values(inputs));
  for (const tensor of air.virtuals) {
    const values = materialize(tensor, read);
    signed.set(tensor, values);
    place(tensor, values);
  }
  return tables;
}
