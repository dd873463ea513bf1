"""How cases are handled: every step leads somewhere, and none around what the law asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from casework.courses import ADDRESSEES, FACTS, FIRST, KINDS, Course, problems
from publisher.checks.facts import Facts
from publisher.course_files import CourseFile, StatesFile, StepEntry
from publisher.courses import base_of, resolved
from publisher.explain import near
from publisher.office import Office, Problem, Read

_CLOCKS = ("starts", "stops", "pauses", "resumes")


def courses(facts: Facts) -> Iterator[Problem]:
    """States, steps, clocks, facts and papers exist; one course a kind for everybody."""
    office = facts.office
    if office.states is None:
        if office.info.online and not office.courses:
            says = "有网上受理（online），就要写怎样办：content 里缺少 states.yml 和 courses"
            yield office.site.source.problem(says, "online")
        return
    whole = (one for one in office.courses if not _baseless(one, facts))
    files = {one.slug: one for one in whole}
    states = office.states.value
    named = {slug: list(_names(read, files, office, states)) for slug, read in files.items()}
    for slug, read in files.items():
        yield from named[slug]
        base = files.get(read.value.like or slug, read)
        if not named[slug] and not named[base.slug]:
            yield from _whole(read, base, files, states)
    yield from _kinds(office, facts.lost_in("courses"))


def _baseless(read: Read[CourseFile], facts: Facts) -> bool:
    """Whether the course is like one whose file is broken: nothing can be said of it as yet."""
    return read.value.like is not None and facts.lost(f"courses/{read.value.like}")


def _whole(
    read: Read[CourseFile],
    base: Read[CourseFile],
    files: Mapping[str, Read[CourseFile]],
    states: StatesFile,
) -> Iterator[Problem]:
    """What is wrong with a course as a whole. What the usual one has wrong is said once, there."""
    course = resolved(read, files, states)
    usual = _told(resolved(base, files, states)) if base is not read else []
    for loc, says in _told(course):
        if (loc, says) not in usual:
            yield read.source.problem(f"{course.name}：{says}", *loc)


def _told(course: Course) -> list[tuple[tuple[str, ...], str]]:
    found = [(("steps", *([step] if step else [])), says) for step, says in problems(course)]
    return [*_dangling(course), *found]


def _kinds(office: Office, lost: bool) -> Iterator[Problem]:
    """One usual course for each kind, unless it may be ``lost``; an institution follows one."""
    for kind in KINDS:
        usual = [one for one in office.courses if one.value.kind == kind and not one.value.like]
        if not usual and office.states and not lost:
            says = f"content/courses 里缺少 kind: {kind} 的通用办法（没有 like 的）"
            yield office.states.source.problem(says)
        for read in usual[1:]:
            says = f"kind: {kind} 的通用办法只能有一个，{usual[0].source.path} 已经是了"
            yield read.source.problem(says, "kind")
    seen: dict[tuple[str, str], Read[CourseFile]] = {}
    for read in office.courses:
        for index, slug in enumerate(read.value.institutions):
            if slug not in office.institutions:
                says = f"没有编号是“{slug}”的单位{near(slug, office.institutions)}"
                yield read.source.problem(says, "institutions", index)
            elif (first := seen.setdefault((read.value.kind, slug), read)) is not read:
                says = f"“{slug}”已经在 {first.source.path} 里写了怎样办，只能写一处"
                yield read.source.problem(says, "institutions", index)


def _names(
    read: Read[CourseFile],
    files: Mapping[str, Read[CourseFile]],
    office: Office,
    states: StatesFile,
) -> Iterator[Problem]:
    """Everything that is named in the file is there."""
    file, source = read.value, read.source
    try:
        base = base_of(read, files).value
    except KeyError:
        usual = [slug for slug, one in files.items() if one.value.like is None]
        cure = near(file.like or "", usual)
        yield source.problem(f"like 里的“{file.like}”不是通用的办法{cure}", "like")
        return
    if base.kind != file.kind:
        yield source.problem(f"like: {file.like} 的 kind 是 {base.kind}，这里也要写它", "kind")
    for index, name in enumerate(file.without):
        if name not in base.steps:
            says = f"{file.like} 里没有步骤“{name}”，不用写它{near(name, base.steps)}"
            yield source.problem(says, "without", index)
    steps = {*base.steps, *file.steps} - set(file.without)
    papers = {*base.papers, *file.papers}
    clocks = {one.id for one in office.clocks.value.clocks} if office.clocks else set()
    for index, clock in enumerate(file.starts if clocks else ()):
        if clock not in clocks:
            says = f"clocks.yml 里没有期限“{clock}”{near(clock, clocks)}"
            yield source.problem(says, "starts", index)
    for name, step in file.steps.items():
        for field, value, known, what in _references(step, states.states, steps, papers, clocks):
            if value not in known:
                says = f"没有{what}“{value}”{near(value, known)}"
                yield source.problem(says, "steps", name, field)
        if name not in base.steps or name in file.without or file.like is None:
            yield from _complete(read, name, step)


def _references(
    step: StepEntry,
    states: Iterable[str],
    steps: Iterable[str],
    papers: Iterable[str],
    clocks: Iterable[str],
) -> Iterator[tuple[str, str, set[str], str]]:
    """(field, value, what it may be, what it is called)."""
    kinds: tuple[tuple[str, Iterable[str | None], Iterable[str], str], ...] = (
        ("after", step.after, states, "状态"),
        ("to", (step.to,), states, "状态"),
        ("needs", [one.removesuffix("?") for one in step.needs], steps, "步骤"),
        ("clears", step.clears, steps, "步骤"),
        ("before", (step.before,), steps, "步骤"),
        ("awaits", (step.awaits,), steps, "步骤"),
        ("papers", step.papers, papers, "单子"),
        ("brings", step.brings, papers, "单子"),
        ("returned", (step.returned,), papers, "单子"),
        ("asks", [one.removesuffix("?") for one in step.asks], FACTS, "栏目"),
        ("on", (step.on,), [one.id for one in FACTS.values() if one.kind == "date"], "日期栏目"),
    )
    for field, values, known, what in kinds:
        for value in values:
            if value:
                yield field, value, set(known), what
    for field in _CLOCKS if clocks else ():
        for value in getattr(step, field):
            yield field, value, set(clocks), "期限"
    if clocks and step.late:
        yield "late", step.late, set(clocks), "期限"


def _complete(read: Read[CourseFile], name: str, step: StepEntry) -> Iterator[Problem]:
    """A step of its own says what it is called, when it may be done and by whom."""
    for field, words in (("name", "叫什么"), ("after", "在哪些状态可以做"), ("by", "谁做")):
        if not getattr(step, field):
            yield read.source.problem(f"步骤“{name}”要写 {field}（{words}）", "steps", name)


def _dangling(course: Course) -> Iterator[tuple[tuple[str, ...], str]]:
    """Facts that are read but never asked, steps that were left out, copies to nobody."""
    for step in course.steps.values():
        asked = {one.removesuffix("?") for one in step.asks}
        loc = ("steps", step.id)
        if step.on and step.on not in asked:
            yield loc, f"“{step.name}”的 on: {step.on} 没有地方填，asks 里也要写 {step.on}"
        if step.awaits and not asked & {"due", "promised"}:
            yield loc, f"“{step.name}”写了 awaits，asks 里要有 due 或者 promised"
        waited = {*step.needed, *step.clears, *filter(None, [step.awaits])}
        for one in sorted(waited - course.steps.keys()):
            yield loc, f"“{step.name}”等着的“{one}”这里没有了，请改 needs、clears 或者 awaits"
        if step.remedy and "remedy" not in asked:
            yield loc, f"“{step.name}”的 remedy 没有地方填，asks 里也要写 remedy"
    for papers in course.papers.values():
        for copy in papers.copies:
            if copy.to.isascii() and copy.to not in ADDRESSEES:
                says = f"“{papers.name}”的 to: {copy.to} 不是谁"
                cure = "写 petitioner、unit、leader、incharge、stub，或者写职务"
                yield ("papers", papers.id), f"{says}：{cure}"
    if FIRST not in {state for step in course.steps.values() for state in step.after}:
        yield ("steps",), "没有一步是从 received（已收到）开始的"
