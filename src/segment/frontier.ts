import type { CarriedContext } from "../decode/segmentWitness.ts";
import { genesis } from "./boundary.ts";
import type { SegmentProtocol } from "./protocol.ts";
import type { Boundary } from "./statement.ts";

/** Where a run stands between two segments: what its boundary commits to. Plain data, fit for structured cloning. */
export interface Frontier extends Omit<Boundary, "context"> {
  readonly context: CarriedContext;
}

/** Where every run begins. */
export function firstFrontier(protocol: SegmentProtocol): Frontier {
  const { position, tokenDigest, pendingToken } = genesis(protocol);
  const half = 2 ** (protocol.layouts[1].logSize - 1);
  return {
    position,
    tokenDigest,
    pendingToken,
    context: { keys: new Int32Array(half), values: new Int32Array(half) },
  };
}
