"""What people say about drafts: accepted, overridden, contested."""
