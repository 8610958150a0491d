import { inv } from "../field/m31.ts";
import type { Arithmetic } from "../hash/channel.ts";
import type { Factor, Tensor, Term } from "./air.ts";

/**
 * How a claim "virtual tensor V at point z has value c" turns into claims on V's factors; several of them at one
 * point, on tensors over the same axes, at once.
 *
 * V(z) = Σ_terms coefficient · Σ_{summed labels} Π factors, and V(z) is multilinear in every output
 * axis. So within a term a label that
 * - stands in one factor and in the output is simply set to z's coordinates;
 * - stands in one factor and not in the output is summed: Σ_{x∈{0,1}^k} f(x) = 2^k · f(½, …, ½);
 * - stands in both factors needs sumcheck variables, weighted by eq(z, ·) if it is an output axis.
 * Terms without sumcheck labels are read off directly; the others are grouped by their sumcheck
 * labels, one sumcheck per group (Thaler 2013, §5 for the matrix product; Gruen 2024/108, §3 for eq). Several
 * claims are added up with powers of a challenge γ, so that their groups are one.
 */
export interface ClaimPlan {
  /** Of each tensor. */
  readonly direct: readonly (readonly DirectTerm[])[];
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
  /** Σ_k γ^k·coefficient_k · factors[a] · factors[b] */
  readonly products: readonly GroupProduct[];
}

export interface GroupProduct {
  readonly a: number;
  readonly b: number;
  readonly coefficients: readonly MemberCoefficient[];
}

export interface MemberCoefficient {
  readonly member: number;
  /** A signed integer. */
  readonly coefficient: number;
}

/** Σ_k γ^k·coefficient_k, given the powers of γ. */
export function weightOf<E>(field: Arithmetic<E>, { coefficients }: GroupProduct, gammas: readonly E[]): E {
  return coefficients
    .map(({ member, coefficient }) => field.scale(gammas[member] as E, coefficient))
    .reduce((sum, term) => field.add(sum, term));
}

/** ½ in M31. */
export const HALF = inv(2);

/** A term of one of the tensors. */
interface MemberTerm {
  readonly member: number;
  readonly term: Term;
}

export function planClaims(virtuals: readonly Tensor[]): ClaimPlan {
  const [first] = virtuals as readonly [Tensor];
  const groups = new Map<string, MemberTerm[]>();
  const direct = virtuals.map((virtual, member) => {
    if (virtual.source.kind !== "virtual") throw new Error(`expected a virtual tensor, got ${virtual.name}`);
    const own: DirectTerm[] = [];
    for (const term of virtual.source.terms) {
      const shared = sharedLabels(term);
      if (shared.length === 0) own.push(planDirect(virtual, term));
      else {
        const key = [...shared].sort().join(" ");
        groups.set(key, [...(groups.get(key) ?? []), { member, term }]);
      }
    }
    return own;
  });
  // The last group's sum need not be sent, and so not be computed: let it be the largest.
  const planned = [...groups.values()].map((terms) => planGroup(first, terms));
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

function planGroup(virtual: Tensor, terms: readonly MemberTerm[]): SumcheckGroup {
  const { term: first } = terms[0] as MemberTerm;
  const names = sharedLabels(first);
  const factors: PlannedFactor[] = [];
  const indexOf = (factor: Factor): number => {
    const key = (f: Factor) => [f.tensor.name, ...f.labels].join(" ");
    const known = factors.findIndex((candidate) => key(candidate) === key(factor));
    return known >= 0 ? known : factors.push(planFactor(virtual, factor, names)) - 1;
  };
  const products = new Map<string, { a: number; b: number; coefficients: MemberCoefficient[] }>();
  for (const { member, term } of terms) {
    const a = indexOf(term.factors[0] as Factor);
    const b = indexOf(term.factors[1] as Factor);
    const entry = { member, coefficient: coefficientOf(virtual, term) };
    const known = products.get(`${a} ${b}`);
    if (known) known.coefficients.push(entry);
    else products.set(`${a} ${b}`, { a, b, coefficients: [entry] });
  }
  const labels = names.map((name) => {
    const axis = virtual.axes.indexOf(name);
    return { name, log: labelLog(first.factors[0] as Factor, name), axis: axis < 0 ? null : axis };
  });
  return {
    labels,
    variables: labels.reduce((sum, { log }) => sum + log, 0),
    factors,
    products: [...products.values()],
  };
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
