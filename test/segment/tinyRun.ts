import { SegmentRecorder, type SegmentRows } from "../../src/decode/recorder.ts";
import { Decoder } from "../../src/model/decoder.ts";
import type { IntegerModel } from "../../src/model/integerModel.ts";

/** Decodes `prompt` and goes on greedily until `rows` tokens are consumed; the rows by segment. */
export function decodeSegments(
  model: IntegerModel,
  logSegment: number,
  prompt: readonly number[],
  rows: number,
): SegmentRows[] {
  const decoder = new Decoder(model);
  const recorder = new SegmentRecorder(model.config, logSegment);
  const segments: SegmentRows[] = [];
  let choice = 0;
  for (let position = 0; position < rows; position++) {
    const token = position < prompt.length ? prompt[position] : choice;
    choice = decoder.step(token, recorder.sink);
    recorder.push(token, choice);
    if (recorder.isFull) segments.push(recorder.take());
  }
  if (!recorder.isEmpty) segments.push(recorder.take());
  return segments;
}
