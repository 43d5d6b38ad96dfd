"""The audit log, notices, and what is deleted when."""
