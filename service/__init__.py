"""What people touch: the command line, and the path of a recording."""
