/**
 * Cuts text into lines, as @std/streams has it: a line ends with \n or \r\n, which it does not keep;
 * what follows the last of them is a line if it is not empty.
 *
 * @example
 * ```ts
 * const lines = bytes.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
 * for await (const line of lines) console.log(line);
 * ```
 */
export class TextLineStream extends TransformStream<string, string> {
  #rest = "";

  constructor() {
    super({
      transform: (chunk, controller) => {
        const lines = (this.#rest + chunk).split("\n");
        this.#rest = lines.pop() as string;
        for (const line of lines) controller.enqueue(line.endsWith("\r") ? line.slice(0, -1) : line);
      },
      flush: (controller) => {
        if (this.#rest !== "") controller.enqueue(this.#rest);
      },
    });
  }
}
