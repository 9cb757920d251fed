"""Non-negative factorisation of responses with a free shift over directions, and the fit of units by it."""
