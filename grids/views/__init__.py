"""Pages of the grid, and of handing one's desk over."""
