"""Phase 2: fit router and fusion on cached outcomes of the frozen experts.

What belongs to one expert (its head, its calibration) is fitted in closed form or by two numbers. What all experts
share is fitted on leave-one-out evidence, so that no query teaches how far its own outcome is to be trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from velora.config.assembly import AssemblyConfig
from velora.fusion.fit import fit_calibration, fit_trust
from velora.fusion.fuse import ExpertFusion
from velora.routing.fit import fit_heads, fit_known, fit_router_combiner
from velora.routing.out_of_fold import Known, leave_one_out
from velora.routing.outcomes import KNOWN, Outcomes
from velora.routing.router import NeuralRouter
from velora.runtime.progress import Progress, Report, silent


def fit_routing(
    router: NeuralRouter,
    fusion: ExpertFusion,
    outcomes: Outcomes,
    names: Sequence[str],
    config: AssemblyConfig,
    *,
    seed: int,
    report: Report = silent,
) -> None:
    """Fit heads and claims of `names`, and what all share when those are all; the others stay bit-identical.

    The memory must hold the known queries of `outcomes` already.
    """
    steps = "fitting router and fusion"
    report(Progress(steps, 0, 4))
    known = Known.of(router)
    fit_heads(router, known, outcomes, names, config.router)
    fit_calibration(fusion, outcomes, names, KNOWN)
    report(Progress(steps, 1, 4))
    if set(names) == set(router.names):
        known = replace(known, penalties=router.penalties)
        sources = leave_one_out(known, config.router, seed)
        report(Progress(steps, 2, 4))
        fit_router_combiner(router, known, sources, seed)
        fit_known(router, outcomes, known)
        report(Progress(steps, 3, 4))
        fit_trust(router, fusion, outcomes, sources, KNOWN, seed)
    report(Progress(steps, 4, 4))
