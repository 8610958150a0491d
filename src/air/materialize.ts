import { fromInteger, P, mul, add, toSigned } from "../field/m31.ts";
import type { Tensor, Term } from "./air.ts";

/** One loop of an einsum: its length and each operand's stride (0 where the label is absent). */
interface Loop {
  readonly length: number;
  readonly out: number;
  readonly a: number;
  readonly b: number;
}

const UNIT = Float64Array.of(1);

/**
 * Computes a virtual tensor from its definition, as integers in (−p/2, p/2) modulo p. `read` gives the
 * factors in the same form. Sums that could pass 2^53 (never in an honest trace) are done modulo p.
 */
export function materialize(virtual: Tensor, read: (tensor: Tensor) => Float64Array): Float64Array {
  if (virtual.source.kind !== "virtual") throw new Error(`expected a virtual tensor, got ${virtual.name}`);
  const out = new Float64Array(2 ** virtual.logSize);
  for (const term of virtual.source.terms) addTerm(out, virtual, term, read);
  for (let i = 0; i < out.length; i++) {
    const value = out[i] as number;
    if (value > P / 2 || value < -P / 2) out[i] = toSigned(fromInteger(value));
  }
  return out;
}

function addTerm(
  out: Float64Array,
  virtual: Tensor,
  term: Term,
  read: (tensor: Tensor) => Float64Array,
): void {
  const loops = loopsOf(virtual, term);
  const [a = UNIT, b = UNIT] = term.factors.map(({ tensor }) => read(tensor));
  const terms = loops.reduce((product, { length, out }) => (out === 0 ? product * length : product), 1);
  const exact = maxAbs(a) * maxAbs(b) * terms * Math.abs(term.coefficient) < 2 ** 50 && maxAbs(out) < 2 ** 50;
  const inner = loops.pop() ?? { length: 1, out: 0, a: 0, b: 0 };
  const digits = new Array<number>(loops.length).fill(0);
  let po = 0;
  let pa = 0;
  let pb = 0;
  for (;;) {
    if (exact) innerLoop(out, po, a, pa, b, pb, inner, term.coefficient);
    else innerLoopModular(out, po, a, pa, b, pb, inner, term.coefficient);
    let k = loops.length - 1;
    for (; k >= 0; k--) {
      const loop = loops[k] as Loop;
      po += loop.out;
      pa += loop.a;
      pb += loop.b;
      digits[k] = (digits[k] as number) + 1;
      if (digits[k] !== loop.length) break;
      digits[k] = 0;
      po -= loop.out * loop.length;
      pa -= loop.a * loop.length;
      pb -= loop.b * loop.length;
    }
    if (k < 0) return;
  }
}

function innerLoop(
  out: Float64Array,
  po: number,
  a: Float64Array,
  pa: number,
  b: Float64Array,
  pb: number,
  loop: Loop,
  coefficient: number,
): void {
  const { length, out: so, a: sa, b: sb } = loop;
  if (so === 0) {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += (a[pa + k * sa] as number) * (b[pb + k * sb] as number);
    out[po] = (out[po] as number) + coefficient * sum;
  } else
    for (let k = 0; k < length; k++) {
      const o = po + k * so;
      out[o] = (out[o] as number) + coefficient * (a[pa + k * sa] as number) * (b[pb + k * sb] as number);
    }
}

function innerLoopModular(
  out: Float64Array,
  po: number,
  a: Float64Array,
  pa: number,
  b: Float64Array,
  pb: number,
  loop: Loop,
  coefficient: number,
): void {
  const scale = fromInteger(coefficient);
  for (let k = 0; k < loop.length; k++) {
    const o = po + k * loop.out;
    const product = mul(fromInteger(a[pa + k * loop.a] as number), fromInteger(b[pb + k * loop.b] as number));
    out[o] = add(fromInteger(out[o] as number), mul(product, scale));
  }
}

function maxAbs(values: Float64Array): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) max = Math.max(max, Math.abs(values[i] as number));
  return max;
}

/** Output labels outermost, then summed labels; adjacent labels that every operand walks as one are merged. */
function loopsOf(virtual: Tensor, term: Term): Loop[] {
  const logs = new Map<string, number>();
  virtual.axes.forEach((axis, k) => logs.set(axis, virtual.logs[k] as number));
  for (const { tensor, labels } of term.factors)
    labels.forEach((label, k) => {
      if (!logs.has(label)) logs.set(label, tensor.logs[k] as number);
    });
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
