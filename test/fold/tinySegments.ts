import { decodeSegmentProof, type SegmentProof } from "../../src/segment/format.ts";
import { expandProof } from "../../src/hash/nativeChannel.ts";
import { verifySegmentProof } from "../../src/segment/verifySegmentProof.ts";
import type { Sampler } from "../../src/model/sampler.ts";
import { SegmentProver } from "../../src/segment/prover.ts";
import type { Profile } from "../../src/whir/profile.ts";
import { type TinyOptions, tinyModel } from "../model/tinyModel.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { decodeSegments } from "../segment/tinyRun.ts";

export interface TinySegments {
  readonly prover: SegmentProver;
  readonly proofs: readonly SegmentProof[];
}

export interface TinyRun {
  readonly rows?: number;
  readonly logSegment?: number;
  readonly prompt?: readonly number[];
  readonly profile?: Profile;
  readonly model?: TinyOptions;
  readonly sampler?: Sampler;
}

/** The segment's proof with whole paths, as the circuit reads it. */
export function wholeSegment({ prover: { session, key } }: TinySegments, proof: SegmentProof): SegmentProof {
  const { statement } = proof;
  const body = expandProof(proof.body, (channel) =>
    verifySegmentProof(channel, session, key.protocol, statement),
  );
  if (!(body instanceof Uint32Array)) throw new Error(`expected a valid segment, found ${body.check}`);
  return { statement, body };
}

/** A run of the tiny model, proven segment by segment. */
export function tinySegments(options: TinyRun = {}): TinySegments {
  const { rows = 10, logSegment = 2, prompt = [1, 5, 3], profile = testProfile, sampler } = options;
  const model = tinyModel(options.model);
  const segments = decodeSegments(model, logSegment, prompt, rows, sampler);
  const prover = SegmentProver.create(model, { logSegment, promptLength: prompt.length, sampler, profile });
  const proofs = segments.map(
    (segment) => decodeSegmentProof(prover.prove(segment).proof, 2 ** logSegment) as SegmentProof,
  );
  return { prover, proofs };
}
