import type { ProofChannel } from "../hash/channel.ts";
import type { Inputs, Tensor } from "./air.ts";
import type { ClaimStore } from "./claims.ts";

/** What every step of checking an air works on. */
export interface VerifierContext<E, R, I> {
  readonly channel: ProofChannel<E, R, I>;
  readonly inputs: Inputs<E>;
  readonly claims: ClaimStore<E>;
}

/** The tensor's value at `point`: computed if it is public, else the prover's word, which becomes a claim. Mirror: `sendValue`. */
export function receiveValue<E, R, I>(
  context: VerifierContext<E, R, I>,
  tensor: Tensor,
  point: readonly E[],
): E {
  const { channel, inputs, claims } = context;
  if (tensor.source.kind === "public") return tensor.source.definition.evaluate(channel, inputs, point);
  const value = channel.receive(1)[0] as E;
  claims.add(tensor, point, value);
  return value;
}
