import { InputError } from "../session/inputError.ts";
import { planSession, type RunRequest } from "../session/planSession.ts";
import { runSession } from "../session/runSession.ts";
import { FairQueue } from "./fairQueue.ts";
import type { Metrics } from "./metrics.ts";
import type { Settings } from "./options.ts";
import { queuedProver } from "./queuedProver.ts";
import { Refusal } from "./refusal.ts";
import { Run, type RunHost } from "./run.ts";
import { RunFiles } from "./runFiles.ts";
import type { RunRecord } from "./runRecord.ts";

/** All sessions: those that run, in memory, and those on disk. */
export class Runs {
  readonly queue: FairQueue = new FairQueue();
  readonly #live = new Map<string, Run>();
  readonly #host: RunHost;
  #closing = false;

  constructor(
    readonly settings: Settings,
    readonly metrics: Metrics,
  ) {
    const { maxLead, lingerMs } = settings;
    this.#host = {
      metrics,
      maxLead,
      lingerMs,
      open: (run) => this.#open(run),
      ended: (run) => this.#ended(run),
    };
    metrics.gauge("sessions_live", "Sessions that decode and prove now.", () => this.#live.size);
    metrics.gauge("prover_queue", "Segments and sessions that wait for the prover.", () => this.queue.length);
  }

  get live(): number {
    return this.#live.size;
  }

  /**
   * A new session, decoding.
   *
   * @throws Refusal if the model cannot do it, or there is no room
   */
  async begin(request: RunRequest, { alone = false } = {}): Promise<Run> {
    const { maxPrompt, maxTokens, model, tokenizer } = this.settings;
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
    };
    const run = this.#admit(newId(), record);
    run.alone = alone;
    try {
      await run.files.begin(record);
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
  async resume(id: string): Promise<Run> {
    const found = await this.find(id);
    // while the disk was read, someone else may have taken it up
    const run = this.#live.get(id) ?? found;
    if (!run) throw new Refusal("not-found", `session: expected one that is kept here, found ${id}`);
    if (run.live || run.ending) return run;
    return this.#launch(this.#admit(id, run.record()));
  }

  /** A session as it is, without taking it up. */
  async find(id: string): Promise<Run | null> {
    const live = this.#live.get(id);
    if (live) return live;
    const files = this.#filesOf(id);
    const record = await files.read();
    return record && new Run(id, record, files, this.#host);
  }

  /** Refuses what is new, lets every session finish the segment in hand, and keeps them all. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const stop = async (run: Run) => {
      const had = run.segments.length;
      const until = Date.now() + graceMs;
      run.alone = true; // readers no longer hold it back
      run.notify();
      while (run.live && run.segments.length === had && Date.now() < until) {
        await Promise.race([run.changed(), new Promise((resolve) => setTimeout(resolve, 50))]);
      }
      await run.stop("interrupted");
    };
    await Promise.all([...this.#live.values()].map(stop));
  }

  #admit(id: string, record: RunRecord): Run {
    const { maxSessions } = this.settings;
    const refusal = this.#closing
      ? new Refusal("shutdown", "the server is about to stop", 5)
      : this.#live.size >= maxSessions
        ? new Refusal("overloaded", `sessions: expected fewer than ${maxSessions} to run, found as many`, 5)
        : null;
    if (refusal) {
      this.metrics.add("sessions_refused");
      throw refusal;
    }
    const run = new Run(id, record, this.#filesOf(id), this.#host);
    this.#live.set(id, run);
    return run;
  }

  #launch(run: Run): Run {
    this.metrics.add("sessions_started");
    this.settings.log({ event: "session", session: nameInLogs(run.id), tokens: run.request.tokens });
    run.go();
    return run;
  }

  #ended(run: Run): void {
    this.#live.delete(run.id);
    const { tokens, segments, ending } = run;
    this.settings.log({
      event: "session ended",
      session: nameInLogs(run.id),
      how: ending?.type ?? "interrupted",
      ...(ending?.type === "failed" && { message: ending.message }),
      tokens: tokens.length,
      segments: segments.length,
    });
  }

  #open(run: Run) {
    const { model, tokenizer, profile, openProver } = this.settings;
    const queued = queuedProver(openProver, this.queue, run.id, this.metrics);
    return runSession({ ...run.request, model, tokenizer, profile, openProver: queued });
  }

  #filesOf(id: string): RunFiles {
    const { files, directory, profile } = this.settings;
    return new RunFiles(files, `${directory}/${id}`, [profile]);
  }
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
