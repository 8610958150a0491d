const COUNTERS = {
  tokens: "Tokens decoded.",
  segments: "Segments proven.",
  verdicts_accepted: "Proofs that were verified here and hold.",
  verdicts_rejected: "Proofs that were verified here and do not hold, or were not there.",
  proving_seconds: "Seconds that the prover worked.",
  folds: "Segments folded.",
  final_proofs: "Final proofs made.",
  folding_seconds: "Seconds that the folding prover worked.",
  sessions_started: "Sessions begun or taken up again.",
  sessions_done: "Sessions proven to their end.",
  sessions_failed: "Sessions that failed.",
  sessions_refused: "Sessions that found no room.",
  sockets: "Sockets opened.",
  bad_frames: "Frames that no honest client sends.",
  http_requests: "HTTP requests answered.",
} as const;
export type Counter = keyof typeof COUNTERS;

/** Numbers about the server, as Prometheus reads them. */
export class Metrics {
  readonly #counts = new Map<Counter, number>();
  readonly #gauges = new Map<string, { readonly help: string; readonly read: () => number }>();

  add(counter: Counter, by = 1): void {
    this.#counts.set(counter, this.get(counter) + by);
  }

  get(counter: Counter): number {
    return this.#counts.get(counter) ?? 0;
  }

  /** A number that is read when it is asked for. */
  gauge(name: string, help: string, read: () => number): void {
    this.#gauges.set(name, { help, read });
  }

  /** Prometheus' text format. */
  text(): string {
    const lines: string[] = [];
    const show = (name: string, kind: string, help: string, value: number) =>
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, `${name} ${value}`);
    for (const [name, help] of Object.entries(COUNTERS))
      show(`starkstream_${name}_total`, "counter", help, this.get(name as Counter));
    for (const [name, { help, read }] of this.#gauges) show(`starkstream_${name}`, "gauge", help, read());
    return `${lines.join("\n")}\n`;
  }
}
