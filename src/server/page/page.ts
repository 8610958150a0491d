/**
 * The page at `/`: a client session, shown.
 *
 * @module
 */
import type { ClientEvent, ClientToken } from "../../client/clientEvents.ts";
import { ClientSession } from "../../client/clientSession.ts";
import type { VerifySegment } from "../../client/chainVerifier.ts";
import { NO_TOKEN } from "../../segment/statement.ts";
import { byId, make, seconds } from "./dom.ts";
import { keepAndCheck } from "./keepAndCheck.ts";
import { segmentCard } from "./segmentCard.ts";
import { Timeline } from "./timeline.ts";
import { WorkerVerifier } from "./workerVerifier.ts";

const verifier = new WorkerVerifier();
const verify: VerifySegment = async (...args) => (await verifier.segment(...args)).verdict;
/** Where a server wants one, the address ends with `#token=…`, which no server sees. */
const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? undefined;

const form = byId<HTMLFormElement>("form");
const stop = byId<HTMLButtonElement>("stop");
const run = byId<HTMLButtonElement>("run");
const status = byId("status");
const text = byId("text");
const cards = byId("segments");
const model = byId("model");
const keep = keepAndCheck(verifier);

async function show(session: ClientSession): Promise<void> {
  const spans = new Map<ClientToken, HTMLElement>();
  const timeline = new Timeline(byId("timeline"));
  const begun = performance.now();
  text.replaceChildren();
  cards.replaceChildren();
  keep.clear();
  status.textContent = "committing to the weights …";
  for await (const event of session) showEvent(event, session, spans, timeline, begun);
}

function showEvent(
  event: ClientEvent,
  session: ClientSession,
  spans: Map<ClientToken, HTMLElement>,
  timeline: Timeline,
  begun: number,
): void {
  const { started, tokens } = session;
  if (event.type === "started") {
    text.append(make("span", "token prompt", event.promptText));
    model.textContent = `model id ${event.modelId}`;
    timeline.decoded(event.promptTokens.length);
    status.textContent = "decoding …";
  } else if (event.type === "token") {
    const span = make("span", `token ${event.token.state}`, event.token.text);
    span.title = `position ${event.token.position}, token ${event.token.id}`;
    spans.set(event.token, span);
    text.append(span);
    timeline.decoded(event.token.position + 1);
  } else if (event.type === "segment" && started) {
    for (const each of event.proven) spans.get(each)?.classList.replace("decoded", "proven");
    cards.append(segmentCard(event, started.file.session, verifier));
    const { position, pendingToken } = event.statement.boundaryOut;
    timeline.proven(position + (pendingToken === NO_TOKEN ? 0 : 1));
    keep.offer(started.file, session.proofs);
    const proven = tokens.filter(({ state }) => state === "proven").length;
    status.textContent = `${tokens.length} tokens decoded, ${proven} proven and verified here`;
  } else if (event.type === "reconnecting") {
    status.textContent = `connection lost (${event.reason}); trying again in ${seconds(event.delayMs)}`;
  } else if (event.type === "done") {
    const took = seconds(performance.now() - begun);
    status.textContent = `all ${event.tokens} tokens proven in ${event.segments} segments, ${took}; ${Math.floor(event.security)} bits of provable security`;
  }
}

form.addEventListener("submit", async (submit) => {
  submit.preventDefault();
  const address = new URL("ws", location.href.replace(/#.*/, "").replace(/^http/, "ws"));
  const request = {
    prompt: byId<HTMLInputElement>("prompt").value,
    maxTokens: byId<HTMLInputElement>("tokens").valueAsNumber,
    segment: Number(byId<HTMLSelectElement>("segment").value),
  };
  const session = new ClientSession(address, request, { verify, token });
  stop.onclick = () => session.cancel();
  run.disabled = true;
  stop.disabled = false;
  try {
    await show(session);
  } catch (error) {
    status.textContent = `stopped: ${(error as Error).message}`;
  } finally {
    run.disabled = false;
    stop.disabled = true;
  }
});
