import { P } from "../field/m31.ts";
import type { RangedKernels } from "./wasmKernels.ts";
import { MAX_THREADS, sumsOf } from "./wasmKernels.ts";
import { KERNEL_NAMES, SPLITS } from "./splits.ts";

/** Words of the control block that threads share; each on a cache line of its own if it is written often. */
const LINE = 16;
/** Job number ‖ next chunk (12 bits, or `NONE`): a chunk is taken by compare-and-exchange. */
const TICKET = 0;
/** Chunks that are done. */
const DONE = LINE;
/** The job's number: helpers sleep on it. −1: the pool is closed. */
const JOB = 2 * LINE;
/** Helpers asleep. */
const SLEEPERS = 3 * LINE;
/** Whether the leader sleeps on `DONE`. */
const WAITING = 4 * LINE;
/** What the job is. */
const KERNEL = 5 * LINE;
const CHUNKS = KERNEL + 1;
const CHUNK = KERNEL + 2;
const UNITS = KERNEL + 3;
const COUNT = KERNEL + 4;
/** The least result so far, or −1. */
const LEAST = 6 * LINE;
/** A bit for each helper that has gone for want of work. */
const GONE = 7 * LINE;
/** 10 words of partial sums for each thread. */
const SUMS = 8 * LINE;
const CONTROL_WORDS = SUMS + MAX_THREADS * LINE;
const MAX_ARGS = 16;

const LOG_CHUNKS = 12;
const NONE = 2 ** LOG_CHUNKS - 1;
export const MAX_CHUNKS = NONE - 1;
const CLOSED = -1;

/** Looks at an unchanged word before sleeping: some tens of microseconds, as long as TypeScript's steps between kernels. */
const SPINS = 20000;

export interface Job {
  /** In `KERNEL_NAMES`. */
  readonly kernel: number;
  readonly args: readonly number[];
  readonly units: number;
  /** Units of a chunk; at most `MAX_CHUNKS` chunks. */
  readonly chunk: number;
}

/** Memory for `JobBoard`s, one for each thread. */
export function createControl(): SharedArrayBuffer {
  const control = new SharedArrayBuffer(4 * CONTROL_WORDS + 8 * MAX_ARGS);
  new Int32Array(control)[TICKET] = NONE;
  return control;
}

/**
 * The job in hand, as a thread sees it. The leader posts a job, all threads take chunks of it until
 * none is left, and the leader waits for the last one: a helper that is late, asleep or gone is not
 * waited for. Field sums and minima do not depend on who does what, so neither do results.
 */
export class JobBoard {
  readonly #words: Int32Array;
  readonly #args: Float64Array;
  readonly #sums: Uint32Array;
  /** The thread's own sums of a chunk; the memory is shared, so that its growth leaves the view valid. */
  readonly #message: Uint32Array;
  /**
   * Arguments and range of the chunk in hand. One array for all chunks: a helper does not return to its event loop
   * and sees a heap of gigabytes, the memory's, so its garbage would pile up for as long as it lives.
   */
  readonly #call: number[] = [];

  constructor(
    control: SharedArrayBuffer,
    readonly memory: WebAssembly.Memory,
    readonly ranged: RangedKernels,
    /** 0 is the leader. */
    readonly thread: number,
  ) {
    this.#words = new Int32Array(control, 0, CONTROL_WORDS);
    this.#sums = new Uint32Array(control, 0, CONTROL_WORDS);
    this.#args = new Float64Array(control, 4 * CONTROL_WORDS, MAX_ARGS);
    this.#message = new Uint32Array(memory.buffer, sumsOf(thread), 10);
  }

  /** The leader: does the job with whoever helps; its result if it has one. */
  run({ kernel, args, units, chunk }: Job): number {
    const words = this.#words;
    const chunks = Math.ceil(units / chunk);
    // From here on no chunk can be taken, not even by a helper that has read the last ticket.
    Atomics.store(words, TICKET, ((words[JOB] as number) << LOG_CHUNKS) | NONE);
    words[KERNEL] = kernel;
    words[CHUNKS] = chunks;
    words[CHUNK] = chunk;
    words[UNITS] = units;
    words[COUNT] = args.length;
    words[DONE] = 0;
    words[LEAST] = -1;
    this.#sums.fill(0, SUMS);
    this.#args.set(args);
    // Helpers take chunks of what the ticket names, so it comes after all else.
    const job = ((words[JOB] as number) + 1) & 0xfffff;
    Atomics.store(words, TICKET, job << LOG_CHUNKS);
    Atomics.store(words, JOB, job);
    if (Atomics.load(words, SLEEPERS) > 0) Atomics.notify(words, JOB);
    this.#work();
    this.#awaitDone(chunks);
    const { result } = SPLITS[KERNEL_NAMES[kernel]];
    if (result === "sums") this.#addSums(args[0]);
    return words[LEAST] as number;
  }

