/** What a column holds. */
export type Value = string | number | null;

/** The little that the server asks of an embedded SQL database. */
export interface Database {
  /** Statements without parameters, such as a schema. */
  execute(statements: string): void;
  /** One statement; its parameters stand as `?`. */
  run(statement: string, ...parameters: readonly Value[]): void;
  /** The rows that a query finds. */
  all(query: string, ...parameters: readonly Value[]): Record<string, Value>[];
  /** Ends it; nothing is asked of it any more. */
  close(): void;
}
