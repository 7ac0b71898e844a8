"""The REST API: tokens, one error shape, idempotency, ETags."""