  /** A helper: works until the pool is closed or idle for this long; then it counts as gone. */
  help(idleMs: number): void {
    const words = this.#words;
    let seen = Atomics.load(words, JOB);
    this.#work();
    while (seen !== CLOSED) {
      for (let spin = 0; spin < SPINS && Atomics.load(words, JOB) === seen; spin++);
      if (Atomics.load(words, JOB) === seen) {
        Atomics.add(words, SLEEPERS, 1);
        const woken = Atomics.wait(words, JOB, seen, idleMs);
        Atomics.sub(words, SLEEPERS, 1);
        if (woken === "timed-out") break;
      }
      seen = Atomics.load(words, JOB);
      this.#work();
    }
    Atomics.or(words, GONE, 1 << this.thread);
  }

  /**
   * The leader: a bit for each helper that has gone since it last asked. It learns of them here and not by a message,
   * as it may be busy for seconds without coming back to its event loop.
   */
  takeGone(): number {
    return Atomics.load(this.#words, GONE) === 0 ? 0 : Atomics.exchange(this.#words, GONE, 0);
  }

  close(): void {
    Atomics.store(this.#words, JOB, CLOSED);
    Atomics.notify(this.#words, JOB);
  }

  /** Takes chunks until none is left. */
  #work(): void {
    const words = this.#words;
    for (;;) {
      const ticket = Atomics.load(words, TICKET);
      const index = ticket & NONE;
      if (index === NONE) return;
      // Read before the chunk is taken: if that succeeds, the leader has not begun to post another job.
      const kernel = words[KERNEL] as number;
      const chunks = words[CHUNKS] as number;
      const from = index * (words[CHUNK] as number);
      const to = Math.min(from + (words[CHUNK] as number), words[UNITS] as number);
      if (index >= chunks) return;
      this.#setCall(words[COUNT] as number, from, to);
      if (Atomics.compareExchange(words, TICKET, ticket, ticket + 1) !== ticket) continue;
      this.#doChunk(kernel, from);
      if (Atomics.add(words, DONE, 1) + 1 === chunks && Atomics.load(words, WAITING) === 1)
        Atomics.notify(words, DONE);
    }
  }

  #setCall(count: number, from: number, to: number): void {
    const call = this.#call;
    call.length = count + 2;
    for (let k = 0; k < count; k++) call[k] = this.#args[k] as number;
    call[count] = from;
    call[count + 1] = to;
  }

  /** The chunk that `#call` names; `from` is its first unit. */
  #doChunk(kernel: number, from: number): void {
    const call = this.#call;
    const name = KERNEL_NAMES[kernel];
    const { result } = SPLITS[name];
    if (result === "sums") {
      call[0] = sumsOf(this.thread);
      Reflect.apply(this.ranged[name], undefined, call);
      this.#addTo(SUMS + this.thread * LINE);
    } else if (result === "least") {
      const best = Atomics.load(this.#words, LEAST);
      // Results grow with the units.
      const isUseless = best >= 0 && best < (call[2] as number) + from;
      if (!isUseless) this.#least(Reflect.apply(this.ranged[name], undefined, call));
    } else Reflect.apply(this.ranged[name], undefined, call);
  }

  /** Adds the message of the last chunk to the thread's sums. */
  #addTo(at: number): void {
    const message = this.#message;
    for (let j = 0; j < 10; j++)
      this.#sums[at + j] = ((this.#sums[at + j] as number) + (message[j] as number)) % P;
  }

  #addSums(out: number): void {
    const message = new Uint32Array(this.memory.buffer, out, 10);
    for (let j = 0; j < 10; j++) {
      let sum = 0;
      for (let thread = 0; thread < MAX_THREADS; thread++)
        sum += this.#sums[SUMS + thread * LINE + j] as number;
      message[j] = sum % P;
    }
  }

  #least(found: number): void {
    if (found < 0) return;
    for (;;) {
      const best = Atomics.load(this.#words, LEAST);
      if (best >= 0 && best <= found) return;
      if (Atomics.compareExchange(this.#words, LEAST, best, found) === best) return;
    }
  }

  #awaitDone(chunks: number): void {
    const words = this.#words;
    for (let spin = 0; spin < SPINS && Atomics.load(words, DONE) < chunks; spin++);
    // A helper may have lost its processor in the middle of a chunk.
    Atomics.store(words, WAITING, 1);
    for (;;) {
      const done = Atomics.load(words, DONE);
      if (done >= chunks) break;
      Atomics.wait(words, DONE, done, 1);
    }
    Atomics.store(words, WAITING, 0);
  }
}
