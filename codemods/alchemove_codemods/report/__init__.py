"""Forms of a report. Each module turns an outcome into text; only the command line prints it."""
