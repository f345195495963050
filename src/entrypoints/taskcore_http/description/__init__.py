"""The service's own description: OpenAPI 3.1, made from what the routes say about themselves, and AsyncAPI 3.0."""

from taskcore_http.description.asyncapi import asyncapi
from taskcore_http.description.examples import EXAMPLES
from taskcore_http.description.openapi import document

__all__ = ["EXAMPLES", "asyncapi", "document"]
