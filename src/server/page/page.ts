/**
 * The page at `/`: a client session, shown.
 *
 * @module
 */
import type { ClientEvent, ClientToken } from "../../client/clientEvents.ts";
import { ClientSession } from "../../client/clientSession.ts";
import { NO_TOKEN } from "../../segment/statement.ts";
import { byId, make, seconds } from "./dom.ts";
import { FinalPanel } from "./finalPanel.ts";
import { keepAndCheck } from "./keepAndCheck.ts";
import { segmentCard } from "./segmentCard.ts";
import { Timeline } from "./timeline.ts";
import { WorkerVerifier } from "./workerVerifier.ts";

const verifier = new WorkerVerifier();
/** Where a server wants one, the address ends with `#token=…`, which no server sees. */
const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? undefined;

const form = byId<HTMLFormElement>("form");
const stop = byId<HTMLButtonElement>("stop");
const run = byId<HTMLButtonElement>("run");
const status = byId("status");
const text = byId("text");
const cards = byId("segments");
const keep = keepAndCheck(verifier);
const finalPanel = new FinalPanel(verifier);

/** One session as it is shown. */
class Show {
  readonly #spans = new Map<ClientToken, HTMLElement>();
  readonly #timeline = new Timeline(byId("timeline"));
  readonly #begun = performance.now();
  readonly #verifyMs: number[] = [];

  constructor(readonly session: ClientSession) {
    text.replaceChildren();
    cards.replaceChildren();
    keep.clear();
    finalPanel.clear(session.request.final === true);
    status.textContent = "committing to the weights …";
  }

  take(event: ClientEvent): void {
    this.#show(event);
    const { tokens } = this.session;
    const count = (...states: ClientToken["state"][]) =>
      `${tokens.filter(({ state }) => states.includes(state)).length}`;
    byId("count-decoded").textContent = `${tokens.length}`;
    byId("count-proven").textContent = count("proven", "final");
    byId("count-final").textContent = count("final");
    const verified = this.#verifyMs.length;
    byId("count-verified").textContent =
      verified === 0 ? "–" : `${verified} × ${seconds(this.#verifyMs.reduce((a, b) => a + b) / verified)}`;
  }

  #show(event: ClientEvent): void {
    const { started, tokens, proofs } = this.session;
    if (event.type === "started") {
      text.append(make("span", "token prompt", event.promptText));
      byId("model").textContent = `model id ${event.modelId}`;
      this.#timeline.decoded(event.promptTokens.length);
      status.textContent = "decoding …";
    } else if (event.type === "token") {
      const span = make("span", `token ${event.token.state}`, event.token.text);
      span.title = `position ${event.token.position}, token ${event.token.id}`;
      this.#spans.set(event.token, span);
      text.append(span);
      this.#timeline.decoded(event.token.position + 1);
    } else if (event.type === "segment" && started) {
      this.#verifyMs.push(event.verifyMs);
      for (const each of event.proven) this.#spans.get(each)?.classList.replace("decoded", "proven");
      cards.append(segmentCard(event, started.file.session, verifier));
      const { position, pendingToken } = event.statement.boundaryOut;
      this.#timeline.proven(position + (pendingToken === NO_TOKEN ? 0 : 1));
      keep.offer(started.file, proofs);
      const proven = tokens.filter(({ state }) => state === "proven").length;
      status.textContent = `${tokens.length} tokens decoded, ${proven} proven and verified here`;
    } else if (event.type === "reconnecting") {
      status.textContent = `connection lost (${event.reason}); trying again in ${seconds(event.delayMs)}`;
    } else if (event.type === "fold") {
      finalPanel.folded(event, proofs.length);
    } else if (event.type === "done") {
      status.textContent = `all ${event.tokens} tokens proven in ${event.segments} segments, ${this.#took()}; ${Math.floor(event.security)} bits of provable security`;
    } else if (event.type === "final" && started) {
      this.#verifyMs.push(event.verifyMs);
      for (const span of this.#spans.values()) span.classList.replace("proven", "final");
      finalPanel.final(event, started.file.session, proofs.length);
      keep.offerFinal(started.file, proofs.length, event.file, event.proof);
      status.textContent = `all ${tokens.length} tokens final: one proof of the whole run, ${this.#took()}`;
    }
  }

  #took(): string {
    return seconds(performance.now() - this.#begun);
  }
}

form.addEventListener("submit", async (submit) => {
  submit.preventDefault();
  const address = new URL("ws", location.href.replace(/#.*/, "").replace(/^http/, "ws"));
  const wanted = byId<HTMLInputElement>("final");
  const request = {
    prompt: byId<HTMLInputElement>("prompt").value,
    maxTokens: byId<HTMLInputElement>("tokens").valueAsNumber,
    segment: Number(byId<HTMLSelectElement>("segment").value),
    final: wanted.checked && !byId("final-choice").hidden,
  };
  const session = new ClientSession(address, request, {
    token,
    verify: async (of, proof, incoming) =>
      (await verifier.ask("segment", { session: of, proof, incoming })).verdict,
    verifyFinal: async (statement, proof) => (await verifier.ask("final", { statement, proof })).verdict,
  });
  stop.onclick = () => session.cancel();
  run.disabled = true;
  stop.disabled = false;
  try {
    const show = new Show(session);
    for await (const event of session) show.take(event);
  } catch (error) {
    status.textContent = `stopped: ${(error as Error).message}`;
  } finally {
    run.disabled = false;
    stop.disabled = true;
  }
});

/** Whether the server folds, so that one may ask for it. */
async function offerFinal(): Promise<void> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { data } = await (await fetch("v1/models", { headers })).json();
  byId("final-choice").hidden = data?.[0]?.starkstream?.folds !== true;
}
offerFinal().catch(() => {}); // it says itself what is wrong, when a session is asked for
