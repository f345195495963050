"""What processes share through Redis, or a server that speaks as it does, such as Valkey; never the truth."""

from taskcore_redis.bus import RedisBus, open_bus
from taskcore_redis.limiter import RedisLimiter, open_limiter

__all__ = ["RedisBus", "RedisLimiter", "open_bus", "open_limiter"]
