"""What people are told about their recordings, and that they have read it."""
