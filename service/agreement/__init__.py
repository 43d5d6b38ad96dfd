"""Whether people and drafts agree, measured on blind reads, and what follows where they do not."""
