"""What makes any fake a fake: contract, serving, spaces, clock, journal, control plane."""
