"""The stage ``sessions``: what opens, commits, rolls back and closes a session becomes one block; pure, as :mod:`alchemove_codemods.engine`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.statements import interpret
from alchemove_codemods.analysis.transactions.dependencies import dependencies
from alchemove_codemods.analysis.transactions.effects import Effects
from alchemove_codemods.analysis.transactions.held import Held, Holders
from alchemove_codemods.analysis.transactions.listeners import listeners
from alchemove_codemods.analysis.transactions.moved import Moved, moved_imports
from alchemove_codemods.analysis.transactions.names import Origin
from alchemove_codemods.analysis.transactions.openers import Openers
from alchemove_codemods.analysis.transactions.patched import Patched
from alchemove_codemods.analysis.transactions.plans import Declined, Plan
from alchemove_codemods.analysis.transactions.scopes import NoScope, Opening, scope_of
from alchemove_codemods.analysis.transactions.sites import openings
from alchemove_codemods.analysis.transactions.targets import Target
from alchemove_codemods.analysis.transactions.verdicts import Listeners, judge
from alchemove_codemods.analysis.transactions.vocabulary import RUNNING
from alchemove_codemods.facts import FunctionFacts, ModuleFacts
from alchemove_codemods.findings import Finding, Outcome
from alchemove_codemods.joining import join
from alchemove_codemods.program import Program
from alchemove_codemods.registry import handlers, reasons
from alchemove_codemods.rewrite.blocks import CannotLayOut
from alchemove_codemods.rewrite.edits import Conflict, Edits
from alchemove_codemods.rewrite.opened import Opened, SessionImports
from alchemove_codemods.rewrite.views import Refusal, Refused
from alchemove_codemods.rules.sessions.blocking_session import blocking_session
from alchemove_codemods.rules.sessions.moved_import import moved_import
from alchemove_codemods.rules.sessions.request_session import request_session
from alchemove_codemods.values import Value

STAGE = "sessions"


@dataclass(slots=True, eq=False)
class Site:
    """An opening and what becomes of it."""

    opening: Opening
    plan: Plan | None = None
    reason: str | None = None
    detail: str = ""
    line: int = 0

    def refuse(self, reason: str, detail: str = "", node: ast.AST | None = None) -> None:
        """Leave the opening as it is."""
        self.plan, self.reason, self.detail = None, reason, detail
        self.line = getattr(node, "lineno", 0)


@dataclass(eq=False)
class Stage:
    """One run."""

    program: Program
    knowledge: Knowledge
    openers: Openers
    wanted: frozenset[str]
    sites: list[Site] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    rehomed: set[Moved] = field(default_factory=set)
    holders: Holders = field(init=False)

    def __post_init__(self) -> None:
        self.holders = Holders(self.program, self.openers)

    @cached_property
    def dependencies(self) -> frozenset[Origin]:
        """The functions that FastAPI calls for each request."""
        return dependencies(self.program)

    def decide(self) -> None:
        """Find all openings and judge each; functions that turn out to matter are interpreted, until there are no more."""
        found = [o for o in openings(self.program, self.openers, self.holders) if o.function.module.path in self.wanted]
        heard = listeners(self.program, self.openers)
        patched = Patched(self.program)
        self.moved = [m for m in moved_imports(self.program, patched) if self._may_change(m)]
        for opening in found:
            self.knowledge.require(opening.function)
        for _ in range(8):
            self.knowledge.solve()
            plain = Effects(self.knowledge, self._values())
            own_class = Effects(self.knowledge, plain.kept, RUNNING | {"exec"})
            self.sites = [
                self._judged(opening, own_class if _has_class(opening) else plain, heard, patched) for opening in found
            ]
            fresh = [f for f in (*plain.wanted, *own_class.wanted) if f not in self.knowledge.interpreted]
            if not fresh:
                break
            for function in fresh:
                self.knowledge.schedule(function)

    def _may_change(self, moved: Moved) -> bool:
        skipped = moved.module.source.skipped
        return moved.module.path in self.wanted and not (0 in skipped or moved.node.lineno in skipped)

    def _values(self) -> Mapping[ast.AST, Value]:
        """What every expression of the functions that were followed is, once nothing changes any more."""
        followed = list(self.knowledge.interpreted)
        observed = self.knowledge.observed
        observed.update((function, {}) for function in followed)
        for function in followed:
            interpret(self.knowledge, function)
        kept: dict[ast.AST, Value] = {}
        for function in followed:
            for node, value in observed.pop(function).items():
                kept[node] = join(kept[node], value) if node in kept else value
        return kept

    def _judged(self, opening: Opening, effects: Effects, heard: Listeners, patched: Patched) -> Site:
        site = Site(opening)
        module, opener = opening.function.module, opening.opener
        skipped = module.source.skipped
        if skipped and (
            0 in skipped or any(opening.call.lineno <= n <= (opening.call.end_lineno or 0) for n in skipped)
        ):
            site.refuse("skipped")
            return site
        if opener.problem:
            site.refuse(opener.problem, opener.detail)
            return site
        if opener.target is not None and self._closes_a_circle(module, opener.target):
            site.refuse("import-circle", opener.target.module.path)
            return site
        if (opening.call.args or opening.call.keywords) and opening.rule != "session-engine":
            site.refuse("session-options", ast.unparse(opening.call))
            return site
        if patched.replaced(opening):
            site.refuse("session-patched", patched.replaced(opening))
            return site
        try:
            scope = scope_of(opening, module.source.parents)
            site.plan = judge(effects, scope, heard)
        except NoScope as none:
            site.refuse(none.reason, none.detail)
        except Declined as declined:
            if declined.reason == "session-yielded" and self._is_dependency(opening.function):
                site.refuse("session-dependency")
            else:
                site.refuse(declined.reason, declined.detail, declined.node)
        return site

    def _closes_a_circle(self, module: ModuleFacts, target: Target) -> bool:
        """Whether *module* would import the session module, which imports it in turn, as for the engine."""
        if module is target.module or target.name in module.bindings:
            return False
        return module.path in self.program.graph.loaded(target.module.path)

    def _is_dependency(self, function: FunctionFacts) -> bool:
        return (function.module.path, function.name) in self.dependencies

    # writing -------------------------------------------------------------------------------------------------------

    def written(self) -> dict[str, bytes]:
        """The new content of every file that changes; what turns out not to fit stays, with all that is tied to it."""
        while True:
            self._tie()
            left = self._left()
            changed: dict[str, bytes] = {}
            for module in self._modules():
                new = self._file(module)
                if new is not None and new != module.source.raw:
                    changed[module.path] = new
            if self._left() == left:
                return changed

    def _left(self) -> int:
        return sum(site.plan is None for site in self.sites)

    def _modules(self) -> list[ModuleFacts]:
        found = {site.opening.function.module: None for site in self.sites if site.plan is not None}
        found.update({moved.module: None for moved in self.moved if not moved.problem})
        found.update({function.module: None for held in self._active() for function, _ in held.references})
        return list(found)

    def _active(self) -> list[Held]:
        """The factories under other names that change."""
        return list(
            {id(s.opening.held): s.opening.held for s in self.sites if s.plan is not None and s.opening.held}.values()
        )

    def _tie(self) -> None:
        """All calls of a factory under another name become blocks, or none does."""
        sites = {site.opening.call: site for site in self.sites}
        for held in {id(s.opening.held): s.opening.held for s in self.sites if s.opening.held is not None}.values():
            others = [sites.get(call) for call in held.calls]
            problem = held.problem
            if any(function.module.path not in self.wanted for function, _ in held.references):
                problem = problem or "it is named in a file that is not to be rewritten"
            refused = next((site for site in others if site is None or site.plan is None), held)
            if refused is not held and not problem:
                problem = (
                    f"the session of line {refused.opening.call.lineno} stays"
                    if isinstance(refused, Site)
                    else "it is called elsewhere"
                )
            for site in others:
                if problem and site is not None and site.plan is not None:
                    site.refuse("session-factory-shared", problem)

    def _file(self, module: ModuleFacts) -> bytes | None:
        """The new content of *module*; a site whose rule declines, or whose edits do not fit, is refused."""
        chosen = self._with_own_try(
            [s for s in self.sites if s.plan is not None and s.opening.function.module is module]
        )
        edits = Edits(module.source)
        imports = SessionImports(module, self.program)
        try:
            for site in chosen:
                self._apply(site, edits, imports)
            for held in self._active():
                for function, node in held.references:
                    if function.module is module:
                        imports.replace(edits, function, node, held.opener)
            for moved in self.moved:
                if moved.module is module and not moved.problem:
                    imports.move(moved)
            result = imports.finished(edits)
        except (Conflict, SyntaxError, Refused) as error:
            for site in chosen:
                site.refuse("internal-error", f"{type(error).__name__}: {error}")
            return None
        self.rehomed |= imports.rehomed
        return result

    @staticmethod
    def _with_own_try(sites: list[Site]) -> list[Site]:
        """*sites* without those that share a ``try``: it would become the block of one of them."""
        attempts = Counter(id(s.plan.scope.attempt) for s in sites if s.plan is not None and s.plan.scope.attempt)
        kept: list[Site] = []
        for site in sites:
            if site.plan is not None and attempts[id(site.plan.scope.attempt)] > 1:
                site.refuse("session-not-scoped", "its try is that of another session as well")
            else:
                kept.append(site)
        return kept

    @staticmethod
    def _apply(site: Site, edits: Edits, imports: SessionImports) -> None:
        assert site.plan is not None
        rule = handlers(STAGE)["Opened", site.opening.rule]
        try:
            result = rule.function(Opened(site.opening.function.module.source, edits, imports, site.plan))
        except Refused as declined:
            result = declined.refusal
        except CannotLayOut:
            result = Refusal("session-layout")
        if isinstance(result, Refusal):
            site.refuse(result.reason, result.detail)


def _has_class(opening: Opening) -> bool:
    """Whether the new session is of the class that the legacy one was, such as SQLModel's."""
    return opening.opener.target is not None and "class_" in opening.opener.target.settings.given


