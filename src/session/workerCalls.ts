/** A request that could not be answered. */
export interface FailedReply {
  readonly kind: "failed";
  readonly message: string;
}

/** Requests to a thread, each answered once, in order. */
export interface WorkerCalls<Request, Reply extends { readonly kind: string }> {
  /** @throws what the thread failed with, or that it ended */
  ask<Kind extends Reply["kind"]>(
    request: Request,
    kind: Kind,
    transfer?: Transferable[],
  ): Promise<Extract<Reply, { readonly kind: Kind }>>;
  /** Ends the thread; what it has not finished fails. */
  close(): void;
}

/** @param name for messages: "the prover" has a thread, and is closed */
export function workerCalls<Request, Reply extends { readonly kind: string }>(
  worker: Worker,
  name: string,
): WorkerCalls<Request, Reply> {
  type Answer = Reply | FailedReply;
  const thread = `${name}'s thread`;
  const waiting: { resolve: (reply: Answer) => void; reject: (error: Error) => void }[] = [];
  let failure: Error | undefined;

  const fail = (error: Error) => {
    failure ??= error;
    worker.terminate();
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  worker.onmessage = ({ data }: MessageEvent<Answer>) => waiting.shift()?.resolve(data);
  worker.onmessageerror = () => fail(new Error(`${thread}: expected a message, found an unreadable one`));
  worker.onerror = (event) => {
    event.preventDefault();
    fail(new Error(`${thread} ended: ${event.message || "unknown error"}`));
  };
  // Bun tells of a thread that exits by itself
  worker.addEventListener("close", () => fail(new Error(`${thread} ended: expected a reply, found none`)));

  return {
    async ask<Kind extends Reply["kind"]>(request: Request, kind: Kind, transfer: Transferable[] = []) {
      if (failure) throw failure;
      const reply = await new Promise<Answer>((resolve, reject) => {
        waiting.push({ resolve, reject });
        worker.postMessage(request, transfer);
      });
      if (reply.kind === "failed") throw new Error((reply as FailedReply).message);
      if (reply.kind !== kind) throw new Error(`${thread}: expected "${kind}", found "${reply.kind}"`);
      return reply as Extract<Reply, { readonly kind: Kind }>;
    },
    close: () => fail(new Error(`${name} was closed`)),
  };
}
