"""Ways to tell people: view -> bytes. One file per channel; channels do not know each other."""
