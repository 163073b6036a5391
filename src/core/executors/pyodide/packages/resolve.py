"""Chooses wheels for Pyodide.

Runs in an interpreter that is there for nothing else and reaches no network: the host answers what it asks. Which wheels
fit is micropip's to say.
"""

import asyncio
import email
import importlib.metadata
import pathlib
import sys
from dataclasses import dataclass, field

# Each conflict is learned from once; a tangle that needs more is better untangled by a person.
MOST_ATTEMPTS = 100


@dataclass(frozen=True)
class Want:
    """A package that somebody needs."""

    requirement: object
    needed_by: str  # Empty: whoever asked for the installation.

    @property
    def name(self):
        return canonicalize_name(self.requirement.name)

    def allows(self, version):
        return self.requirement.specifier.contains(version, prereleases=True)


@dataclass
class Choice:
    """The version of a package that is to be there."""

    name: str
    version: object
    needs: list  # Requirements, with markers that say for which extra they are.
    wheel: object = None
    is_locked: bool = False


class Conflict(Exception):
    """A package was chosen in a version that another one can't use."""

    def __init__(self, want):
        self.want = want


class Unfit(Exception):
    """A wheel turned out to be for other versions of Python."""

    def __init__(self, url):
        self.url = url


class Unresolvable(Exception):
    """There is no set of wheels; the host puts it into words."""

    def __init__(self, problem, wants):
        self.report = {
            "problem": problem,
            "name": wants[0].name,
            "wanted": [{"requirement": str(want.requirement), "needed_by": want.needed_by} for want in wants],
        }


@dataclass
class Project:
    """What the index has of a package."""

    releases: dict  # Wheels that fit by version.
    versions: list  # All there are, whether or not a wheel of them fits.


@dataclass
class Resolver:
    host: object
    locked: dict  # Pyodide's own packages by name.
    upgraded: set  # Names of packages of which the newest version is wanted.
    projects: dict = field(default_factory=dict)
    metadata: dict = field(default_factory=dict)
    learned: dict = field(default_factory=dict)
    unfit: set = field(default_factory=set)

    async def resolve(self, wants):
        for _ in range(MOST_ATTEMPTS):
            try:
                return await self.attempt(wants)
            except Conflict as conflict:
                known = self.learned.setdefault(conflict.want.name, [])
                if conflict.want in known:
                    raise Unresolvable("conflict", known)
                known.append(conflict.want)
            except Unfit as unfit:
                self.unfit.add(unfit.url)
        raise Unresolvable("conflict", wants)

    async def attempt(self, wants):
        chosen = {}
        followed = set()
        while wants:
            wants = [want for want in wants if self.applies(want.requirement.marker, "")]
            grouped = {}
            for want in wants:
                grouped.setdefault(want.name, []).append(want)
            fresh = [name for name in grouped if name not in chosen]
            await asyncio.gather(*(self.ask(name, grouped[name]) for name in fresh))
            for name in fresh:
                chosen[name] = self.choose(name, grouped[name])
            await asyncio.gather(*(self.read_needs(chosen[name]) for name in fresh))
            following = []
            for want in wants:
                choice = chosen[want.name]
                if not want.allows(choice.version):
                    raise Conflict(want)
                for extra in ("", *want.requirement.extras):
                    if (want.name, extra) not in followed:
                        followed.add((want.name, extra))
                        following.extend(self.needs_of(choice, extra))
            wants = following
        return chosen.values()

    def needs_of(self, choice, extra):
        for need in choice.needs:
            if self.applies(need.marker, extra):
                # Answered here: whoever reads it next knows of no extra.
                plain = Requirement(str(need))
                plain.marker = None
                yield Want(plain, choice.name)

    def applies(self, marker, extra):
        return marker is None or marker.evaluate({"extra": extra})

    async def ask(self, name, wants):
        """Get what the index has of a package, where that plays a part."""
        if name in self.projects or self.installed(name, self.all_wants(name, wants)):
            return
        answer, _ = await self.host.call_async("resolver.project", {"name": name})
        if answer is None:
            self.projects[name] = None
            return
        versions = [version for text in answer.pop("versions") if (version := parse_version(text))]
        info = ProjectInfo.from_simple_json_api(answer)
        releases = {version: list(wheels) for version, wheels in info.releases.items()}
        self.projects[name] = Project(releases, versions)

    def all_wants(self, name, wants):
        return [*wants, *self.learned.get(name, ())]

    def installed(self, name, wants):
        """The version that is there, if it will do."""
        if name in self.upgraded:
            return None
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            return None
        version = parse_version(found.version)
        if version is None or not all(want.allows(version) for want in wants):
            return None
        return Choice(name, version, [Requirement(text) for text in found.requires or ()])

    def choose(self, name, wants):
        wants = self.all_wants(name, wants)
        installed = self.installed(name, wants)
        if installed:
            return installed
        project = self.projects[name]
        specifier = SpecifierSet()
        for want in wants:
            specifier &= want.requirement.specifier
        wheel = self.best_wheel(project, specifier) if project else None
        locked = self.locked.get(name)
        if locked and specifier.contains(locked["version"], prereleases=True):
            version = Version(locked["version"])
            if wheel is None or wheel.version < version:
                return Choice(name, version, [Requirement(need) for need in locked["depends"]], is_locked=True)
        if wheel:
            return Choice(name, wheel.version, [], wheel)
        if project is None:
            raise Unresolvable("missing", wants)
        matching = [version for version in project.versions if specifier.contains(version, prereleases=True)]
        if matching:
            raise Unresolvable("wheel", wants)
        raise Unresolvable("version" if len(wants) == 1 else "conflict", wants)

    def best_wheel(self, project, specifier):
        is_pinned = any(part.operator in ("==", "===") for part in specifier)
        releases = {
            version: [
                wheel
                for wheel in wheels
                if wheel.url not in self.unfit and (is_pinned or not wheel.yanked) and wheel.best_tag_index is not None
            ]
            for version, wheels in project.releases.items()
        }
        fitting = [version for version, wheels in releases.items() if wheels]
        for version in sorted(specifier.filter(fitting), reverse=True):
            return min(releases[version], key=lambda wheel: (wheel.yanked, wheel.best_tag_index))
        return None

    async def read_needs(self, choice):
        wheel = choice.wheel
        if wheel is None:
            return
        if wheel.url not in self.metadata:
            text, _ = await self.host.call_async("resolver.metadata", {"url": wheel.url})
            self.metadata[wheel.url] = email.message_from_string(text)
        metadata = self.metadata[wheel.url]
        python = metadata.get("Requires-Python")
        if python and not SpecifierSet(python).contains(".".join(map(str, sys.version_info[:3]))):
            raise Unfit(wheel.url)
        choice.needs = [Requirement(text) for text in metadata.get_all("Requires-Dist", ())]


