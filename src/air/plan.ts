import { inv } from "../field/m31.ts";
import type { Factor, Tensor, Term } from "./air.ts";

/**
 * How a claim "virtual tensor V at point z has value c" turns into claims on V's factors.
 *
 * V(z) = Σ_terms coefficient · Σ_{summed labels} Π factors, and V(z) is multilinear in every output
 * axis. So within a term a label that
 * - stands in one factor and in the output is simply set to z's coordinates;
 * - stands in one factor and not in the output is summed: Σ_{x∈{0,1}^k} f(x) = 2^k · f(½, …, ½);
 * - stands in both factors needs sumcheck variables, weighted by eq(z, ·) if it is an output axis.
 * Terms without sumcheck labels are read off directly; the others are grouped by their sumcheck
 * labels, one sumcheck per group (Thaler 2013, §5 for the matrix product; Gruen 2024/108, §3 for eq).
 */
export interface ClaimPlan {
  readonly direct: readonly DirectTerm[];
  readonly groups: readonly SumcheckGroup[];
}

/** Where the coordinates of one label of a factor come from. */
export type Coordinate =
  | { readonly kind: "output"; readonly axis: number }
  | { readonly kind: "half" }
  | { readonly kind: "sumcheck"; readonly variable: number };

export interface PlannedFactor extends Factor {
  readonly coordinates: readonly Coordinate[];
}

export interface DirectTerm {
  /** A signed integer. */
  readonly coefficient: number;
  readonly factors: readonly PlannedFactor[];
}

export interface SumcheckGroup {
  readonly labels: readonly { readonly name: string; readonly log: number; readonly axis: number | null }[];
  /** Sumcheck variables: the labels' logs added up. */
  readonly variables: number;
  /** The distinct factors of the group. */
  readonly factors: readonly PlannedFactor[];
  /** coefficient · factors[a] · factors[b] */
  readonly products: readonly { readonly coefficient: number; readonly a: number; readonly b: number }[];
}

/** ½ in M31. */
export const HALF = inv(2);

export function planClaim(virtual: Tensor): ClaimPlan {
  if (virtual.source.kind !== "virtual") throw new Error(`expected a virtual tensor, got ${virtual.name}`);
  const direct: DirectTerm[] = [];
  const groups = new Map<string, Term[]>();
  for (const term of virtual.source.terms) {
    const shared = sharedLabels(term);
    if (shared.length === 0) direct.push(planDirect(virtual, term));
    else {
      const key = [...shared].sort().join(" ");
      groups.set(key, [...(groups.get(key) ?? []), term]);
    }
  }
  // The last group's sum need not be sent, and so not be computed: let it be the largest.
  const planned = [...groups.values()].map((terms) => planGroup(virtual, terms));
  return { direct, groups: planned.sort((a, b) => a.variables - b.variables) };
}

function sharedLabels(term: Term): string[] {
  const [a, b] = term.factors;
  return a && b ? a.labels.filter((label) => b.labels.includes(label)) : [];
}

function labelLog(factor: Factor, label: string): number {
  return factor.tensor.logs[factor.labels.indexOf(label)] as number;
}

/** A term's coefficient times 2^k for the labels that are summed alone or stand in no factor. */
function coefficientOf(virtual: Tensor, term: Term): number {
  const [a, b] = term.factors;
  let coefficient = term.coefficient;
  for (const factor of term.factors)
    for (const label of factor.labels) {
      const alone = !(a?.labels.includes(label) && b?.labels.includes(label));
      if (alone && !virtual.axes.includes(label)) coefficient *= 2 ** labelLog(factor, label);
    }
  return coefficient;
}

function planDirect(virtual: Tensor, term: Term): DirectTerm {
  return {
    coefficient: coefficientOf(virtual, term),
    factors: term.factors.map((factor) => planFactor(virtual, factor, [])),
  };
}

function planGroup(virtual: Tensor, terms: readonly Term[]): SumcheckGroup {
  const first = terms[0] as Term;
  const names = sharedLabels(first);
  const factors: PlannedFactor[] = [];
  const indexOf = (factor: Factor): number => {
    const key = (f: Factor) => [f.tensor.name, ...f.labels].join(" ");
    const known = factors.findIndex((candidate) => key(candidate) === key(factor));
    return known >= 0 ? known : factors.push(planFactor(virtual, factor, names)) - 1;
  };
  const products = terms.map((term) => ({
    coefficient: coefficientOf(virtual, term),
    a: indexOf(term.factors[0] as Factor),
    b: indexOf(term.factors[1] as Factor),
  }));
  const labels = names.map((name) => {
    const axis = virtual.axes.indexOf(name);
    return { name, log: labelLog(first.factors[0] as Factor, name), axis: axis < 0 ? null : axis };
  });
  return { labels, variables: labels.reduce((sum, { log }) => sum + log, 0), factors, products };
}

function planFactor(virtual: Tensor, factor: Factor, sumcheck: readonly string[]): PlannedFactor {
  const coordinates = factor.labels.map((label): Coordinate => {
    const variable = sumcheck.indexOf(label);
    if (variable >= 0) return { kind: "sumcheck", variable };
    const axis = virtual.axes.indexOf(label);
    return axis >= 0 ? { kind: "output", axis } : { kind: "half" };
  });
  return { ...factor, coordinates };
}

/** Splits a concatenated point into one slice per axis. */
export function slicePoint<E>(logs: readonly number[], point: readonly E[]): E[][] {
  let start = 0;
  return logs.map((log) => {
    start += log;
    return point.slice(start - log, start);
  });
}

/** The point at which a factor is evaluated, from the output's and the sumcheck's slices. */
export function factorPoint<E>(
  factor: PlannedFactor,
  output: readonly E[][],
  sumcheck: readonly E[][],
  half: E,
): E[] {
  return factor.coordinates.flatMap((coordinate, k) => {
    if (coordinate.kind === "output") return output[coordinate.axis] as E[];
    if (coordinate.kind === "sumcheck") return sumcheck[coordinate.variable] as E[];
    return new Array<E>(factor.tensor.logs[k] as number).fill(half);
  });
}
