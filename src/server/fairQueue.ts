interface Waiting {
  readonly start: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * One task at a time; owners take turns, and each owner's tasks keep their order. So a long session
 * delays another by one task at most for each session that waits.
 */
export class FairQueue {
  /** The first owner is the next. */
  readonly #waiting = new Map<string, Waiting[]>();
  #busy = false;

  /** Tasks that wait. */
  get length(): number {
    let sum = 0;
    for (const tasks of this.#waiting.values()) sum += tasks.length;
    return sum;
  }

  /** Runs the task when its turn comes. */
  async run<Result>(owner: string, task: () => Promise<Result>): Promise<Result> {
    await new Promise<void>((start, refuse) => {
      const tasks = this.#waiting.get(owner) ?? [];
      tasks.push({ start, refuse });
      this.#waiting.set(owner, tasks);
      this.#next();
    });
    try {
      return await task();
    } finally {
      this.#busy = false;
      this.#next();
    }
  }

  /** Refuses what an owner still waits for. */
  drop(owner: string): void {
    const tasks = this.#waiting.get(owner) ?? [];
    this.#waiting.delete(owner);
    for (const { refuse } of tasks) refuse(new Error("the session ended before its turn came"));
  }

  #next(): void {
    const first = this.#waiting.entries().next().value;
    if (this.#busy || !first) return;
    const [owner, tasks] = first;
    this.#waiting.delete(owner);
    const task = tasks.shift();
    if (tasks.length > 0) this.#waiting.set(owner, tasks); // behind all others
    this.#busy = true;
    task?.start();
  }
}
