/**
 * Cost of a block of compressions without an opening: `bun test/fold/blake3/measure.ts 10 12 [8|16] [words]`,
 * log2 of the numbers of compressions, bits of a limb, and whether a lookup reads all shown words.
 */
import type { Tensor } from "../../../src/air/air.ts";
import { counter } from "../../../src/air/publics.ts";
import { ClaimStore } from "../../../src/air/claims.ts";
import { proveAir } from "../../../src/air/prove.ts";
import { verifyAir } from "../../../src/air/verify.ts";
import { blake3Witness } from "../../../src/fold/blake3/witness.ts";
import { xorMultiplicities } from "../../../src/fold/blake3/xorMultiplicities.ts";
import { runVerifier } from "../../../src/hash/nativeChannel.ts";
import { ProverChannel } from "../../../src/hash/proverChannel.ts";
import { createKernels } from "../../../src/kernels/createKernels.ts";
import { fractionShape } from "../../../src/lookup/fractionShape.ts";
import { proveLookups } from "../../../src/lookup/prove.ts";
import { blocksAir, placeTables, randomCompressions } from "./blocks.ts";

const args = process.argv.slice(2);
const limbBits = args.includes("16") ? 16 : 8;
const withWords = args.includes("words");

for (const log of args.map(Number).filter((x) => x > 0 && x !== 8 && x !== 16)) {
  const air = blocksAir({ h: log }, { limbBits });
  const ms: Record<string, number> = {};
  const time = <T>(name: string, run: () => T): T => {
    // CPU time: other work on the machine does not count
    const start = process.cpuUsage();
    const result = run();
    const { user, system } = process.cpuUsage(start);
    ms[name] = Math.round((user + system) / 1000);
    return result;
  };
  const inputs = randomCompressions(2 ** log, 9);
  const witness = time("witness", () => blake3Witness("h", inputs, log, { limbBits }));
  const counts = time("multiplicities", () => xorMultiplicities({ h: witness }));
  const committed = new Map([...witness.committed, ...counts]);
  if (withWords) {
    // Stands for the caller's memory: every word's limbs are looked up, each in a range of 16 bits.
    const limbs = [...air.virtuals].filter(({ name }) => name.startsWith("h.words."));
    Object.assign(air.axes, { x16: 16 });
    air.public("range", "x16", counter(16));
    air.table("trace", "range", ["range"]);
    const multiplicity = new Int32Array(2 ** 16);
    for (const { name } of limbs) {
      air.lookup(name, "range", [name]);
      for (const value of witness.derived.get(name) ?? []) multiplicity[value]++;
    }
    committed.set("range.multiplicity", multiplicity);
  }
  const prover = createKernels();
  const tables = time("tables", () => placeTables(prover, air, committed, { given: witness.derived }));
  const shape = fractionShape(air);
  const channel = new ProverChannel();
  const context = { channel, ...prover, tables, stored: new Map() };
  time("proveAir", () => proveAir(context, air, shape, 0));
  const proof = channel.finish();
  time("of these, lookups", () =>
    proveLookups({ ...context, channel: new ProverChannel(), claims: new ClaimStore() }, shape, 0),
  );
  let claims = 0;
  const verdict = time("verifyAir", () =>
    runVerifier(proof, (verifier) => {
      const store = verifyAir(verifier, air, shape, 0, {});
      claims = [...air.tensors.values()]
        .filter(({ source }) => source.kind === "committed")
        .reduce((sum, tensor: Tensor) => sum + store.of(tensor).length, 0);
    }),
  );
  const cells = [...committed].reduce((sum, [, values]) => sum + values.length, 0);
  console.log({
    compressions: 2 ** log,
    ok: verdict.ok,
    cells: { total: cells, perCompression: cells / 2 ** log },
    leaves: { total: shape.leaves, perCompression: shape.leaves / 2 ** log },
    milliseconds: ms,
    wasmMiB: Math.round(prover.arena.memory.buffer.byteLength / 2 ** 20),
    proofWords: proof.length,
    claims,
  });
}
