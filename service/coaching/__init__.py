"""What coaches do after a call: notes for the rep, calibration with others, and what waits for them."""
