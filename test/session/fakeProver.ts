import type { SegmentRows } from "../../src/decode/recorder.ts";
import type { SegmentResult } from "../../src/segment/prover.ts";
import type { Session } from "../../src/segment/statement.ts";
import type { OpenProver, SessionProver } from "../../src/session/sessionProver.ts";
import { DEFAULT_PROFILE } from "../../src/whir/profile.ts";

export interface FakeOptions {
  readonly proveMs?: number;
  /** The segment whose proving fails. */
  readonly failAt?: number;
  readonly onProve?: (rows: SegmentRows) => void;
  readonly onClose?: () => void;
}

/** A prover that proves nothing: its "proofs" are the segment's number, one byte. */
export function fakeProver({ proveMs = 0, failAt, onProve, onClose }: FakeOptions = {}): OpenProver {
  return async (model, { logSegment, promptLength, profile = DEFAULT_PROFILE }) => {
    const { config, shifts, normBits, expScale, scoreShift } = model;
    const session: Session = {
      profile,
      description: { config, shifts, normBits, expScale, scoreShift },
      fixed: { root: [1, 2, 3, 4, 5, 6, 7, 0xffffffff], value: [1, 2, 3, 4, 5] },
      logSegment,
      promptLength,
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
    const prover: SessionProver = {
      session,
      prove: (rows) => {
        onProve?.(rows);
        const result = order.then(() => one(rows));
        order = result;
        return result;
      },
      close: () => {
        closed = true;
        onClose?.();
      },
    };
    return prover;
  };
}
