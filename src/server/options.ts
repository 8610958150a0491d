import type { IntegerModel } from "../model/integerModel.ts";
import type { Tokenizer } from "../model/tokenizer.ts";
import type { FileSystem } from "../session/adapters/fileSystem.ts";
import type { OpenFold } from "../session/sessionFold.ts";
import type { OpenProver } from "../session/sessionProver.ts";
import type { Database } from "./adapters/database.ts";
import type { Profile } from "../whir/profile.ts";

/** What a server serves, where it keeps it, and its limits. */
export interface ServerOptions {
  /** The model, with its weights. */
  readonly model: IntegerModel;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** What clients call the model. */
  readonly name?: string;
  /** Where sessions are kept: their tokens and state in the database, */
  readonly database: Database;
  /** their proofs in a directory each. */
  readonly files: FileSystem;
  /** By default none: it is made if it is missing. */
  readonly directory: string;
  /** Whoever does not bring it as a bearer token is refused; without it everyone is served. */
  readonly tokenSecret?: string;
  /** Sessions that decode and prove at a time; they take turns at the prover. */
  readonly maxSessions?: number;
  /** The same of one client: of one address, as the adapter sees it. */
  readonly maxSessionsPerClient?: number;
  /** Provers that are held, one for each number of rows; live sessions have no more different ones. */
  readonly maxProvers?: number;
  /** Whether clients may ask for a final proof: seconds of work and gigabytes for each segment, one at a time. */
  readonly fold?: boolean;
  /** Sessions that are proven and wait to be folded. */
  readonly maxFolding?: number;
  /** Sockets that are open at a time; */
  readonly maxSockets?: number;
  /** the same of one client. */
  readonly maxSocketsPerClient?: number;
  /** Tokens that one session may generate. */
  readonly maxTokens?: number;
  /** Characters of a prompt. */
  readonly maxPrompt?: number;
  /** Tokens decoded ahead of a session's farthest reader. */
  readonly maxLead?: number;
  /** How long a session goes on without a reader. */
  readonly lingerMs?: number;
  /** How long a socket may keep the server waiting: for a first message, or for an `ack`. */
  readonly patienceMs?: number;
  /** Other origins whose pages may use the server; none by default. */
  readonly corsOrigins?: readonly string[];
  /** One entry per request and session. */
  readonly log?: (entry: Readonly<Record<string, unknown>>) => void;
  /** For tests: the profiles of segments' and of steps' proofs, and other provers. */
  readonly profile?: Profile;
  /** See `profile`. */
  readonly foldProfile?: Profile;
  /** Another prover of segments. */
  readonly openProver?: OpenProver;
  /** Another prover of folding steps. */
  readonly openFold?: OpenFold;
}

/** The options with what was left out. */
export type Settings = Required<Omit<ServerOptions, "tokenSecret">> & Pick<ServerOptions, "tokenSecret">;
