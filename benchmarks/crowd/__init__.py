"""People at a server: who they are, what they do, and what their doing costs the machine."""
