import { make } from "./dom.ts";

/** A digest as its first digits and as a pattern, by which equal ones are seen to be equal. */
export function digest(hex: string): HTMLElement {
  const code = make("code", "", `${hex.slice(0, 12)}…`);
  const whole = make("span", "digest", pattern(hex), code);
  whole.title = hex;
  return whole;
}

/** Eight fields, each in a colour of its own two bytes. */
function pattern(hex: string): HTMLElement {
  const fields = make("span", "pattern");
  fields.setAttribute("aria-hidden", "true");
  for (let at = 0; at < 32; at += 4) {
    const hue = (Number.parseInt(hex.slice(at, at + 3), 16) * 360) / 4096;
    const light = 35 + 3 * Number.parseInt(hex.slice(at + 3, at + 4), 16);
    const field = make("span");
    field.style.background = `hsl(${hue.toFixed(0)} 60% ${light}%)`;
    fields.append(field);
  }
  return fields;
}
