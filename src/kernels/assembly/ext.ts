import { add, dot5, double, fold, high, low, high5, low5, mulDoubled, narrow, canonical, high4, low4, put, sub } from "./m31";

/**
 * The quintic extension, x^5 = 3 − x, four elements at a time, coordinates in separate vectors.
 *
 * Row i of the matrix of multiplication by b is x^i·b, so a·b is five dot products of length five
 * with the entries b0 … b4, 3b1 … 3b4 and differences of those: `prepare` computes them once.
 * AssemblyScript returns one value, so operations leave their results in module globals, which are
 * private to the instance even if its memory is shared.
 */

const ZERO = i32x4.splat(0);

/** The prepared multiplier: b, b0 − b4, 3b_i, 3b_i − b_(i−1). */
let b0: v128 = i32x4.splat(0);
let b1: v128 = i32x4.splat(0);
