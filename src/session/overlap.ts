/** What a decode loop yields: something for the reader, or a full segment's rows for the prover. */
export type Step<Item, Rows> =
  | { readonly kind: "item"; readonly item: Item }
  | { readonly kind: "rows"; readonly rows: Rows };

/**
 * Lets decode and prover overlap: items pass at once, rows go to `prove`, results come in order as soon
 * as they are there. While `maxInFlight` segments are with the prover, a further one waits and nothing
 * more is decoded, so memory stays bounded. The first failure ends the stream, after all the results
 * before it.
 *
 * @example
 * ```ts
 * for await (const event of overlap(decodeSteps(plan), (rows) => prover.prove(rows), 2)) show(event);
 * ```
 */
export async function* overlap<Item, Rows, Result>(
  steps: AsyncIterable<Step<Item, Rows>>,
  prove: (rows: Rows) => Promise<Result>,
  maxInFlight: number,
): AsyncGenerator<Item | Result, void, void> {
  const inFlight: Job<Result>[] = [];
  for await (const step of steps) {
    if (step.kind === "item") {
      yield step.item;
    } else {
      while (inFlight.length >= maxInFlight) yield await (inFlight.shift() as Job<Result>).result;
      inFlight.push(track(prove(step.rows)));
    }
    while (inFlight[0]?.settled) yield await (inFlight.shift() as Job<Result>).result;
  }
  for (const { result } of inFlight) yield await result;
}

interface Job<Result> {
  readonly result: Promise<Result>;
  settled: boolean;
}

function track<Result>(result: Promise<Result>): Job<Result> {
  const job: Job<Result> = { result, settled: false };
  const settle = () => {
    job.settled = true;
  };
  // also keeps a failure from counting as unhandled before its turn comes
  result.then(settle, settle);
  return job;
}
