import type { IntegerModel } from "../model/integerModel.ts";
import { SegmentProver } from "../segment/prover.ts";
import { createProvingKey } from "../segment/provingKey.ts";
import { availableThreads } from "../kernels/createKernels.ts";
import { profileFor } from "../segment/profileFor.ts";
import { fileBytes } from "./adapters/fileBytes.ts";
import type { ModelProver, ProverOptions } from "./sessionProver.ts";

/** The prover in this thread: decode stands still while it works. */
export async function openInlineProver(
  model: IntegerModel,
  { profile = profileFor(model), logSegment, sampler, commitment }: ProverOptions,
): Promise<ModelProver> {
  const kept = commitment === undefined ? undefined : fileBytes(commitment);
  const key = createProvingKey(model, profile, logSegment, { threads: availableThreads(), sampler, kept });
  return {
    session: key.session,
    begin: (terms) => {
      const prover = new SegmentProver(key, terms);
      let order: Promise<unknown> = Promise.resolve();
      const inTurn = <Result>(work: () => Result): Promise<Result> => {
        // after a turn of the event loop, so that what is already decoded is delivered first
        const result = order.then(() => new Promise((resolve) => setTimeout(resolve, 0))).then(work);
        order = result;
        return result;
      };
      return {
        prove: (rows) => inTurn(() => prover.prove(rows)),
        skip: (rows) => inTurn(() => prover.skip(rows)),
      };
    },
    close: key.close,
  };
}
