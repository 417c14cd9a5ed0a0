"""Documents in words: the same paper for the page, the Word file and the group. No statements.

A kind has a module that makes its parts from frozen figures; `building` puts head, pictures and
foot around them and lays over them what people changed.
"""

from inspections.papers.building import paper_of
from inspections.papers.shapes import Change, Paper, Picture
from inspections.papers.words import changes_of, issue_text, title_of

__all__ = ["Change", "Paper", "Picture", "changes_of", "issue_text", "paper_of", "title_of"]
