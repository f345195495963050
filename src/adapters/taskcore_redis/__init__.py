"""What processes share through Redis, or a server that speaks as it does, such as Valkey; never the truth."""

from taskcore_redis.limiter import RedisLimiter, open_limiter

__all__ = ["RedisLimiter", "open_limiter"]
