import { CircuitBuilder } from "../../src/fold/circuit/circuitBuilder.ts";
import { RecordingChannel } from "../../src/fold/circuit/recordingChannel.ts";

/** Words of a proof that the verifier reads in one way, one after the other. */
export interface ProofPart {
  /** How: a method of the channel, and the check that it makes. */
  readonly how: string;
  readonly from: number;
  readonly to: number;
}

/** A proof's parts, in the order in which a verifier reads them, as the verifier itself tells them. */
export function proofParts(proof: Uint32Array, verify: (channel: RecordingChannel) => void): ProofPart[] {
  const channel = new RecordingChannel(new CircuitBuilder(), proof);
  const parts: ProofPart[] = [];
  const seen = new Proxy(channel, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const from = target.wordsRead;
        const result = member.apply(target, args);
        const how = [name, ...args.filter((arg) => typeof arg === "string")].join(" ");
        const before = parts.at(-1);
        if (target.wordsRead === from) return result;
        if (before?.how === how && before.to === from)
          parts[parts.length - 1] = { ...before, to: target.wordsRead };
        else parts.push({ how, from, to: target.wordsRead });
        return result;
      };
    },
  });
  verify(seen);
  return parts;
}

/** Words of every part: its first, its last, and some evenly between. */
export function wordsOfParts(parts: readonly ProofPart[], between: number): number[] {
  const words = parts.flatMap(({ from, to }) =>
    Array.from({ length: between + 2 }, (_, k) => from + Math.floor(((to - 1 - from) * k) / (between + 1))),
  );
  return [...new Set(words)];
}
