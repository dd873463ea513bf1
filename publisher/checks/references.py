"""Names and ids: each one written somewhere must be known, and known only once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from casework.workdays import clock
from publisher.calendar import rule_of
from publisher.checks.facts import Facts, Month
from publisher.explain import near
from publisher.glossary import label
from publisher.model import Rule, SessionEntry
from publisher.office import Institution, Problem, Source
from publisher.parse import Loc


def repeated(
    source: Source, words: Iterable[tuple[str, Loc]], what: str, cure: str
) -> Iterator[Problem]:
    """A problem for each word that stands twice."""
    seen: dict[str, Loc] = {}
    for word, loc in words:
        if word in seen:
            line = source.line(*seen[word])
            yield source.problem(f"{what}“{word}”重复：第{line}行已经有了，{cure}", *loc)
        else:
            seen[word] = loc


def people(facts: Facts) -> Iterator[Problem]:
    """Ids and names of people, once each."""
    for institution in facts.office.institutions.values():
        source = institution.people_source
        everyone = list(enumerate(institution.people))
        ids = [(person.id, ("people", i, "id")) for i, person in everyone]
        names = [(person.name, ("people", i, "name")) for i, person in everyone]
        yield from repeated(source, ids, "人员编号", "请换一个")
        yield from repeated(
            source, names, "姓名", "请删去一个；确是同名的，加上区别，例如“王芳（教育）”"
        )


def institutions(facts: Facts) -> Iterator[Problem]:
    """Parents that exist and don't run in a circle; the institution of the home page."""
    known = facts.office.institutions
    primary = facts.office.info.primary
    if primary not in known:
        says = f"institutions 里没有“{primary}”这个单位{near(primary, known)}"
        yield facts.office.site.source.problem(says, "primary")
    for slug, institution in known.items():
        parent = institution.info.parent
        source = institution.file.source
        if parent is None:
            continue
        if parent not in known:
            says = f"institutions 里没有“{parent}”这个单位{near(parent, known)}"
            yield source.problem(says, "parent")
        elif circle := _circle(facts, slug):
            says = f"上级单位绕成了圈：{' → '.join(circle)}，请改正其中一个"
            yield source.problem(says, "parent")


def _circle(facts: Facts, slug: str) -> list[str]:
    """The way from an institution up to itself again, told once for each circle."""
    way = [slug]
    while True:
        institution = facts.office.institutions.get(way[-1])
        parent = institution.info.parent if institution else None
        if parent is None or parent in way[1:]:
            return []
        way.append(parent)
        if parent == slug:
            return way if slug == min(way) else []


def rules(facts: Facts) -> Iterator[Problem]:
    """Places, rules and the people that rules name."""
    for institution in facts.office.institutions.values():
        source = institution.file.source
        info = institution.info
        places = [(place.id, ("places", i, "id")) for i, place in enumerate(info.places)]
        ids = [(rule.id, ("rules", i, "id")) for i, rule in enumerate(info.rules)]
        yield from repeated(source, places, "地点编号", "请换一个")
        yield from repeated(source, ids, "规则编号", "请换一个")
        for index, rule in enumerate(info.rules):
            loc = ("rules", index, "places")
            yield from _places(source, institution, rule.places, loc)
            yield from _rule_people(institution, rule, index)


def _rule_people(institution: Institution, rule: Rule, index: int) -> Iterator[Problem]:
    source = institution.file.source
    here: Loc = ("rules", index)
    for field, names in (("rota", rule.rota), ("must_sit", rule.must_sit)):
        words = [(name, (*here, field, i)) for i, name in enumerate(names)]
        yield from repeated(source, words, f"{label(Rule, field)}里的姓名", "请删去一个")
        for name, loc in words:
            yield from _rule_person(institution, name, field, loc)
    for absent, stand_in in rule.substitutes.items():
        loc = (*here, "substitutes", absent)
        for name in (absent, stand_in):
            yield from _rule_person(institution, name, "substitutes", loc)
        if absent == stand_in:
            yield source.problem(f"“{absent}”不能自己代自己，请另写一位", *loc)
    if rule.substitute:
        loc = (*here, "substitute")
        yield from _rule_person(institution, rule.substitute, "substitute", loc)


