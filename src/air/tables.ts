import { fromInteger } from "../field/m31.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import type { Air, Inputs, Tensor } from "./air.ts";
import { materialize } from "./materialize.ts";
import { type StoredTable, unpack } from "./storedTable.ts";

/**
 * Completes the tables of an air: `known` gives the words in the arena of the committed tensors, and of
 * those virtual and public ones whose values are known anyway; the others are computed from their
 * definitions and placed beside them. A stored tensor is unpacked for as long as one is computed from it.
 */
export function completeTables(
  prover: Prover,
  air: Air,
  known: ReadonlyMap<Tensor, Ptr>,
  inputs: Inputs<number>,
  stored: ReadonlyMap<Tensor, StoredTable> = new Map(),
): Map<Tensor, Ptr> {
  const tables = new Map(known);
  const read = (tensor: Tensor): Ptr => {
    const ptr = tables.get(tensor);
    if (ptr !== undefined) return ptr;
    const blocks = stored.get(tensor);
    if (!blocks) throw new Error(`tables: expected values of ${tensor.name}`);
    return unpack(prover, tensor, blocks);
  };
  for (const tensor of air.tensors.values())
    if (tensor.source.kind === "public" && !tables.has(tensor))
      tables.set(tensor, placeWords(prover, tensor.source.definition.values(inputs)));
  for (const tensor of air.virtuals)
    if (!tables.has(tensor)) tables.set(tensor, materialize(prover, tensor, read));
  return tables;
}

/** The public tensors whose values are the same for every statement: their definitions ask for no inputs. */
export function constantTables(prover: Prover, air: Air): Map<Tensor, Ptr> {
  const tables = new Map<Tensor, Ptr>();
  for (const tensor of air.tensors.values())
    if (tensor.source.kind === "public" && tensor.source.definition.values.length === 0)
      tables.set(tensor, placeWords(prover, tensor.source.definition.values({})));
  return tables;
}

/** Small integers as canonical words in the arena. */
function placeWords({ arena }: Prover, values: ArrayLike<number>): Ptr {
  const ptr = arena.alloc(values.length);
  const words = arena.u32(ptr, values.length);
  for (let i = 0; i < values.length; i++) words[i] = fromInteger(values[i]);
  return ptr;
}
