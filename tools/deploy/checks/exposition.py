"""Judges the text that a node tells Prometheus: what the format forbids and promtool does not see."""

import re

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
SUFFIXES = ("_bucket", "_sum", "_count")


def labels_of(text: str | None) -> tuple[tuple[str, str], ...]:
    """The labels of a sample in their order; a name that comes twice is refused."""
    text, found = text or "", []
    while text:
        match = LABEL.match(text)
        if not match:
            raise ValueError(f"labels: {text}")
        found.append((match[1], match[2]))
        text = text[match.end():]
    if len({name for name, _ in found}) < len(found):
        raise ValueError(f"a label twice: {found}")
    return tuple(sorted(found))


def judge(text: str) -> tuple[set[str], list[str]]:
    """Gives the names of the series, and what is wrong with the text."""
    problems: list[str] = []
    kinds: dict[str, str] = {}
    seen: set[tuple] = set()
    families: list[str] = []
    buckets: dict[tuple, list[tuple[float, float]]] = {}
    counts: dict[tuple, float] = {}
    names: set[str] = set()
    if not text.endswith("\n"):
        problems.append("the last line has no end")
    for line in text.splitlines():
        if line.startswith("#"):
            _, keyword, name, rest = line.split(" ", 3)
            if keyword == "TYPE":
                if name in kinds:
                    problems.append(f"TYPE twice: {name}")
                kinds[name] = rest
            continue
        sample = SAMPLE.match(line)
        if not sample:
            problems.append(f"no sample: {line}")
            continue
        name, value = sample[1], float(sample[3])
        try:
            labels = labels_of(sample[2])
        except ValueError as error:
            problems.append(f"{name}: {error}")
            continue
        names.add(name)
        family = next((name.removesuffix(end) for end in SUFFIXES
                       if name.endswith(end) and kinds.get(name.removesuffix(end)) == "histogram"), name)
        if family not in kinds:
            problems.append(f"no TYPE before {name}")
        if not families or families[-1] != family:
            if family in families:
                problems.append(f"{family} in two places")
            families.append(family)
        if (name, labels) in seen:
            problems.append(f"twice: {name} {dict(labels)}")
        seen.add((name, labels))
        if kinds.get(family) == "counter" and not name.endswith("_total"):
            problems.append(f"a counter without _total: {name}")
        if family != name and name.endswith("_bucket"):
            bound = float(dict(labels)["le"].replace("+Inf", "inf"))
            rest = tuple(label for label in labels if label[0] != "le")
            buckets.setdefault((family, rest), []).append((bound, value))
        elif family != name and name.endswith("_count"):
            counts[(family, labels)] = value
    for key, pairs in buckets.items():
        if [bound for bound, _ in pairs] != sorted(bound for bound, _ in pairs):
            problems.append(f"buckets out of order: {key}")
        if [value for _, value in pairs] != sorted(value for _, value in pairs):
            problems.append(f"a bucket falls: {key}")
        if pairs[-1] != (float("inf"), counts.get(key)):
            problems.append(f"+Inf is not the count: {key}")
    return names, problems
