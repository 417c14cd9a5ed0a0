"""What a dashboard shows: figures with their addresses, charts with their tables, the map.

Made from `inspections.facts` alone; asks no statement.
"""
