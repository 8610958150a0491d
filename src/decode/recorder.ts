import type { ModelConfig } from "../model/config.ts";
import type { EventName, Sink } from "../model/sink.ts";

/** What the witness is made from, as the decoder reported it: real sizes, no padding. */
const RECORDED: ReadonlySet<EventName> = new Set<EventName>([
  "h",
  "accQ",
  "accK",
  "xq",
  "rotQ",
  "q",
  "xk",
  "rotK",
  "k",
  "accV",
  "v",
  "max",
  "u",
  "e",
  "mix",
  "accO",
  "mid",
  "accGate",
  "a",
  "accUp",
  "up",
  "accProd",
  "prod",
  "accDown",
  "out",
  "logits",
]);

/** The decoder's report on the consecutive positions of one segment; plain data, fit for structured cloning. */
export interface SegmentRows {
  /** Of the first row; a multiple of T. */
  readonly position: number;
  /** The tokens consumed, 1 to T. */
  readonly tokens: readonly number[];
  /** The model's choice after each token. */
  readonly choices: readonly number[];
  /** (rows, layers or 1, width) per event, row-major. */
  readonly events: Readonly<Record<string, Int32Array>>;
}

/**
 * Collects a decoder's events until a segment is full.
 *
 * @example
 * ```ts
 * const choice = decoder.step(token, recorder.sink);
 * recorder.push(token, choice);
 * if (recorder.isFull) prove(recorder.take());
 * ```
 */
export class SegmentRecorder {
  readonly #rows: number;
  #position = 0;
  #tokens: number[] = [];
  #choices: number[] = [];
  #events: Record<string, Int32Array> = {};

  constructor(
    readonly config: ModelConfig,
    readonly logSegment: number,
  ) {
    this.#rows = 2 ** logSegment;
  }

  get isFull(): boolean {
    return this.#tokens.length === this.#rows;
  }

  get isEmpty(): boolean {
    return this.#tokens.length === 0;
  }

  /** To be given to the decoder's step. */
  readonly sink: Sink = (name, layer, values) => {
    if (!RECORDED.has(name)) return;
    const layers = layer < 0 ? 1 : this.config.layers;
    this.#events[name] ??= new Int32Array(this.#rows * layers * values.length);
    this.#events[name].set(values, (this.#tokens.length * layers + Math.max(0, layer)) * values.length);
  };

  /** Ends the row that consumed `token`. */
  push(token: number, choice: number): void {
    if (this.isFull) throw new RangeError(`recorder: expected at most ${this.#rows} rows, take() them first`);
    this.#tokens.push(token);
    this.#choices.push(choice);
  }

  /** The rows so far; the recorder goes on with the next segment. */
  take(): SegmentRows {
    const rows = {
      position: this.#position,
      tokens: this.#tokens,
      choices: this.#choices,
      events: this.#events,
    };
    this.#position += this.#rows;
    this.#tokens = [];
    this.#choices = [];
    this.#events = {};
    return rows;
  }
}
