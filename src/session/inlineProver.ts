import type { IntegerModel } from "../model/integerModel.ts";
import { SegmentProver } from "../segment/prover.ts";
import type { ProverOptions, SessionProver } from "./sessionProver.ts";

/** The prover in this thread: decode stands still while it works. */
export async function openInlineProver(model: IntegerModel, options: ProverOptions): Promise<SessionProver> {
  const prover = SegmentProver.create(model, options);
  let order: Promise<unknown> = Promise.resolve();
  return {
    session: prover.session,
    prove: (rows) => {
      // after a turn of the event loop, so that what is already decoded is delivered first
      const result = order
        .then(() => new Promise((resolve) => setTimeout(resolve, 0)))
        .then(() => prover.prove(rows));
      order = result;
      return result;
    },
    close: () => prover.close(),
  };
}
