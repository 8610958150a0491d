import { InputError } from "../session/inputError.ts";
import { Folding } from "../session/folding.ts";
import { planSession } from "../session/planSession.ts";
import { runSession } from "../session/runSession.ts";
import { FairQueue } from "./fairQueue.ts";
import { KeptRun, type Shelf } from "./keptRun.ts";
import type { Metrics } from "./metrics.ts";
import type { Settings } from "./options.ts";
import { Folds } from "./folds.ts";
import { Provers } from "./provers.ts";
import { Refusal } from "./refusal.ts";
import { isUnfinished, Run, type RunHost } from "./run.ts";
import type { KeptRequest, RunRecord } from "./runRecord.ts";
import { RunTables } from "./runTables.ts";

/** All sessions: those that run, in memory, and those that are kept. */
export class Runs {
  readonly queue: FairQueue = new FairQueue();
  readonly #provers: Provers;
  readonly #folds: Folds;
  readonly #shelf: Shelf;
  readonly #live = new Map<string, Run>();
  readonly #host: RunHost;
  #closing = false;

  constructor(
    readonly settings: Settings,
    readonly metrics: Metrics,
  ) {
    const { maxLead, lingerMs, openProver, maxProvers, database, files, directory, profile, foldProfile } =
      settings;
    this.#provers = new Provers(openProver, maxProvers, this.queue, metrics);
    this.#folds = new Folds(settings.openFold, metrics);
    this.#shelf = { tables: new RunTables(database), files, directory, profiles: [profile] };
    this.#host = {
      metrics,
      maxLead,
      lingerMs,
      open: (run) => this.#open(run),
      fold: settings.fold
        ? (run, session, show) => {
            const options = { fs: files, directory: run.kept.directory, session, profile: foldProfile };
            return Folding.start({ ...options, openFold: this.#folds.of(run.id) }, show);
          }
        : null,
      ended: (run) => this.#ended(run),
    };
    metrics.gauge(
      "sessions_live",
      "Sessions that decode and prove now.",
      () => [...this.#live.values()].filter((run) => run.decoding).length,
    );
    metrics.gauge("prover_queue", "Segments and sessions that wait for the prover.", () => this.queue.length);
    metrics.gauge("fold_queue", "Steps that wait for the folding prover.", () => this.#folds.queue.length);
    if (settings.fold) this.#foldKept();
  }

  /**
   * A new session, decoding.
   *
   * @throws Refusal if the model cannot do it, or there is no room
   */
  async begin(request: KeptRequest, client: string, { alone = false } = {}): Promise<Run> {
    const { maxPrompt, maxTokens, model, tokenizer, fold } = this.settings;
    if (request.final && !fold) throw bad("final", "expected none, as this server does not fold");
    if (request.prompt.length > maxPrompt)
      throw bad("prompt", `expected at most ${maxPrompt} characters, found ${request.prompt.length}`);
    if (request.tokens > maxTokens)
      throw bad("tokens", `expected at most ${maxTokens}, found ${request.tokens}`);
    try {
      planSession(model.config, tokenizer, request);
    } catch (error) {
      if (error instanceof InputError)
        throw new Refusal("bad-request", error.message, null, parameterOf(error));
      throw error;
    }
    const record: RunRecord = {
      request,
      created: Date.now(),
      start: null,
      tokens: [],
      segments: [],
      ending: null,
      final: null,
    };
    const run = this.#admit(newId(), record, client);
    run.alone = alone;
    try {
      await run.kept.begin(record.created, request);
    } catch (error) {
      this.#live.delete(run.id);
      throw error;
    }
    return this.#launch(run);
  }

  /**
   * A session that was begun before: as it runs, or from disk and taken up again if it was interrupted.
   *
   * @throws Refusal if there is none, or no room to take it up again
   */
  resume(id: string, client: string): Run {
    const live = this.#live.get(id);
    if (live) return live;
    const record = new KeptRun(id, this.#shelf).read();
    if (!record) throw new Refusal("not-found", `session: expected one that is kept here, found ${id}`);
    const unfinished = isUnfinished(record) && (record.ending === null || this.settings.fold);
    return unfinished ? this.#launch(this.#admit(id, record, client)) : this.#show(id, record);
  }

  /** A session as it is, without taking it up. */
  find(id: string): Run | null {
    const live = this.#live.get(id);
    if (live) return live;
    const record = new KeptRun(id, this.#shelf).read();
    return record && this.#show(id, record);
  }

  /** Refuses what is new, lets every session finish the segment in hand, and keeps them all, and their last steps. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const stop = async (run: Run) => {
      const had = run.segments.length;
      const until = Date.now() + graceMs;
      run.alone = true; // readers no longer hold it back
      run.notify();
      while (run.decoding && run.segments.length === had && Date.now() < until) {
        await Promise.race([run.changed(), new Promise((resolve) => setTimeout(resolve, 50))]);
      }
      await run.stop("interrupted");
    };
    await Promise.all([...this.#live.values()].map(stop));
    this.#provers.close();
    this.#folds.close();
  }

  /** Sessions that a server before this one has proven and not folded. */
  #foldKept(): void {
    for (const id of this.#shelf.tables.unfolded()) {
      const kept = new KeptRun(id, this.#shelf);
      const record = kept.read();
      if (!record) continue;
      const run = new Run(record, kept, this.#host, "");
      this.#live.set(id, run);
      this.#launch(run);
    }
  }

  #admit(id: string, record: RunRecord, client: string): Run {
    const refusal = this.#refusal(record.request, client);
    if (refusal) {
      this.metrics.add("sessions_refused");
      throw refusal;
    }
    const run = new Run(record, new KeptRun(id, this.#shelf), this.#host, client);
    this.#live.set(id, run);
    return run;
  }

  /** Why there is no room, if there is none. */
  #refusal({ segment, final }: KeptRequest, client: string): Refusal | null {
    const { maxSessions, maxSessionsPerClient, maxProvers, maxFolding } = this.settings;
    const live = [...this.#live.values()].filter((run) => run.decoding);
    if (this.#closing) return new Refusal("shutdown", "the server is about to stop", 5);
    if (live.length >= maxSessions)
      return busy("overloaded", `sessions: expected fewer than ${maxSessions} to run, found as many`);
    if (live.filter((run) => run.client === client).length >= maxSessionsPerClient)
      return busy("too-many", `sessions: expected fewer than ${maxSessionsPerClient} of yours to run`);
    if (final && this.#live.size - live.length >= maxFolding)
      return busy(
        "overloaded",
        `final: expected fewer than ${maxFolding} sessions to be folded, found as many`,
      );
    const rows = new Set(live.map(({ request }) => request.segment));
    if (!rows.has(segment) && rows.size >= maxProvers)
      return busy("overloaded", `segment: expected ${[...rows].join(" or ")} rows, as others have now`);
    return null;
  }

  /** A run that is only read. */
  #show(id: string, record: RunRecord): Run {
    return new Run(record, new KeptRun(id, this.#shelf), this.#host, "");
  }

  #launch(run: Run): Run {
    this.metrics.add("sessions_started");
    this.settings.log({ event: "session", session: nameInLogs(run.id), tokens: run.request.tokens });
    run.go();
    return run;
  }

  #ended(run: Run): void {
    this.#live.delete(run.id);
    const { tokens, segments, ending, final } = run;
    this.settings.log({
      event: "session ended",
      session: nameInLogs(run.id),
      how: ending?.type ?? "interrupted",
      ...(ending?.type === "failed" && { message: ending.message }),
      tokens: tokens.length,
      segments: segments.length,
      ...(final && { foldMs: Math.round(final.foldMs) }),
    });
  }

  #open(run: Run) {
    const { model, tokenizer, profile } = this.settings;
    const { prompt, tokens, segment } = run.request;
    const openProver = this.#provers.of(run.id);
    const proven = run.segments.length;
    return runSession({ prompt, tokens, segment, model, tokenizer, profile, openProver, proven });
  }
}

/** Sessions take seconds: it may be worth to ask again soon. */
function busy(code: "overloaded" | "too-many", message: string): Refusal {
  return new Refusal(code, message, 5);
}

function bad(parameter: string, message: string): Refusal {
  return new Refusal("bad-request", `${parameter}: ${message}`, null, parameter);
}

/** "tokens: expected …": its field. */
function parameterOf(error: InputError): string | null {
  return /^([a-z]+):/.exec(error.message)?.[1] ?? null;
}

/** Enough to tell sessions apart, not enough to read one. */
function nameInLogs(id: string): string {
  return id.slice(0, 8);
}

/** 128 random bits: who does not know it does not find the session. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
