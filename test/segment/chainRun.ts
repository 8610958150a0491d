import { expect } from "bun:test";
import { SegmentRecorder, type SegmentRows } from "../../src/decode/recorder.ts";
import type { CarriedContext } from "../../src/decode/segmentWitness.ts";
import { add, sub } from "../../src/field/m31.ts";
import { argmax, Decoder } from "../../src/model/decoder.ts";
import type { IntegerModel } from "../../src/model/integerModel.ts";
import { placeOracle } from "../../src/segment/placeOracle.ts";
import type { PreparedSegment } from "../../src/segment/prepareSegment.ts";
import type { ChainVerdict } from "../../src/segment/verify.ts";
import { commitOracle, nameOracle } from "../../src/whir/commit.ts";
import type { HonestRun } from "./attacks.ts";

export const PROMPT = [1, 5, 3];
/** The positions before the last segment. */
export const BEFORE = 8;

export function rejected(verdict: ChainVerdict, segment: number | null, check: string): void {
  expect(verdict).toMatchObject({ ok: false, segment, check });
}

interface Decoding {
  readonly choose?: (position: number, logits: Int32Array, choice: number) => number;
  readonly before?: (position: number, decoder: Decoder) => void;
  readonly decoder?: Decoder;
}

/** Like `decodeSegments`, by a decoder that may be led astray. */
export function decode(
  model: IntegerModel,
  prompt: readonly number[],
  rows: number,
  how: Decoding = {},
): SegmentRows[] {
  const decoder = how.decoder ?? new Decoder(model);
  const recorder = new SegmentRecorder(model.config, 2);
  const segments: SegmentRows[] = [];
  let choice = 0;
  for (let position = 0; position < rows; position++) {
    how.before?.(position, decoder);
    const token = position < prompt.length ? prompt[position] : choice;
    choice = decoder.step(token, recorder.sink);
    choice = how.choose?.(position, decoder.logits, choice) ?? choice;
    recorder.push(token, choice);
    if (recorder.isFull) segments.push(recorder.take());
  }
  if (!recorder.isEmpty) segments.push(recorder.take());
  return segments;
}

/** The index of the second-largest logit. */
export function secondBest(logits: Int32Array): number {
  const best = argmax(logits);
  return argmax(logits.map((logit, v) => (v === best ? -(2 ** 31) : logit)));
}

/** Moves `count`, modulo p, between two equal rows of the power table: another transcript of the same truth. */
export function shiftTwins(words: (name: string) => Uint32Array, count: number): void {
  const counts = words("power.multiplicity");
  const twin = counts.length - 1;
  counts[0] = sub(counts[0], count);
  counts[twin] = add(counts[twin], count);
}

export function contextWords(name: string, { keys, values }: CarriedContext): Map<string, Int32Array> {
  return new Map([
    [`${name}.keys`, keys],
    [`${name}.values`, values],
  ]);
}

/** Opens the honest commitment to a context with the words at hand. */
export function openAs(
  run: HonestRun,
  name: "contextIn",
  honest: CarriedContext,
): (prepared: PreparedSegment) => PreparedSegment {
  return (prepared) => {
    const { prover, protocol } = run.key;
    const words = placeOracle(prover, protocol.layouts[2], contextWords(name, honest));
    const sent = nameOracle(protocol.opening, 2, commitOracle(prover, words, protocol.opening.oracles[2]));
    return {
      ...prepared,
      [name]: { ...sent, committed: { ...sent.committed, values: prepared[name].committed.values } },
    };
  };
}
