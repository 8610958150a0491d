import type { Sampler } from "../model/sampler.ts";

/** The flags with which `verify` takes no other sampler. */
export function samplerPins({ temperature, minP, seed }: Sampler): string {
  return `--temperature ${temperature} --min-p ${minP} --seed ${seed}`;
}
