/** Copies a row-major array of shape `dims` into the corner of one of shape `padded`; both over the same axes. */
export function spread(
  from: ArrayLike<number>,
  dims: readonly number[],
  to: { [index: number]: number },
  padded: readonly number[],
): void {
  const last = dims.length - 1;
  const walk = (axis: number, source: number, target: number): void => {
    const length = dims[axis];
    if (axis === last) {
      for (let k = 0; k < length; k++) to[target * padded[last] + k] = from[source * length + k];
      return;
    }
    for (let k = 0; k < length; k++) walk(axis + 1, source * length + k, target * padded[axis] + k);
  };
  walk(0, 0, 0);
}
