"""The shared cache, which may go away without taking the pages with it."""

import logging
import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import TimeoutError as NoAnswer

log = logging.getLogger(__name__)
ASK_AGAIN_AFTER = 5.0  # seconds: until then a Redis that did not answer is not asked
_away_until = 0.0


class SteadyRedisCache(RedisCache):
    """Redis; while it is away, this process's own memory.

    What it holds is never the truth (docs/operations.md), so pages go on. Limits on sign-in are counted by each process
    for itself meanwhile: weaker than shared, and never none. What memory held is forgotten when Redis is back.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._spare = LocMemCache("while-redis-is-away", params)

    def _ask(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        global _away_until  # noqa: PLW0603 - one Redis, known to be away by the whole process
        if time.monotonic() >= _away_until:
            try:
                answer = getattr(super(), operation)(*args, **kwargs)
            except (NotConnected, NoAnswer) as error:
                _away_until = time.monotonic() + ASK_AGAIN_AFTER
                log.warning("The cache does not answer (%s); going on without it.", type(error).__name__)
            else:
                if _away_until:
                    _away_until = 0.0
                    self._spare.clear()
                return answer
        return getattr(self._spare, operation)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete", *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get_many", *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("has_key", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("incr", *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete_many", *args, **kwargs)

    def clear(self) -> Any:
        return self._ask("clear")
