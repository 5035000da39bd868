"""The rules, one file each, by stage."""
