"""Word templates: their fields, what may stand in them, how they are checked and rendered."""
