import type { Sampler } from "../model/sampler.ts";

/** A sampler as a reader knows it. */
export function samplerLine({ temperature, minP, seed }: Sampler): string {
  return `temperature ${temperature}, min-p ${minP}, seed ${seed}`;
}
