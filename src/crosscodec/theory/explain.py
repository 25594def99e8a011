"""The formulas as LaTeX, each with its reference, assumptions and units."""

from dataclasses import dataclass

from crosscodec.theory.arguments import choice


@dataclass(frozen=True)
class Explanation:
    """One trade-off function in words and LaTeX."""

    name: str
    latex: str
    reference: str
    assumptions: str
    units: str


_EXPLANATIONS = (
    Explanation(
        "bernoulli-distortion",
        r"D(R,C) = a + b - 2ab - 2a(1-a)\,t_{\mathrm{hi}},\quad t_{\mathrm{hi}} = \min\Big(s_R,\ \tfrac{b}{a},\ "
        r"\tfrac{1-b}{1-a},\ \tfrac{2(1-b)-s_C}{1-2a}\Big)\ (a<\tfrac12),\quad s_R = \min(1, R/h(a)),\ "
        r"s_C = \Big[\tfrac{h(a*n)-C}{h(a*n)-h(n)}\Big]_+",
        "theory page, section 2 (corrects Theorem 2 of the cross-domain paper)",
        "one-shot; X ~ Bern(a), Y ~ Bern(b), S = X xor Bern(n); common randomness U; H(Y|U) <= R, H(S|Y,U) <= C; "
        "feasible iff C >= h(n), s_C <= s_R and t_lo <= t_hi",
        "Hamming distortion per symbol; R and C in bits",
    ),
    Explanation(
        "bernoulli-rate",
        r"R(D,C) = h(a)\,\max(0, t_D, s_C),\quad t_D = \frac{a+b-2ab-D}{2a(1-a)}",
        "theory page, section 2",
        "as for bernoulli-distortion; feasible iff some t >= t_D is feasible at that s",
        "bits",
    ),
    Explanation(
        "bernoulli-information",
        r"I^*(R,C) = \max\big(I(t_{\mathrm{hi}}), I(t_{\mathrm{lo}})\big),\quad "
        r"I(t) = h(b) - a\,h(b+(1-a)t) - (1-a)\,h(b-at)",
        "theory page, section 2, MEC-B (corrects Theorem 2 of the minimum-entropy-coupling paper)",
        "as for bernoulli-distortion, log-loss instead of Hamming distortion",
        "bits",
    ),
    Explanation(
        "bernoulli-universal",
        r"R(\Theta) = \sup_{(D,C,P) \in \Theta} R(D,C,P),\quad A(\Theta) = R(\Theta) - \sup_{\Theta} R(D,C,P) = 0",
        "theory page, section 6",
        "one-shot; the map mass of the dearest demand serves all: A = 0",
        "bits",
    ),
    Explanation(
        "gaussian-distortion",
        r"D(R,P) = \sigma^2 2^{-2R} + \Big[\sqrt{(\mu-\mu_*)^2 + (\sigma_*-\rho_R\sigma)^2} - \sqrt{P}\Big]_+^2,\quad "
        r"\rho_R = \sqrt{1-2^{-2R}},\quad "
        r"C \ge C_{\min}(R) = \tfrac12\log_2\!\big(2\pi e\,\sigma_S^2(1-r^2\rho_R^2)\big)",
        "theory page, section 3 (corrects Theorems 4 and 7 of the cross-domain paper)",
        "asymptotic; X, S jointly Gaussian; output law within squared W2 distance P of the target; I(X;Y) <= R",
        "squared error; P squared length; R and C in bits",
    ),
    Explanation(
        "gaussian-rate",
        r"R(D,C) = \max(R_D, R_C, 0),\quad R_C = -\tfrac12\log_2\!\Big(1 - \frac{1-2^{2(C-h(S))}}{r^2}\Big),\quad "
        r"R_D = -\tfrac12\log_2\!\Big(1-"
        r"\Big[\tfrac{(\mu-\mu_*)^2+\sigma^2+\sigma_*^2-D}{2\sigma\sigma_*}\Big]_+^2\Big)",
        "theory page, section 3",
        "as for gaussian-distortion; R_D shown for the exact target marginal (P = 0)",
        "bits",
    ),
    Explanation(
        "gaussian-universal",
        r"R(\Theta) = \sup_{(D,C,P) \in \Theta} R(D,C,P),\quad A(\Theta) = R(\Theta) - \sup_{\Theta} R(D,C,P) = 0",
        "theory page, section 6",
        "asymptotic; the jointly Gaussian representation at the largest single rate serves all: A = 0",
        "bits",
    ),
    Explanation(
        "vector-gaussian-distortion",
        r"D(R) = \|\mu-\mu_*\|^2 + \operatorname{tr}\Sigma + \operatorname{tr}\Sigma_* "
        r"- 2\sum_i w_i\rho_i(\lambda),\quad "
        r"\rho_i(\lambda) = \frac{\sqrt{\lambda^2+4w_i^2}-\lambda}{2w_i},\quad -\tfrac12\sum_i\log_2(1-\rho_i^2) = R",
        "theory page, section 4",
        "asymptotic; w_i the singular values of the product of the covariances' square roots",
        "squared length per vector; bits per vector",
    ),
    Explanation(
        "finite-distortion",
        r"D(R,C) = \min_{p_f \ge 0} \sum_f p_f\,\mathbb{E}\,d(X,f(X))\ \text{ s.t. }\ \sum_f p_f H(f(X)) \le R,\ "
        r"\sum_f p_f H(S|f(X)) \le C,\ \sum_f p_f P(f(X)=y) = P_Y(y)",
        "theory page, section 1",
        "one-shot; f runs over all maps from X to Y; common randomness draws f",
        "the cost's unit; bits",
    ),
    Explanation(
        "finite-rate",
        r"R(D,C) = \min_{p_f \ge 0} \sum_f p_f H(f(X))\ \text{ s.t. }\ \sum_f p_f\,\mathbb{E}\,d(X,f(X)) \le D,\ "
        r"\sum_f p_f H(S|f(X)) \le C,\ \sum_f p_f P(f(X)=y) = P_Y(y)",
        "theory page, section 1",
        "as for finite-distortion",
        "bits; the cost's unit for D",
    ),
    Explanation(
        "finite-information",
        r"I^*(R,C) = \max_{p_f \ge 0} I(X;Y)\ \text{ s.t. }\ P(y|x) = \sum_f p_f 1[f(x)=y],\ "
        r"\sum_f p_f H(f(X)) \le R,\ \sum_f p_f H(S|f(X)) \le C,\ P(y) = P_Y(y)",
        "theory page, section 8",
        "one-shot; f runs over all maps from X to Y; common randomness draws f; convex, so a vertex is optimal",
        "bits",
    ),
    Explanation(
        "finite-universal",
        r"R(\Theta) = \min_{w \ge 0} \sum_\pi w_\pi H(\pi)\ \text{ s.t. for each demand of } \Theta:\ "
        r"w_\pi = \sum_f w_{\pi f}\ \text{ and } \sum_{\pi f} w_{\pi f}\, f \text{ keeps } (D,C,P),\quad "
        r"A(\Theta) = R(\Theta) - \sup_{\Theta} R(D,C,P)",
        "theory page, section 6",
        "one-shot; pi runs over all partitions of the source's letters, f over the maps that are constant on its "
        "cells, each demand with weights of its own; exact up to six letters and 20,000 columns, else a bracket",
        "bits",
    ),
)

NAMES = tuple(explanation.name for explanation in _EXPLANATIONS)


def explain(name: str) -> Explanation:
    """Return formula, reference, assumptions and units of a trade-off function, by name (see `NAMES`).

    Sections 1 to 4 of the theory page; LaTeX without dollar signs.
    """
    choice("name", name, NAMES)
    return next(explanation for explanation in _EXPLANATIONS if explanation.name == name)
