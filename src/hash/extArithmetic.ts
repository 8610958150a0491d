import { eAdd, eBase, eInnerProduct, eMul, eScale, eSub, type Ext, ONE, ZERO } from "../field/ext.ts";
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
  constant: (value) => {
    if (typeof value !== "number") return value;
    if (value === 1) return ONE; // nearly all constants are
    return value === 0 ? ZERO : eBase(fromInteger(value));
  },
  add: eAdd,
  sub: eSub,
  mul: eMul,
  scale: (a, k) => eScale(a, fromInteger(k)),
  innerProduct: eInnerProduct,
};
