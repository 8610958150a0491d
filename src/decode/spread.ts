/** Copies a row-major array of shape `dims` into the corner of one of shape `padded`; both over the same axes. */
export function spread(
  from: Int32Array,
  dims: readonly number[],
  to: Int32Array,
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
      to.set(from.subarray(source * run, (source + 1) * run), target * pitch);
      return;
    }
    for (let k = 0; k < dims[axis]; k++) walk(axis + 1, source * dims[axis] + k, target * padded[axis] + k);
  };
  walk(0, 0, 0);
}
