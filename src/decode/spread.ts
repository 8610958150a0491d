/** Copies a row-major array of shape `dims` into the corner of one of shape `padded`; both over the same axes. */
export function spread(
  from: ArrayLike<number>,
  dims: readonly number[],
  to: { [index: number]: number },
  padded: readonly number[],
): void {
  // Trailing axes without padding are one run in both arrays, with the axis before them.
  let last = dims.length - 1;
  let run = dims[last];
  let pitch = padded[last];
  while (last > 0 && run === pitch) {
    last--;
    run *= dims[last];
    pitch *= padded[last];
  }
  const walk = (axis: number, source: number, target: number): void => {
    if (axis === last) {
      for (let k = 0; k < run; k++) to[target * pitch + k] = from[source * run + k];
      return;
    }
    for (let k = 0; k < dims[axis]; k++) walk(axis + 1, source * dims[axis] + k, target * padded[axis] + k);
  };
  walk(0, 0, 0);
}
