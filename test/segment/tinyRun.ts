import { SegmentRecorder, type SegmentRows } from "../../src/decode/recorder.ts";
import { tokenSampler } from "../../src/decode/draw.ts";
import { Decoder } from "../../src/model/decoder.ts";
import type { IntegerModel } from "../../src/model/integerModel.ts";
import type { Sampler } from "../../src/model/sampler.ts";

/** Decodes `prompt` and goes on, greedily unless there is a sampler, until `rows` tokens are consumed; the rows by segment. */
export function decodeSegments(
  model: IntegerModel,
  logSegment: number,
  prompt: readonly number[],
  rows: number,
  sampler?: Sampler,
): SegmentRows[] {
  const sample = sampler && tokenSampler(sampler, model.config.vocab);
  const decoder = new Decoder(model);
  const recorder = new SegmentRecorder(model.config, logSegment);
  const segments: SegmentRows[] = [];
  let choice = 0;
  for (let position = 0; position < rows; position++) {
    const token = position < prompt.length ? prompt[position] : choice;
    choice = decoder.step(token, recorder.sink);
    if (sample) choice = sample(decoder.logits, decoder.position);
    recorder.push(token, choice);
    if (recorder.isFull) segments.push(recorder.take());
  }
  if (!recorder.isEmpty) segments.push(recorder.take());
  return segments;
}