def parse_version(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


def is_installed(choice):
    try:
        return parse_version(importlib.metadata.version(choice.name)) == choice.version
    except importlib.metadata.PackageNotFoundError:
        return False


async def plan(request, host, lock):
    wants = [Want(Requirement(text), "") for text in request["requirements"]]
    resolver = Resolver(host, lock, {want.name for want in wants} if request["upgrade"] else set())
    for text in request["constraints"]:
        constraint = Want(Requirement(text), "the constraints")
        if resolver.applies(constraint.requirement.marker, ""):
            resolver.learned.setdefault(constraint.name, []).append(constraint)
    try:
        chosen = await resolver.resolve(wants)
    except Unresolvable as error:
        return error.report
    new = [choice for choice in chosen if (choice.wheel or choice.is_locked) and not is_installed(choice)]
    return {
        "wheels": [
            {"name": choice.name, "version": str(choice.version), "url": choice.wheel.url}
            for choice in new
            if choice.wheel
        ],
        "locked": [choice.name for choice in new if choice.is_locked],
        "locked_url": pyodide_js._api.config.cdnUrl,
    }


# The line to the host that the namespaces have; nobody else uses it here.
host = deps._host
request, (archive,) = await host.call_async("resolver.request", {})
pathlib.Path("/tmp/micropip.zip").write_bytes(archive)
sys.path.insert(0, "/tmp/micropip.zip")

import pyodide_js
from micropip._compat import LOCKFILE_PACKAGES
from micropip._vendored.packaging.src.packaging.requirements import Requirement
from micropip._vendored.packaging.src.packaging.specifiers import SpecifierSet
from micropip._vendored.packaging.src.packaging.utils import canonicalize_name
from micropip._vendored.packaging.src.packaging.version import InvalidVersion, Version
from micropip.package_index import ProjectInfo

await plan(request, host, LOCKFILE_PACKAGES)
