"""What happens, told while it happens: a team's log over WebSocket (RFC 6455) and as server-sent events (WHATWG HTML)."""
