import { CircuitBuilder, wireOf } from "../../src/fold/circuit/circuitBuilder.ts";
import { IntegerWires } from "../../src/fold/circuit/integerWires.ts";
import { RecordingChannel } from "../../src/fold/circuit/recordingChannel.ts";
import { hashPair, hashWords } from "../../src/hash/blake3.ts";
import { PROOF_LABEL, Transcript } from "../../src/hash/transcript.ts";

/** A tree of 8 leaves of 3 words. */
const LEAVES = Array.from({ length: 8 }, (_, i) => [100 + i, 200 + i, 300 + i]);
const LEVELS = [LEAVES.map((leaf) => [...hashWords(leaf)])];
for (let k = 0; k < 3; k++)
  LEVELS.push(
    Array.from({ length: LEVELS[k].length / 2 }, (_, i) => [
      ...hashPair(LEVELS[k][2 * i], LEVELS[k][2 * i + 1]),
    ]),
  );

/** x, the tree's root, its layer of two nodes, and two rows with their paths. */
export function smallProof(): Uint32Array {
  const start = [5, 4, 3, 2, 1, ...LEVELS[3][0]];
  const transcript = new Transcript(PROOF_LABEL);
  transcript.absorb(start);
  const rows = [transcript.sampleIndex(3), transcript.sampleIndex(3)].map((index) => [
    ...LEAVES[index],
    ...LEVELS[0][index ^ 1],
    ...LEVELS[1][(index >> 1) ^ 1],
  ]);
  return Uint32Array.from([...start, ...LEVELS[2].flat(), ...rows.flat()]);
}

/** A little of everything, as often as `rounds`: receives, hashes, samples, opens rows. */
export function smallCircuit(words = smallProof(), guard: number | null = null, rounds = 1) {
  const inputs = [0, 7, 8, 9];
  const builder = new CircuitBuilder(inputs);
  for (let round = 0; round < rounds; round++) addRound(builder, words, guard);
  return { builder, inputs };
}

function addRound(builder: CircuitBuilder, words: Uint32Array, guard: number | null): void {
  const channel = new RecordingChannel(builder, words);
  const [x] = channel.receive(1);
  const root = channel.receiveRoot();
  const indices = [channel.sampleIndex(3), channel.sampleIndex(3)];
  if (guard !== null) builder.guard = wireOf(builder.cellOf(new IntegerWires(builder).freeBit(guard === 1)));
  const rows = channel.openRows(root, 3, 3, indices, "row");
  builder.guard = null;
  let sum = channel.mul(x, channel.sample());
  for (const value of rows.flat())
    sum = channel.add(channel.mul(sum, x), channel.mul(channel.domainPoint(indices[0], 3), value));
  channel.expectZero(channel.sub(sum, sum), "same");
  channel.expectEnd();
}
