/** What comes with a request: who asks, as the adapter tells clients apart. */
export interface ServerEnv {
  readonly Bindings: { readonly client: string };
}
