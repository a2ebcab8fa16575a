#!/usr/bin/env bash
# dogpile.cache 1.5.0: a cached function called with other arguments returns what it returned for the first ones.
#
# Expected: the documentation of cache_on_arguments() says that the key is made of the function's name and module and
# the arguments passed. Two calls with different arguments are then two entries, as functools.lru_cache of Python and
# aiocache 0.12.3 (@cached) keep them, with no thought given to what the arguments contain.
#
# What happens: the arguments are turned into text and joined by a blank. ("blue mug", "large") and ("blue",
# "mug large") are one key, and so are (1, "1 2"), ("1 1", 2) and ("1", 1, 2). The second caller is given the first
# one's result, as long as that is kept, and invalidate() of one removes the other. Both key generators of the package
# do so, the one for named arguments as well. There is no error, and it takes a blank inside an argument, which the
# names and SKUs of tests rarely have.
#
# For a user: price("T shirt", "red") and price("T", "shirt red"), or a lookup by street and town, answer for another
# article or another customer. Say cache_on_arguments(to_str=repr), which puts quotes round each text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check dogpile.cache==1.5.0 aiocache==0.12.3
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import functools

import aiocache
from dogpile.cache import make_region
from dogpile.cache.util import function_key_generator, kwarg_function_key_generator

calls = [("blue mug", "large"), ("blue", "mug large"), ("T", "shirt red"), ("T shirt", "red"), (1, "1 2"), ("1 1", 2)]


def by_dogpile(generator, to_str=str):
    region = make_region(function_key_generator=generator).configure("dogpile.cache.memory")

    @region.cache_on_arguments(to_str=to_str)
    def article(*words):
        return words

    @region.cache_on_arguments(to_str=to_str)
    def named(product, variant):
        return product, variant

    function = named if generator is kwarg_function_key_generator else article
    answers = [function(*call) for call in calls]
    function.invalidate(*calls[0])
    return answers, function.get(*calls[1])


async def by_aiocache():
    @aiocache.cached()
    async def article(*words):
        return words

    return [await article(*call) for call in calls]


assert list(map(functools.lru_cache(lambda *words: words), *zip(*calls))) == calls
assert asyncio.run(by_aiocache()) == calls
firsts = [call for call in calls[::2] for _ in range(2)]
for generator in (function_key_generator, kwarg_function_key_generator):
    answers, left = by_dogpile(generator)
    for call, answer in zip(calls, answers):
        print(f"{generator.__name__}: asked for {call}, answered for {answer}")
    assert answers == firsts, "the arguments are kept apart now"
    assert not left, "the other entry is still there after invalidate()"
    assert by_dogpile(generator, repr) == (calls, calls[1])
PYTHON
