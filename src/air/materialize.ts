import { fromInteger } from "../field/m31.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import type { Tensor, Term } from "./air.ts";

/** One loop of an einsum: its length and each operand's stride in words (0 where the label is absent). */
interface Loop {
  readonly length: number;
  readonly out: number;
  readonly a: number;
  readonly b: number;
}

const ONCE: Loop = { length: 1, out: 0, a: 0, b: 0 };

/** Computes a virtual tensor from its definition: 2^logSize canonical words. `read` gives the factors' words. */
export function materialize(prover: Prover, virtual: Tensor, read: (tensor: Tensor) => Ptr): Ptr {
  if (virtual.source.kind !== "virtual")
    throw new Error(`materialize: expected a virtual tensor, got ${virtual.name}`);
  const { arena } = prover;
  const size = 2 ** virtual.logSize;
  const out = arena.alloc(size);
  arena.u32(out, size).fill(0);
  for (const term of virtual.source.terms) addTerm(prover, out, virtual, term, read);
  return out;
}

function addTerm(
  { arena, kernels }: Prover,
  out: Ptr,
  virtual: Tensor,
  term: Term,
  read: (tensor: Tensor) => Ptr,
): void {
  const mark = arena.mark();
  const unit = arena.alloc(1);
  arena.u32(unit, 1)[0] = 1;
  const [a = unit, b = unit] = term.factors.map(({ tensor }) => read(tensor));
  const coefficient = fromInteger(term.coefficient);
  const loops = kernelOrder(loopsOf(virtual, term));
  const inner = loops.pop() ?? ONCE;
  const middle = loops.pop() ?? ONCE;
  const outer = loops.pop() ?? ONCE;
  const walk = (depth: number, po: Ptr, pa: Ptr, pb: Ptr): void => {
    if (depth === loops.length) {
      kernels.multiplyAdd(
        po,
        pa,
        pb,
        coefficient,
        outer.length,
        outer.out,
        outer.a,
        outer.b,
        middle.length,
        middle.out,
        middle.a,
        middle.b,
        inner.length,
        inner.out,
        inner.a,
        inner.b,
      );
      return;
    }
    const loop = loops[depth];
    for (let k = 0; k < loop.length; k++)
      walk(depth + 1, po + 4 * k * loop.out, pa + 4 * k * loop.a, pb + 4 * k * loop.b);
  };
  walk(0, out, a, b);
  arena.release(mark);
}

/**
 * The order in which the kernel is fast: innermost a long loop along memory (an inner product, else a
 * row), around it the longest of the others, the outer one of these over different outputs, so that
 * threads can share it; the sum does not depend on the order.
 */
function kernelOrder(loops: readonly Loop[]): Loop[] {
  const isAlong = ({ out, a, b }: Loop) =>
    Number(out === 0 ? a === 1 && b === 1 : out === 1 && a <= 1 && b <= 1);
  const inner = [...loops].sort((x, y) => isAlong(y) - isAlong(x) || y.length - x.length)[0];
  if (!inner) return [];
  const others = loops.filter((loop) => loop !== inner).sort((x, y) => x.length - y.length);
  const outer = others.findLast(({ out }) => out !== 0);
  const middle = others.findLast((loop) => loop !== outer);
  const kernel = [outer, middle, inner].filter((loop) => loop !== undefined);
  return [...others.filter((loop) => !kernel.includes(loop)), ...kernel];
}

/** Output labels outermost, then summed labels; adjacent labels that every operand walks as one are merged. */
function loopsOf(virtual: Tensor, term: Term): Loop[] {
  const logs = new Map<string, number>();
  virtual.axes.forEach((axis, k) => logs.set(axis, virtual.logs[k]));
  for (const { tensor, labels } of term.factors)
    labels.forEach((label, k) => logs.set(label, tensor.logs[k]));
  const [a, b] = term.factors;
  const stride = (labels: readonly string[] | undefined, label: string) => {
    const at = labels?.indexOf(label) ?? -1;
    if (!labels || at < 0) return 0;
    return labels.slice(at + 1).reduce((product, other) => product * 2 ** (logs.get(other) as number), 1);
  };
  const loops: Loop[] = [];
  for (const [label, log] of logs) {
    if (log === 0) continue;
    const loop = {
      length: 2 ** log,
      out: stride(virtual.axes, label),
      a: stride(a?.labels, label),
      b: stride(b?.labels, label),
    };
    const previous = loops.at(-1);
    const joins = (key: "out" | "a" | "b") => previous?.[key] === loop[key] * loop.length;
    if (previous && joins("out") && joins("a") && joins("b"))
      loops[loops.length - 1] = { ...loop, length: previous.length * loop.length };
    else loops.push(loop);
  }
  return loops;
}
