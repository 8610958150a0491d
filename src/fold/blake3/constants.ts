import type { PublicDefinition } from "../../air/air.ts";
import { carried } from "./byteMaps.ts";
import { fromInteger, mul } from "../../field/m31.ts";
import { LOG_BYTES, LOG_CELLS, LOG_PLACES, LOG_STEPS, weightsOf } from "./cellMap.ts";
import { D_UNIT, HALF_UNIT } from "./keyMaps.ts";
import { IV } from "../../hash/schedule.ts";

/** What the IV adds to the keys of step 0's first halves, entry 4·quarter + byte: c, carried. */
const CARRIED_IV = IV.slice(0, 4).flatMap((word) =>
  [0, 1, 2, 3].map((to) =>
    [0, 1, 2, 3].reduce(
      (sum, from) => fromInteger(sum + mul(carried()[4 * to + from], (word >>> (8 * from)) & 255)),
      0,
    ),
  ),
);

/** The constant part of the keys of (c + d) ^ b, over (cell): the IV, and 2^17 in second halves. */
export const keyConstants: PublicDefinition = {
  evaluate: (field, _inputs, point) => {
    const { steps, places, bytes } = weightsOf(field, point);
    const half = point[LOG_STEPS + LOG_PLACES - 1];
    let sum = field.constant(0);
    for (let q = 0; q < 4; q++) {
      const word = bytes.reduce(
        (total, weight, j) => field.add(total, field.scale(weight, CARRIED_IV[4 * q + j])),
        field.constant(0),
      );
      sum = field.add(sum, field.mul(places[2 * q], word));
    }
    return field.add(field.mul(steps[0], sum), field.scale(half, HALF_UNIT));
  },
  values: () =>
    Int32Array.from({ length: 2 ** LOG_CELLS }, (_, cell) => {
      if ((cell >> LOG_BYTES) & 1) return HALF_UNIT;
      return cell < 2 ** (LOG_PLACES + LOG_BYTES) ? CARRIED_IV[4 * (cell >> 3) + (cell & 3)] : 0;
    }),
};

/** Parameters of a compression: two bytes of the counter, the block's length, the flags. */
export const LOG_PARAMETERS = 2;

/** Where each parameter is d of step 0's first halves: v_12 (two bytes), v_14, v_15. */
const PARAMETER_CELLS = [0, 1, 8 * 2, 8 * 3];

/** What the parameters add to the keys of (a + b + message) ^ d, over (cell, parameter). */
export const parameterMap: PublicDefinition = {
  evaluate: (field, _inputs, point) => {
    const { steps, places, bytes } = weightsOf(field, point.slice(0, LOG_CELLS));
    const [high, low] = point.slice(LOG_CELLS);
    const one = field.constant(1);
    const parameters = [field.sub(one, high), high].flatMap((h) => [
      field.mul(h, field.sub(one, low)),
      field.mul(h, low),
    ]);
    const sum = PARAMETER_CELLS.reduce((total, cell, k) => {
      const weight = field.mul(places[cell >> LOG_BYTES], bytes[cell & 3]);
      return field.add(total, field.mul(weight, parameters[k]));
    }, field.constant(0));
    return field.scale(field.mul(steps[0], sum), D_UNIT);
  },
  values: () => {
    const values = new Int32Array(2 ** (LOG_CELLS + LOG_PARAMETERS));
    PARAMETER_CELLS.forEach((cell, k) => {
      values[4 * cell + k] = D_UNIT;
    });
    return values;
  },
};
