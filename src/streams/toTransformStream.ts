/** What turns a stream into another: it pulls from the first and yields the second. */
export type Transformer<I, O> = (source: ReadableStream<I>) => AsyncIterable<O> | Iterable<O>;

/**
 * A `TransformStream` made of a generator, as @std/streams has it: pulled by its reader, cancelled with
 * it, and failing with the generator.
 *
 * @example
 * ```ts
 * const lines = events.pipeThrough(toTransformStream(async function* (source) {
 *   for await (const event of source) yield `${JSON.stringify(event)}\n`;
 * }));
 * ```
 */
export function toTransformStream<I, O>(
  transformer: Transformer<I, O>,
  writableStrategy?: QueuingStrategy<I>,
  readableStrategy?: QueuingStrategy<O>,
): TransformStream<I, O> {
  const { writable, readable: source } = new TransformStream<I, I>(undefined, writableStrategy);
  const iterable = transformer(source);
  const iterator =
    (iterable as AsyncIterable<O>)[Symbol.asyncIterator]?.() ??
    (iterable as Iterable<O>)[Symbol.iterator]?.();
  if (!iterator) throw new TypeError("toTransformStream: expected a generator's iterable, found none");
  const readable = new ReadableStream<O>(
    {
      async pull(controller) {
        let next: IteratorResult<O>;
        try {
          next = await iterator.next();
        } catch (error) {
          // the writing side learns of the failure too
          await source.cancel(error).catch(() => {});
          controller.error(error);
          return;
        }
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel(reason) {
        await iterator.return?.(reason);
        await source.cancel(reason).catch(() => {});
      },
    },
    readableStrategy,
  );
  return { writable, readable };
}
