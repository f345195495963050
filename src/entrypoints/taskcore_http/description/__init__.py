"""The service's own description (OpenAPI 3.1), made from what the routes say about themselves."""

from taskcore_http.description.examples import EXAMPLES
from taskcore_http.description.openapi import document

__all__ = ["EXAMPLES", "document"]
