"""Digests in words, for pages and files; see `inspections.papers`."""

from inspections.papers import Paper, Picture, changes_of, issue_text, paper_of, title_of

__all__ = ["Paper", "Picture", "changes_of", "issue_text", "paper_of", "title_of"]
