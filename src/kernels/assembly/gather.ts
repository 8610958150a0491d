export function canonical(ptr: usize, _n: i32, from: i32, to: i32): void {
  const p = i32x4.splat(0x7fffffff);
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const at = ptr + ((<usize>i) << 2);
    const x = v128.load(at);
    v128.store(at, i32x4.add(x, v128.and(p, i32x4.shr_s(x, 31))));
  }
  for (; i < to; i++) {
    const at = ptr + ((<usize>i) << 2);
    const x = load<i32>(at);
    store<i32>(at, x + (0x7fffffff & (x >> 31)));
  }
}

/** Units are rows. Four columns of four rows at a time, as long as there are so many. */
export function gather(dst: usize, src: usize, columns: i32, pitch: i32, rows: i32, from: i32, to: i32): void {
  const step = (<usize>pitch) << 2;
  const column = (<usize>rows) << 2;
  const fours = columns & ~3;
  let k = from;
  for (; k + 4 <= to; k += 4) {
    const row = src + <usize>k * step;
    const at = dst + ((<usize>k) << 2);
    for (let c = 0; c < fours; c += 4) {
      const r = row + ((<usize>c) << 2);
      const r0 = v128.load(r);
      const r1 = v128.load(r + step);
      const r2 = v128.load(r + 2 * step);
      const r3 = v128.load(r + 3 * step);
      const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
      const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
      const high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
      const high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
      const to = at + <usize>c * column;
      v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
      v128.store(to + column, v128.shuffle<i64>(low01, low23, 1, 3));
      v128.store(to + 2 * column, v128.shuffle<i64>(high01, high23, 0, 2));
      v128.store(to + 3 * column, v128.shuffle<i64>(high01, high23, 1, 3));
    }
    for (let i = k; i < k + 4; i++) gatherRow(dst, src, columns, step, column, i, fours);
  }
  for (; k < to; k++) gatherRow(dst, src, columns, step, column, k, 0);
}

/** Row k of the columns from `first` on. */
function gatherRow(dst: usize, src: usize, columns: i32, step: usize, column: usize, k: i32, first: i32): void {
  for (let c = first; c < columns; c++)
    store<u32>(dst + <usize>c * column + ((<usize>k) << 2), load<u32>(src + <usize>k * step + ((<usize>c) << 2)));
}