def _rule_person(institution: Institution, name: str, field: str, loc: Loc) -> Iterator[Problem]:
    source = institution.file.source
    where = label(Rule, field)
    person = institution.by_name.get(name)
    if person is None:
        yield source.problem(f"{where}里没有“{name}”这个人{_unregistered(institution, name)}", *loc)
    elif not person.receives:
        yield source.problem(
            f"{where}里的“{name}”在 people.yml 里写了 receives: false（只陪同）", *loc
        )


def _unregistered(institution: Institution, name: str) -> str:
    """The near miss, and where people are registered."""
    if "、" in name or "，" in name or "," in name:
        return "：几个人要分开写，用英文逗号隔开，例如 [王芳, 李明]"
    return f"{near(name, institution.by_name)}（people.yml 里没有登记）"


def _places(
    source: Source, institution: Institution, ids: Iterable[str], loc: Loc
) -> Iterator[Problem]:
    known = [place.id for place in institution.info.places]
    for index, place in enumerate(ids):
        if place not in known:
            cure = near(place, known) or f"，这里有：{'、'.join(known)}"
            yield source.problem(f"institution.yml 里没有编号为“{place}”的地点{cure}", *loc, index)


def rosters(facts: Facts) -> Iterator[Problem]:
    """People, places and rules that sessions, changes and skips name."""
    for month in facts.months:
        for index, entry in enumerate(month.roster.sessions):
            yield from _entry(month, entry, ("sessions", index))
        for index, change in enumerate(month.roster.changes):
            loc: Loc = ("changes", index)
            yield from _receiving(month, change.leaders, (*loc, "leaders"))
            yield from _places(
                month.read.source, month.institution, change.places, (*loc, "places")
            )
            if change.added:
                yield from _entry(month, change.added, (*loc, "added"))
        for index, skip in enumerate(month.roster.skips):
            if skip.rule:
                yield from _known_rule(month, skip.rule, ("skips", index, "rule"))


def _entry(month: Month, entry: SessionEntry, loc: Loc) -> Iterator[Problem]:
    institution = month.institution
    rule = rule_of(institution, entry)
    if rule and len(rule.times) > 1 and not entry.time:
        choices = "、".join(f"{clock(span.start)}-{clock(span.end)}" for span in rule.times)
        yield month.problem(f"“{rule.name}”一天有几场，请写 time（时间）：{choices}", *loc)
    if rule and len(rule.places) > 1 and rule.place_order == "轮流" and not entry.places:
        choices = "、".join(rule.places)
        says = f"“{rule.name}”的地点是轮流的，请写 places（地点），可以写：{choices}"
        yield month.problem(says, *loc)
    yield from _receiving(month, entry.leaders, (*loc, "leaders"))
    for index, name in enumerate(entry.companions):
        if name not in institution.by_name:
            says = f"{month.title}安排里没有“{name}”这个人{_unregistered(institution, name)}"
            yield month.problem(says, *loc, "companions", index)
    yield from _places(month.read.source, institution, entry.places, (*loc, "places"))
    if entry.rule:
        yield from _known_rule(month, entry.rule, (*loc, "rule"))
        return
    named = list(dict.fromkeys(rule.id for rule in institution.info.rules if rule.named))
    if len(named) > 1:
        says = f"这个单位有几条接访规则，请写 rule: 是哪一条，可以写：{'、'.join(named)}"
        yield month.problem(says, *loc)
    elif not named and not entry.time:
        yield month.problem("这个单位没有由领导接访的规则，请写 time（时间）", *loc)


def _receiving(month: Month, names: tuple[str, ...], loc: Loc) -> Iterator[Problem]:
    """Leaders of a session: registered, receiving, and each named once."""
    words = [(name, (*loc, index)) for index, name in enumerate(names)]
    yield from repeated(month.read.source, words, "这一场的接访领导", "请删去一个")
    for name, here in words:
        person = month.institution.by_name.get(name)
        if person is None:
            cure = _unregistered(month.institution, name)
            yield month.problem(f"{month.title}安排里没有“{name}”这个人{cure}", *here)
        elif not person.receives:
            says = f"“{name}”在 people.yml 里写了 receives: false（只陪同），请写在 companions 里"
            yield month.problem(says, *here)


