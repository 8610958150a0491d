import type { Tensor } from "../air/air.ts";
import type { Layout, TensorPlace } from "../air/layout.ts";
import type { PackedAxis } from "../air/packing.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";

/**
 * Lays an oracle's tensors out in the arena, `size` words; tensors without values are zero. Values are integers
 * −p < x < p, row-major, with padding (whole tensors only) or without.
 */
export function placeOracle(
  { arena, kernels }: Prover,
  layout: Layout,
  values: ReadonlyMap<string, ArrayLike<number>>,
  size = 2 ** layout.logSize,
): Ptr {
  const ptr = arena.alloc(size);
  const words = new Int32Array(arena.u32(ptr, size).buffer, ptr, size).fill(0);
  for (const place of layout.places) {
    const source = values.get(place.tensor.name);
    if (source) placeTensor(words, place, source);
  }
  kernels.canonical(ptr, size);
  return ptr;
}

/** A tensor's padded values as canonical words in the arena. */
export function placePadded({ arena, kernels }: Prover, tensor: Tensor, values: Int32Array): Ptr {
  const size = 2 ** tensor.logSize;
  if (values.length !== size)
    throw new Error(`${tensor.name}: expected ${size} values, found ${values.length}`);
  const ptr = arena.alloc(size);
  arena.u32(ptr, size).set(values);
  kernels.canonical(ptr, size);
  return ptr;
}

function placeTensor(words: Int32Array, { tensor, offset, packing }: TensorPlace, source: ArrayLike<number>) {
  const lengths = lengthsOf(tensor, packing.blocks === 1, source.length);
  const { axes } = packing;
  const pitches = pitchesOf(axes);
  const last = axes.length - 1;
  let from = 0;
  const walk = (axis: number, to: number): void => {
    const { low } = axes[axis] as PackedAxis;
    const { part, inner } = pitches[axis] as Pitch;
    for (let index = 0; index < (lengths[axis] as number); index++) {
      const target = to + (index >>> low) * part + (index & (2 ** low - 1)) * inner;
      if (axis < last) walk(axis + 1, target);
      else words[target] = source[from++] as number;
    }
  };
  if (axes.every(({ low, log }, k) => low === log && lengths[k] === 2 ** log)) words.set(source, offset);
  else walk(0, offset);
}

/** How far apart, in words, neighbours on an axis are: parts, and entries of a part. */
interface Pitch {
  readonly part: number;
  readonly inner: number;
}

function pitchesOf(axes: readonly PackedAxis[]): Pitch[] {
  let inner = 1;
  const inners = axes.map(() => 0);
  for (let k = axes.length - 1; k >= 0; k--) {
    inners[k] = inner;
    inner *= 2 ** (axes[k] as PackedAxis).low;
  }
  let part = inner;
  const parts = axes.map(() => 0);
  for (let k = axes.length - 1; k >= 0; k--) {
    parts[k] = part;
    part *= (axes[k] as PackedAxis).count;
  }
  return axes.map((_, k) => ({ part: parts[k] as number, inner: inners[k] as number }));
}

/** The lengths of the axes of so many values: padded or not. */
function lengthsOf(
  { name, lengths, logs, logSize }: Tensor,
  isWhole: boolean,
  count: number,
): readonly number[] {
  if (isWhole && count === 2 ** logSize) return logs.map((log) => 2 ** log);
  const cells = lengths.reduce((product, length) => product * length, 1);
  if (count !== cells)
    throw new Error(`${name}: expected ${cells} or ${2 ** logSize} values, found ${count}`);
  return lengths;
}
