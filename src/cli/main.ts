#!/usr/bin/env bun
import process from "node:process";
import packageJson from "../../package.json" with { type: "json" };
import { InputError, messageOf } from "../session/inputError.ts";

const HELP = `starkstream ${packageJson.version}: ${packageJson.description}

usage:
  starkstream run [--model FILE --tokenizer FILE] [--prompt TEXT] [--chat] [--tokens N] [--segment T]
                  [--temperature T [--min-p P] [--seed N]] [--out DIR [--no-final | --places M]] [--json]
      Decodes and proves. Text goes to stdout, progress to stderr.
      --model, --tokenizer  a model's file or its name (see models), and a llama2.c checkpoint's tokenizer;
                            without them, the embedded model
      --prompt TEXT         default: "Once upon a time"
      --chat                the prompt is what a user says; the model's chat template is put around it
      --tokens N            tokens to generate, at most; default: 48
      --segment T           rows of a segment, a power of two from 4 to 256; default: 32
      --temperature T       samples the tokens; without it, each is the likeliest one
      --min-p P             leaves out what is less likely than P times the likeliest token; default: 0.05
      --seed N              of the draws, public: the same seed gives the same text; default: 0
      --out DIR             where session.json and segment-0000.proof, … go; replaces a session there
      --no-final            with --out: leaves out folding the segments into one final proof
      --places M            segments that a folding step joins, 1 to 4: more take more memory, and less time each;
                            default: 1
      --json                one event per line on stdout: start, token, segment, done, folding, fold, final
  starkstream fold DIR [--places M] [--json]
      Folds DIR's segments into final.proof, from the steps that are there already, if they have as many places.
  starkstream verify DIR [--final-only] [--model-id HEX] [--fold-id HEX]
                     [--temperature T] [--min-p P] [--seed N] [--json]
      Verifies a session, and its final proof if it has one; needs neither the weights nor the prover.
      --final-only          the final proof alone, against the tokens in fold.json, without the segments
      --model-id HEX        the model that the session must be of; without it, DIR's own word is taken
      --fold-id HEX         the model and the folding circuit that the final proof must be of, likewise
      --temperature T, --min-p P, --seed N
                            the sampler that the session must have, likewise
  starkstream serve [--host H] [--port P] [--model FILE --tokenizer FILE] [--data DIR] [--token-secret TEXT] [--max-sessions N] [--max-per-client N] [--fold]
      Serves tokens with their proofs: WebSocket at /ws, OpenAI's endpoints at /v1, a page at /.
      --host H, --port P    default: 127.0.0.1 and 8080; port 0 takes any that is free
      --data DIR            where sessions are kept, a directory each; default: sessions
      --token-secret TEXT   the bearer token that clients must bring; @FILE reads it from a file
      --max-sessions N      sessions that decode and prove at a time; default: 16
      --max-per-client N    the same of one client's address; default: 8
      --fold                make a final proof where a client asks for it: some 5 s for each segment, and 4 GB
  starkstream security [--model FILE --tokenizer FILE] [--segment T] [--temperature T [--min-p P]] [--json]
      The provable soundness of every round of a segment proof.
  starkstream plan [--model FILE --tokenizer FILE | --shape dim=N,hidden=N,…] [--segment T] [--json]
      What a segment costs: cells, lookups, proof size, and seconds on the machine of bench/RESULTS.md.
  starkstream models pull NAME | add FILE [--tokenizer FILE] [--name NAME] | list | remove NAME
      The models on this machine. FILE: a GGUF file, a directory with config.json and safetensors, a llama2.c
      checkpoint, or a quantized model. pull knows: smollm2-135m-instruct.
  starkstream models inspect MODEL [--tokenizer FILE] [--json]
      What a model is, from its files; MODEL is a name or a FILE as above.
  starkstream models quantize MODEL [--tokenizer FILE] [--capacity C] [--text FILE] [--json]
      Makes the integer model, keeps it if MODEL is a name, and says how far it is from the float one.
      --capacity C          positions that its context holds, a power of two; default: 256
      --text FILE           texts to compare on, separated by <|endoftext|>; default: the model's own
  starkstream models commit MODEL [--tokenizer FILE] [--json]
      Computes the model's id from its weights, prints it with the root and how large every sum can become, and keeps
      the commitment if MODEL is a name: run and serve then read it.
  starkstream --help | --version

exit codes: 0 done or valid, 1 rejected or failed, 2 bad usage or unreadable input
`;

/** Loads only what the command needs: verifying loads neither prover nor kernels. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === undefined) {
    process.stderr.write(HELP);
    return 2;
  }
  if (command === "--version") {
    process.stdout.write(`${packageJson.version}\n`);
    return 0;
  }
  if (command === "--help" || command === "-h" || command === "help" || rest.includes("--help")) {
    process.stdout.write(HELP);
    return 0;
  }
  if (command === "run") return (await import("./run.ts")).run(rest);
  if (command === "fold") return (await import("./fold.ts")).fold(rest);
  if (command === "verify") return (await import("./verify.ts")).verify(rest);
  if (command === "serve") return (await import("./serve.ts")).serve(rest);
  if (command === "security") return (await import("./security.ts")).security(rest);
  if (command === "models") return (await import("./models.ts")).models(rest);
  if (command === "plan") return (await import("./plan.ts")).plan(rest);
  throw new InputError(
    `expected run, fold, verify, serve, security, plan or models, found ${JSON.stringify(command)}; see starkstream --help`,
  );
}

// a reader that has seen enough, such as head, ends the command quietly
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(1);
    throw error;
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`starkstream: ${messageOf(error)}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
