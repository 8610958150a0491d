import { P } from "../../src/field/m31.ts";
import type { CircuitKey } from "../../src/fold/circuitKey.ts";
import { expandStep } from "../../src/fold/expand.ts";
import type { FoldKey } from "../../src/fold/foldKey.ts";
import { encodeFoldProof, type FoldProof } from "../../src/fold/format.ts";
import { proveCircuit } from "../../src/fold/proveCircuit.ts";
import { recordStep, type StepRun } from "../../src/fold/recordStep.ts";
import { type StepStatement, stepInputs } from "../../src/fold/stepInputs.ts";
import { StepProver } from "../../src/fold/stepProver.ts";
import { type FinalVerdict, verifyFinal } from "../../src/fold/verify.ts";
import { availableThreads } from "../../src/kernels/createKernels.ts";
import { collectGarbage } from "../../src/session/adapters/collectGarbage.ts";
import { boundaryDigest, modelId } from "../../src/segment/boundary.ts";
import type { SegmentProof } from "../../src/segment/format.ts";
import type { Boundary } from "../../src/segment/statement.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { type TinySegments, tinySegments, wholeSegment } from "./tinySegments.ts";

/** What a run's first segments state. */
export interface Part {
  readonly tokens: readonly number[];
  readonly last: Boundary;
  readonly promptLength: number;
}

const PROMPT = 3;
const TERMS = { promptLength: PROMPT };

/** A run of three segments, its steps of `places` segments each, and what a cheating prover would make of them. */
export class TinyChain {
  readonly run: TinySegments = tinySegments();
  readonly prover: StepProver;
  readonly steps: readonly FoldProof[];
  /** Segment and step proofs as the circuit reads them. */
  readonly segments: readonly SegmentProof[];
  readonly previous: readonly Uint32Array[];

  constructor(readonly places: number) {
    const start = performance.now();
    const { session } = this.run.prover;
    this.prover = StepProver.create(session, testProfile, { places, threads: availableThreads() });
    const { circuit, protocol } = this.prover.fitted;
    console.log(`key in ${Math.round(performance.now() - start)} ms;`, circuit.counts());
    console.log(JSON.stringify(protocol.circuit.sizes), `${protocol.circuit.layouts[0].cells} cells`);
    const steps: FoldProof[] = [];
    for (let at = 0; at < this.run.proofs.length; at += places) {
      const begin = performance.now();
      const joined = this.run.proofs.slice(at, at + places);
      steps.push(this.prover.prove(TERMS, joined, steps.at(-1) ?? null));
      console.log(`step in ${Math.round(performance.now() - begin)} ms`);
    }
    this.steps = steps;
    this.segments = this.run.proofs.map((proof) => wholeSegment(this.run, proof));
    this.previous = steps.map((step) => expandStep(protocol, TERMS, this.prover.key.name, step));
  }

  /** What the first `count` segments state. */
  part(count: number): Part {
    const done = this.run.proofs.slice(0, count).map(({ statement }) => statement);
    return {
      promptLength: PROMPT,
      tokens: done.flatMap(({ tokens }) => tokens),
      last: done[count - 1].boundaryOut,
    };
  }

  /** The final verifier's verdict on a step's proof. */
  check(
    { tokens, last, promptLength }: Part,
    body: Uint32Array,
    key: FoldKey = this.prover.foldKey,
  ): FinalVerdict {
    const session = { ...this.run.prover.session, promptLength };
    const proof = encodeFoldProof({ first: this.steps[0].first, last, body });
    return verifyFinal({ session, profile: testProfile, key, tokens }, proof);
  }

  digestOf(boundary: Boundary): Uint32Array {
    const { session } = this.run.prover;
    return boundaryDigest(session, modelId(session), boundary);
  }

  /** Step k as an honest prover would make it, but for what `change` alters. */
  stepRun(k: number, change: Partial<StepRun> = {}): StepRun {
    const previous = k === 0 ? null : this.previous[k - 1];
    const statement = this.statement(k);
    const segments = this.segments.slice(this.places * k, this.places * (k + 1));
    return { terms: TERMS, segments, previous, statement, ...change };
  }

  statement(k: number, change: Partial<StepStatement> = {}): StepStatement {
    const last = this.digestOf(this.steps[k].last);
    return { key: this.prover.key.name, first: this.steps[0].first, last, ...change };
  }

  /** The checks that the circuit's values fail. */
  failuresOf(attack: StepRun): readonly string[] {
    return tidily(() => recordStep(this.prover.fitted.protocol, attack).failures);
  }

  /** The proof of a prover who goes on whatever fails. */
  forge(attack: StepRun, key: CircuitKey = this.prover.key): Uint32Array {
    return tidily(() => {
      const { memory } = recordStep(this.prover.fitted.protocol, attack);
      return proveCircuit(key, memory, stepInputs(attack.statement));
    });
  }
}

let untidy = 0;

/** Recording a circuit leaves buffers that the engine underrates: hundreds of circuits would fill the memory. */
export function tidily<Result>(work: () => Result): Result {
  const result = work();
  if (++untidy % 4 === 0) collectGarbage();
  return result;
}

let chain: TinyChain | undefined;

/** Made once for all tests of a process that follow one another; one at a time, as it holds a gigabyte. */
export function tinyChain(places = 1): TinyChain {
  if (chain?.places !== places) {
    chain?.prover.close();
    chain = new TinyChain(places);
  }
  return chain;
}

/** A word raised by 1: still a field element, or a word. */
export function raised(words: Uint32Array, at: number): Uint32Array {
  const copy = words.slice();
  copy[at] = (copy[at] + 1) % P;
  return copy;
}
