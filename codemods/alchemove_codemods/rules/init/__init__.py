"""The rule of ``alchemove init``."""
