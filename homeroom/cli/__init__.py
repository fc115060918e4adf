"""The command line: a module per verb family; parse, call, print, no logic."""
