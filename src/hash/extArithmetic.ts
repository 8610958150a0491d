import { eAdd, eBase, eMul, eScale, eSub, type Ext } from "../field/ext.ts";
import { fromInteger } from "../field/m31.ts";
import type { Arithmetic } from "./channel.ts";

/**
 * The arithmetic of the native verifier and of the prover: extension elements as number tuples.
 *
 * @example
 * ```ts
 * import { extArithmetic as f } from "./extArithmetic.ts";
 * console.log(f.add(f.constant(1), f.constant([0, 1, 0, 0, 0]))); // [1, 1, 0, 0, 0]
 * ```
 */
export const extArithmetic: Arithmetic<Ext> = {
  constant: (value) => (typeof value === "number" ? eBase(fromInteger(value)) : value),
  add: eAdd,
  sub: eSub,
  mul: eMul,
  scale: (a, k) => eScale(a, fromInteger(k)),
};