def _known_rule(month: Month, rule: str, loc: Loc) -> Iterator[Problem]:
    known = month.institution.by_rule
    if rule not in known:
        cure = near(rule, known) or f"，这里有：{'、'.join(known)}"
        yield month.problem(f"institution.yml 里没有编号为“{rule}”的规则{cure}", *loc)


def matters(facts: Facts) -> Iterator[Problem]:
    """Each matter leads to an institution, a procedure and a leader that exist."""
    office, source = facts.office, facts.office.matters_source
    ids = [(matter.id, ("matters", i, "id")) for i, matter in enumerate(office.matters)]
    yield from repeated(source, ids, "事项编号", "请换一个")
    procedures = [document.slug for document in office.procedures]
    for index, matter in enumerate(office.matters):
        loc: Loc = ("matters", index)
        known = matter.procedure in procedures or facts.lost(f"procedures/{matter.procedure}")
        if matter.procedure and not known:
            says = f"procedures 里没有“{matter.procedure}”{near(matter.procedure, procedures)}"
            yield source.problem(says, *loc, "procedure")
        if matter.litigation and not matter.procedure:
            yield source.problem("涉法涉诉的事项须写 procedure（办理流程），告诉群众怎么走", *loc)
        slug = matter.institution or office.info.primary
        institution = office.institutions.get(slug)
        if institution is None:
            if matter.institution:
                says = f"institutions 里没有“{slug}”这个单位{near(slug, office.institutions)}"
                yield source.problem(says, *loc, "institution")
        elif matter.portfolio:
            yield from _portfolio(facts, institution, matter.portfolio, (*loc, "portfolio"))


def _portfolio(
    facts: Facts, institution: Institution, portfolio: str, loc: Loc
) -> Iterator[Problem]:
    serving = [
        person
        for person in institution.people
        if person.receives and (person.until is None or person.until >= facts.today)
    ]
    held = {part for person in serving for part in person.portfolio_on(facts.today)}
    if portfolio not in held:
        cure = near(portfolio, sorted(held)) or "；请写与 people.yml 里 portfolio 相同的字"
        says = f"{institution.info.short}里没有人分管“{portfolio}”{cure}"
        yield facts.office.matters_source.problem(says, *loc)


def documents(facts: Facts) -> Iterator[Problem]:
    """The institution that a notice or a regulation is of."""
    known = facts.office.institutions
    named: list[tuple[Source, str | None]] = [
        *((one.source, one.meta.institution) for one in facts.office.regulations),
        *((one.source, one.meta.institution) for one in facts.office.notices),
    ]
    for source, slug in named:
        if slug and slug not in known:
            says = f"institutions 里没有“{slug}”这个单位{near(slug, known)}"
            yield source.problem(says, "institution")


def addresses(facts: Facts) -> Iterator[Problem]:
    """Addresses of the web that pages link to: http(s), and only to hosts that staff listed."""
    site = facts.office.site
    info = site.value
    for loc, url in ((("url",), info.url), (("portal", "url"), info.portal.url)):
        if not web_host(url):
            yield site.source.problem("网址应以 https:// 开头，例如 https://www.example.cn/", *loc)
    if not info.url.endswith("/"):
        yield site.source.problem("网站地址末尾要有斜杠“/”", "url")
    hosts = {*info.hosts, web_host(info.url), web_host(info.portal.url)}
    for document in facts.office.regulations:
        official = document.meta.official_url
        if official and web_host(official) not in hosts:
            yield document.source.problem(foreign(official), "official_url")
    if ":" in info.contact.online and web_host(info.contact.online) not in hosts:
        yield site.source.problem(foreign(info.contact.online), "contact", "online")


def web_host(url: str) -> str | None:
    """Host of a web address; None when it isn't one."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    plain = parts.scheme in ("http", "https") and parts.username is None
    return host if plain and host and not any(c.isspace() for c in url) else None


def foreign(url: str) -> str:
    host = web_host(url)
    if host is None:
        return f"“{url[:60]}”不是网址，应以 https:// 开头"
    return f"网站“{host}”不在可以链接的网站里：确要链接的，请把它加到 site.yml 的 hosts"
