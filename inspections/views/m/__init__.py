"""The officer's phone: pages under `/m/`, and where its queue sends."""
