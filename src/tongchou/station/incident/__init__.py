"""The incident desk: orders, tasks, findings, forms (G1)."""
