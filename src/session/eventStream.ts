/**
 * A stream of what a generator yields. It is pulled: nothing is made ahead of its reader, so that an error
 * overtakes no event. Cancelling it aborts the signal, which should end whatever the generator waits for, and
 * then the generator.
 */
export function eventStream<Event>(
  events: (signal: AbortSignal) => AsyncGenerator<Event, void, void>,
): ReadableStream<Event> {
  const abort = new AbortController();
  const generator = events(abort.signal);
  return new ReadableStream<Event>(
    {
      async pull(controller) {
        const next = await generator.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        abort.abort();
        await generator.return().catch(() => {});
      },
    },
    { highWaterMark: 0 },
  );
}
