"""What decides which synapses a pruning spares: one module each, with a function ``scores``; its name is the choice."""
