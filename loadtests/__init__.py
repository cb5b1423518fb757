"""Load and micro-benchmarks; every figure that the README quotes comes from a command here."""
