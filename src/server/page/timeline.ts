interface Step {
  readonly ms: number;
  readonly positions: number;
}

const WIDTH = 960;
const HEIGHT = 200;
const LEFT = 44;
const BOTTOM = 26;

/** How many positions were decoded and how many proven, over time; the shade between is how far proving lags. */
export class Timeline {
  readonly #decoded: Step[] = [{ ms: 0, positions: 0 }];
  readonly #proven: Step[] = [{ ms: 0, positions: 0 }];
  readonly #begun = performance.now();

  constructor(readonly parent: HTMLElement) {
    this.#draw();
  }

  decoded(positions: number): void {
    this.#decoded.push({ ms: performance.now() - this.#begun, positions });
    this.#draw();
  }

  proven(positions: number): void {
    this.#proven.push({ ms: performance.now() - this.#begun, positions });
    this.#draw();
  }

  #draw(): void {
    const end = Math.max(1000, performance.now() - this.#begun);
    const most = Math.max(8, ...this.#decoded.map(({ positions }) => positions));
    const x = (ms: number) => (LEFT + (ms / end) * (WIDTH - LEFT - 8)).toFixed(1);
    const y = (positions: number) => (8 + (1 - positions / most) * (HEIGHT - BOTTOM - 8)).toFixed(1);
    const steps = (list: readonly Step[]) =>
      list.map(({ ms, positions }, i) => `${i === 0 ? "" : `H${x(ms)}`}V${y(positions)}`).join("") +
      `H${x(end)}`;
    const origin = `M${x(0)} ${y(0)}`;
    const back = [...this.#proven]
      .reverse()
      .map(({ ms, positions }) => `V${y(positions)}H${x(ms)}`)
      .join("");
    const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    const lag = (this.#decoded.at(-1)?.positions ?? 0) - (this.#proven.at(-1)?.positions ?? 0);
    svg.setAttribute("aria-label", `${most} positions at most; ${lag} decoded and not yet proven`);
    svg.append(
      shape("path", { class: "axis", d: `M${LEFT} 8V${HEIGHT - BOTTOM}H${WIDTH - 8}`, fill: "none" }),
      shape("path", { class: "lag", d: `${origin}${steps(this.#decoded)}${back}Z` }),
      shape("path", { class: "decoded-line", d: `${origin}${steps(this.#decoded)}` }),
      shape("path", { class: "proven-line", d: `${origin}${steps(this.#proven)}` }),
      label(4, 18, `${most}`),
      label(4, HEIGHT - BOTTOM, "0"),
      label(LEFT, HEIGHT - 8, "0 s"),
      label(WIDTH - 8, HEIGHT - 8, `${(end / 1000).toFixed(1)} s`, "end"),
      label(WIDTH / 2, HEIGHT - 8, "dashed: positions decoded · solid: positions proven", "middle"),
    );
    this.parent.replaceChildren(svg);
  }
}

function label(x: number, y: number, text: string, anchor = "start"): SVGElement {
  const element = shape("text", { class: "label", x: `${x}`, y: `${y}`, "text-anchor": anchor });
  element.textContent = text;
  return element;
}

function shape(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
