import { eInv, eMul, type Ext, ONE } from "../field/ext.ts";

/** The inverses of nonzero elements, for one inversion and three products each; throws if one is 0. */
export function invertAll(elements: readonly Ext[]): Ext[] {
  const before: Ext[] = [];
  let product = ONE;
  for (const element of elements) {
    before.push(product);
    product = eMul(product, element);
  }
  const inverses = new Array<Ext>(elements.length);
  let rest = elements.length > 0 ? eInv(product) : ONE;
  for (let k = elements.length - 1; k >= 0; k--) {
    inverses[k] = eMul(rest, before[k]);
    rest = eMul(rest, elements[k]);
  }
  return inverses;
}
