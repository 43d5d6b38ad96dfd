"""What a person may take away: everything the service holds about them."""
