import { type Air, AirBuilder, type Inputs, type Tensor } from "../../../src/air/air.ts";
import { materialize } from "../../../src/air/materialize.ts";
import { proveAir } from "../../../src/air/prove.ts";
import { verifyAir } from "../../../src/air/verify.ts";
import { eBase } from "../../../src/field/ext.ts";
import { fromInteger } from "../../../src/field/m31.ts";
import { addBlake3, blake3Axes, type Blake3Options } from "../../../src/fold/blake3/addBlake3.ts";
import type { Compression } from "../../../src/fold/blake3/compress.ts";
import { type Blake3Witness, blake3Witness } from "../../../src/fold/blake3/witness.ts";
import { xorMultiplicities } from "../../../src/fold/blake3/xorMultiplicities.ts";
import { extArithmetic } from "../../../src/hash/extArithmetic.ts";
import { runVerifier } from "../../../src/hash/nativeChannel.ts";
import { type Prover, ProverChannel } from "../../../src/hash/proverChannel.ts";
import type { Verdict } from "../../../src/hash/verdict.ts";
import type { Ptr } from "../../../src/kernels/kernels.ts";
import { fractionShape } from "../../../src/lookup/fractionShape.ts";
import { evaluate } from "../../../src/poly/evaluate.ts";

/** Blocks of compressions by prefix, each with log2 of its size. */
export type Blocks = Readonly<Record<string, number>>;

/** An air of nothing but BLAKE3. */
export function blocksAir(blocks: Blocks, options: Blake3Options = {}): AirBuilder {
  const axes = Object.entries(blocks).map(([prefix, log]) => blake3Axes(prefix, log));
  const air = new AirBuilder(Object.assign({}, ...axes));
  for (const prefix of Object.keys(blocks)) addBlake3(air, prefix, options);
  return air;
}

/** Relations that tie every shown word to a committed tensor, as a caller's memory would. */
export function showWords(air: AirBuilder, prefix: string): void {
  for (const { name, axes } of [...air.virtuals]) {
    if (!name.startsWith(`${prefix}.words.`) && !name.startsWith(`${prefix}.extended.`)) continue;
    const over = axes.join(" ");
    air.committed("trace", `${name}.seen`, over);
    air.relation(`${name} is seen`, over, [
      [1, `${name} ${over}`],
      [-1, `${name}.seen ${over}`],
    ]);
  }
}

/** Random compressions: any words, lengths, flags and counters. */
export function randomCompressions(count: number, seed: number): Compression[] {
  let state = seed;
  const word = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state ^ (state >>> 15)) >>> 0;
  };
  const words = (length: number) => Uint32Array.from({ length }, word);
  return Array.from({ length: count }, () => ({
    cv: words(8),
    block: words(16),
    counter: word() & 0xffff,
    blockLength: word() % 65,
    flags: word() & 0x7f,
  }));
}

export type Witnesses = Readonly<Record<string, Blake3Witness>>;

export function witnesses(blocks: Blocks, compressions: Readonly<Record<string, Compression[]>>): Witnesses {
  return Object.fromEntries(
    Object.entries(blocks).map(([prefix, log]) => [prefix, blake3Witness(prefix, compressions[prefix], log)]),
  );
}

/** Every committed tensor by name, the multiplicities included. */
export function committedValues(blocks: Witnesses): Map<string, Int32Array> {
  const all = new Map(xorMultiplicities(blocks));
  for (const [prefix, { committed, derived }] of Object.entries(blocks)) {
    for (const [name, values] of committed) all.set(name, values.slice());
    for (const [name, values] of derived)
      if (!name.startsWith(`${prefix}.key`)) all.set(`${name}.seen`, values.slice());
  }
  return all;
}

export interface CheckOptions {
  /** Values of virtual tensors. */
  readonly given?: ReadonlyMap<string, Int32Array>;
  readonly inputs?: Inputs<number>;
  /** What the verifier finds in an oracle, where it is not what the prover has. */
  readonly opened?: ReadonlyMap<string, Int32Array>;
}

/** Places all tensors; virtual ones are computed from their definitions unless `given` has them. */
export function placeTables(
  prover: Prover,
  air: Air,
  committed: ReadonlyMap<string, Int32Array>,
  { given, inputs = {} }: Pick<CheckOptions, "given" | "inputs"> = {},
): Map<Tensor, Ptr> {
  const { arena } = prover;
  const tables = new Map<Tensor, Ptr>();
  const place = (tensor: Tensor, values: ArrayLike<number>) => {
    const ptr = arena.alloc(values.length);
    const words = arena.u32(ptr, values.length);
    for (let i = 0; i < values.length; i++) words[i] = values[i] < 0 ? fromInteger(values[i]) : values[i];
    tables.set(tensor, ptr);
  };
  for (const tensor of air.tensors.values()) {
    const { source, name } = tensor;
    if (source.kind === "public") place(tensor, source.definition.values(inputs));
    const values = source.kind === "committed" ? committed.get(name) : given?.get(name);
    if (source.kind === "committed" && !values) throw new Error(`expected values of ${name}`);
    if (values) place(tensor, values);
  }
  for (const tensor of air.virtuals)
    if (!tables.has(tensor))
      tables.set(
        tensor,
        materialize(prover, tensor, (factor) => tables.get(factor) as Ptr),
      );
  return tables;
}

/** Proves and verifies without an opening: the final claims are checked against the committed tables themselves. */
export function check(
  prover: Prover,
  air: Air,
  committed: ReadonlyMap<string, Int32Array>,
  options: CheckOptions = {},
): Verdict {
  const { inputs = {}, opened } = options;
  const { arena } = prover;
  const mark = arena.mark();
  const shape = fractionShape(air);
  const tables = placeTables(prover, air, committed, options);
  const channel = new ProverChannel();
  proveAir({ channel, ...prover, tables }, air, shape, 0);
  const verdict = runVerifier(channel.finish(), (verifier) => {
    const wires = Object.entries(inputs).map(([name, values]) => [
      name,
      Array.from(values, (value) => verifier.constant(value)),
    ]);
    const claims = verifyAir(verifier, air, shape, 0, Object.fromEntries(wires));
    for (const name of committed.keys()) {
      const tensor = air.tensors.get(name);
      if (!tensor) continue;
      for (const { point, value } of claims.of(tensor)) {
        const words = opened?.get(name) ?? arena.u32(tables.get(tensor) as Ptr, 2 ** tensor.logSize);
        const cells = Array.from(words, (word) => eBase(fromInteger(word)));
        verifier.expectZero(
          verifier.sub(evaluate(extArithmetic, cells, point), value),
          `open/${tensor.name}`,
        );
      }
    }
  });
  arena.release(mark);
  return verdict;
}
