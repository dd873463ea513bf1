"""Where the form service is: an address that is free and allowed, and something to link to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from publisher.checks.facts import Facts
from publisher.checks.references import foreign, web_host
from publisher.model import Site
from publisher.office import Problem, Read


def booking(facts: Facts) -> Iterator[Problem]:
    """Rules that promise booking online, where no page can link to it."""
    office = facts.office
    missing = ""
    if office.info.online is None:
        missing = "site.yml 没有写 online（网上办理）"
    elif all(form.value.course != "appointment" for form in office.forms):
        missing = "forms 里没有预约的表（course: appointment）"
    if not missing or facts.lost_in("forms"):
        return
    for institution in office.institutions.values():
        for index, rule in enumerate(institution.info.rules):
            over = rule.until is not None and rule.until < facts.today
            if rule.booking and "网上" in rule.booking.by and not over:
                says = f"写了可以网上预约，可是 {missing}，网页上没有预约的链接"
                loc = ("rules", index, "booking", "by")
                yield institution.file.source.problem(says, *loc, warning=True)


def address(facts: Facts) -> Iterator[Problem]:
    """A service on another host: only one that staff listed."""
    site = facts.office.site
    online = site.value.online
    hosts = {*site.value.hosts, web_host(site.value.url), web_host(site.value.portal.url)}
    if online and ":" in online.url and web_host(online.url) not in hosts:
        yield site.source.problem(foreign(online.url), "online", "url")


def check_online(site: Read[Site], paths: Iterable[str]) -> Iterator[Problem]:
    """A service below an address of the site's own pages and files could never be reached.

    ``paths``: all paths below the site's root, as for ``check_links``.
    """
    online = site.value.online
    taken = {path.partition("/")[0] for path in paths if "/" in path} | {"data", "assets", "print"}
    if online and online.url.partition("/")[0] in taken:
        says = f"“{online.url}”是本站自己的网页，网上办理请换一个地址，例如 online/"
        yield site.source.problem(says, "online", "url")
