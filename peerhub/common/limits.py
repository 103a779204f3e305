"""How often somebody may try: counted in the shared cache, before the try, so that many at once are many.

A limit is a guess-stopper, not a fact: it may forget (a cache may), and is never what a rule rests on.
"""

from django.core.cache import cache


def tries(name: str, *, seconds: int) -> int:
    """Count one more try of `name` and return how many there were in the present span of `seconds`."""
    key = f"tries:{name}"
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:  # forgotten between the two
        cache.set(key, 1, seconds)
        return 1


def tried(name: str) -> int:
    """How many tries of `name` there were in the present span."""
    return int(cache.get(f"tries:{name}", 0))