def run(
    sources: Mapping[str, bytes],
    source_roots: Sequence[str],
    session_names: Sequence[str],
    targets: frozenset[str],
    say: Callable[[str], None],
) -> Outcome:
    """Decide and apply the stage for *targets* of the program *sources*."""
    outcome = Outcome(STAGE, scanned=len(targets))
    program = Program(sources, source_roots)
    say("following sessions")
    stage = Stage(program, Knowledge(program, session_names), Openers(program), targets)
    stage.decide()
    say("rewriting")
    outcome.changed.update(stage.written())
    texts = {name: text for name, (_, text) in reasons().items()}
    outcome.findings.extend(_finding(site, texts) for site in stage.sites)
    outcome.findings.extend(
        blocking_session(site.opening, texts["blocks-event-loop"])
        for site in stage.sites
        if isinstance(site.opening.function.node, ast.AsyncFunctionDef)
    )
    outcome.findings.extend(moved_import(moved, moved in stage.rehomed, texts["import-stays"]) for moved in stage.moved)
    outcome.problems.extend(sorted(p for p in program.problems.values() if p.path in targets))
    return outcome


def _finding(site: Site, texts: Mapping[str, str]) -> Finding:
    module, opening = site.opening.function.module, site.opening
    line, column = module.source.place(opening.call)
    place = (module.path, line, column, opening.rule)
    if site.reason is None:
        return Finding(*place, "rewritten", None, f"rewritten to one block{_ending(site.plan)}")
    if site.reason == "session-dependency":
        return request_session(opening, texts[site.reason])
    if site.reason == "skipped":
        return Finding(*place, "skipped", None, "left as '# alchemove: skip' asks")
    detail = f" [{site.detail}]" if site.detail else ""
    where = f" (at {module.path}:{site.line})" if site.line not in (0, line) else ""
    return Finding(*place, "refused", site.reason, f"{texts[site.reason]}{detail}{where}")


def _ending(plan: Plan | None) -> str:
    """What is said of a block that keeps its commits, or drops what nobody committed."""
    if plan is None:
        return ""
    if plan.keeps:
        return ", whose commits stay: one at its end would not do the same"
    if not (plan.drops or plan.drops_before or plan.drops_at_end):
        return ""
    return ", which ends as before where nobody commits: discard_uncommitted() throws away what may have been written"
