import type { SegmentRows } from "../../src/decode/recorder.ts";
import type { SegmentResult } from "../../src/segment/prover.ts";
import type { ModelSession } from "../../src/segment/statement.ts";
import type { OpenProver } from "../../src/session/sessionProver.ts";
import { DEFAULT_PROFILE } from "../../src/whir/profile.ts";

export interface FakeOptions {
  readonly proveMs?: number;
  /** The segment whose proving fails. */
  readonly failAt?: number;
  readonly onProve?: (rows: SegmentRows) => void;
  readonly onSkip?: (rows: SegmentRows) => void;
  readonly onClose?: () => void;
}

/** A prover that proves nothing: its "proofs" are the segment's number, one byte. */
export function fakeProver({ proveMs = 0, failAt, onProve, onSkip, onClose }: FakeOptions = {}): OpenProver {
  return async (model, { logSegment, profile = DEFAULT_PROFILE }) => {
    const { config, shifts, normBits, expScale, scoreShift, coarser } = model;
    const session: ModelSession = {
      profile,
      description: { config, shifts, normBits, expScale, scoreShift, ...(coarser && { coarser }) },
      fixed: { root: [1, 2, 3, 4, 5, 6, 7, 0xffffffff], value: [1, 2, 3, 4, 5] },
      logSegment,
    };
    let closed = false;
    let order: Promise<unknown> = Promise.resolve();
    const one = async (rows: SegmentRows): Promise<SegmentResult> => {
      await new Promise((resolve) => setTimeout(resolve, proveMs));
      if (closed) throw new Error("the prover was closed");
      const index = rows.position / 2 ** logSegment;
      if (index === failAt) throw new Error("out of memory");
      const boundary = { position: 0, tokenDigest: [], pendingToken: 0, context: session.fixed };
      const statement = { boundaryIn: boundary, boundaryOut: boundary, tokens: rows.tokens };
      return { proof: Uint8Array.of(index), statement, rows: rows.tokens.length, cells: 1, proveMs };
    };
    const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
      const result = order.then(work);
      order = result;
      return result;
    };
    return {
      session,
      begin: () => ({
        prove: (rows) => {
          onProve?.(rows);
          return inTurn(() => one(rows));
        },
        skip: (rows) => inTurn(async () => onSkip?.(rows)),
      }),
      close: () => {
        closed = true;
        onClose?.();
      },
    };
  };
}
