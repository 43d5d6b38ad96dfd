"""What an administrator changes while the service runs."""
